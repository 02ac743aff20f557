package datastore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestGuessedNames tries names of entries, each in all the ways in which an answer could
// tell whether there is such an entry: it tells of c, which is hidden, what it tells of x,
// which is nowhere, and something else of a, which the user may read.
func TestGuessedNames(t *testing.T) {
	s := dstest.Schema(t, twinUse)
	parsed := func(text string) *edit.Edit { return edit.FromTree(instance.JSON(t, s, text), edit.Merge) }
	next := func(name string) *edit.Edit {
		return parsed(`{"twin:box":{"item":[{"name":"a","next":"` + name + `"}]}}`)
	}
	test := func(o datastore.TestOption) func(*datastore.Session, string) error {
		return func(x *datastore.Session, name string) error {
			return x.Edit(ctx, datastore.Candidate, next(name), datastore.EditOptions{Test: o})
		}
	}
	for _, c := range []struct {
		way string
		try func(x *datastore.Session, name string) error
	}{
		{"validate", func(x *datastore.Session, name string) error {
			if err := x.Edit(ctx, datastore.Candidate, next(name), datastore.EditOptions{}); err != nil {
				t.Error(err)
			}
			return x.Validate(ctx, datastore.Candidate)
		}},
		{"test-then-set", test(datastore.TestThenSet)},
		{"test-only", test(datastore.TestOnly)},
		{"a dry run that something else is wrong with", func(x *datastore.Session, name string) error {
			e := parsed(`{"twin:box":{"secret":"z","item":[{"name":"a","next":"` + name + `"}]}}`)
			return rpcerr.Join(x.TryEdit(ctx, e, datastore.EditOptions{}).Errors)
		}},
		{"the input of an operation", func(x *datastore.Session, name string) error {
			pick := s.RPC("twin", "pick")
			m := tree.New(pick.Input()).Mutate()
			v, err := pick.Input().Data[0].Type.Parse(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			m.SetLeaf(pick.Input().Data[0], v)
			_, err = x.Call(ctx, pick, m.Done())
			return err
		}},
		{"insert", func(x *datastore.Session, name string) error {
			e := parsed(`{"twin:box":{"step":[{"name":"v"}]}}`)
			step := s.Find("/twin:box/step")
			v, err := step.Keys[0].Type.Parse(map[string]string{"a": "t", "c": "u", "x": "w"}[name], nil)
			if err != nil {
				t.Fatal(err)
			}
			n := e.Root.Children[0].Content.First(step)
			e.Root.Children[0] = &edit.Node{Schema: s.Find("/twin:box"), Op: edit.Merge, Children: []*edit.Node{{
				Schema: step, Op: edit.Merge, Keys: n.KeyValues(), Content: n,
				Pos: &tree.Position{Where: tree.After, Anchor: tree.KeyOf([]yang.Value{v}...)},
			}}}
			return x.Edit(ctx, datastore.Running, e, datastore.EditOptions{})
		}},
	} {
		t.Run(c.way, func(t *testing.T) {
			got := map[string]string{}
			for _, name := range []string{"a", "c", "x"} {
				x := twin(t, s, `{"item":[{"name":"a"},{"name":"c"}],"step":[{"name":"t"},{"name":"u"}]}`)
				got[name] = strings.ReplaceAll(fmt.Sprintf("%+v", c.try(x, name)), `"`+name+`"`, "NAME")
			}
			if got["c"] != got["x"] || got["a"] == got["x"] {
				t.Errorf("readable: %s\nhidden: %s\nnowhere: %s", got["a"], got["c"], got["x"])
			}
		})
	}
}
