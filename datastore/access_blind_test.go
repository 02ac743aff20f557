package datastore_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const twinUse = `module twin { yang-version 1.1; namespace "urn:twin"; prefix t;
  import ietf-netconf-acm { prefix nacm; }
  augment /nacm:nacm { leaf note { type string; } }
  container box {
    list item { key name; unique tag; leaf name { type string; } leaf size { type uint8; } leaf tag { type string; }
      leaf next { type leafref { path "../../item/name"; } }
      leaf at { type instance-identifier; } leaf-list mark { type string; } container in { presence "in"; leaf x { type string; } } }
    leaf secret { type string; } leaf hint { type leafref { path "../item/name"; } }
    list step { key name; ordered-by user; leaf name { type string; } }
  }
  rpc pick { input { leaf item { type leafref { path "/t:box/t:item/t:name"; } } } } }`

// twinRules let u read and change item a and make b; secret can be neither read nor
// changed, of c the size can be changed.
const twinRules = `"ietf-netconf-acm:nacm":{"write-default":"deny","groups":{"group":[{"name":"g","user-name":["u"]}]},
  "rule-list":[{"name":"l","group":["g"],"rule":[
    {"name":"a","path":"/twin:box/item[name='a']","action":"permit"}, {"name":"b","path":"/twin:box/item[name='b']","action":"permit"},
    {"name":"h","path":"/twin:box/hint","action":"permit"},
    {"name":"t","path":"/twin:box/step[name='t']","action":"permit"}, {"name":"v","path":"/twin:box/step[name='v']","action":"permit"},
    {"name":"p","path":"/twin:box/step","action":"deny"},
    {"name":"i","path":"/twin:box/item","action":"deny"}, {"name":"s","path":"/twin:box/secret","action":"deny"}]}]}`

// twin is a store of its own for u.
func twin(t testing.TB, s *yang.Schema, box string) *datastore.Session {
	t.Helper()
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(t, s, `{"twin:box":`+box+","+twinRules+"}"), nil }); err != nil {
		t.Fatal(err)
	}
	x := store.NewSession(datastore.User{Name: "u"}, datastore.Source{})
	t.Cleanup(x.Close)
	return x
}

// TestEditsTellNothing makes the same random edits in a store that has what the user may
// not see, and in one that has not: they end alike, with the same errors, and leave what
// the user sees alike.
func TestEditsTellNothing(t *testing.T) {
	s := dstest.Schema(t, twinUse)
	with := twin(t, s, `{"item":[{"name":"a","size":1},{"name":"c","size":3,"next":"d","mark":["m"],"in":{"x":"x"}},{"name":"d"}],"secret":"s"}`)
	without := twin(t, s, `{"item":[{"name":"a","size":1}]}`)
	box, item := s.Find("/twin:box"), s.Find("/twin:box/item")
	value := func(n *yang.Node, text string) yang.Value {
		v, err := n.Type.Parse(text, yang.JSONResolver{Schema: s, Default: "twin"})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	op := rapid.SampledFrom([]edit.Op{edit.Merge, edit.Merge, edit.Replace, edit.Create, edit.Delete, edit.Remove, edit.None})
	name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
	made := 0
	rapid.Check(t, func(t *rapid.T) {
		leaf := func(parent *yang.Node, of, text string) *edit.Node {
			n := parent.Child("twin", of)
			return &edit.Node{Schema: n, Op: op.Draw(t, "op"), Value: value(n, text)}
		}
		root := &edit.Node{Schema: s.Root, Op: edit.None}
		top := &edit.Node{Schema: box, Op: edit.None}
		root.Children = []*edit.Node{top}
		for range rapid.IntRange(1, 2).Draw(t, "nodes") {
			if rapid.IntRange(0, 4).Draw(t, "what") == 0 {
				top.Children = append(top.Children, leaf(box, "secret", rapid.SampledFrom([]string{"s", "z"}).Draw(t, "text")))
				continue
			}
			if rapid.IntRange(0, 5).Draw(t, "what") == 0 {
				top.Children = append(top.Children, leaf(box, "hint", name.Draw(t, "hint")))
				continue
			}
			key := name.Draw(t, "name")
			e := &edit.Node{Schema: item, Op: op.Draw(t, "op"), Keys: []yang.Value{value(item.Keys[0], key)}}
			e.Children = []*edit.Node{{Schema: item.Keys[0], Op: edit.Merge, Value: e.Keys[0]}}
			if e.Op != edit.Delete && e.Op != edit.Remove {
				switch rapid.IntRange(0, 4).Draw(t, "leaf") {
				case 0:
					e.Children = append(e.Children, leaf(item, "size", fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "size"))))
				case 1:
					e.Children = append(e.Children, leaf(item, "next", name.Draw(t, "next")))
				case 2:
					e.Children = append(e.Children, leaf(item, "mark", "m"))
				case 3:
					e.Children = append(e.Children, leaf(item, "at", fmt.Sprintf("/twin:box/item[name='%s']", name.Draw(t, "at"))))
				}
			}
			top.Children = append(top.Children, e)
		}
		o := datastore.EditOptions{ContinueOnError: rapid.Bool().Draw(t, "continue")}
		if rapid.IntRange(0, 3).Draw(t, "test") == 0 {
			o.Test = datastore.TestOnly
		}
		one := with.Edit(ctx, datastore.Running, &edit.Edit{Root: root}, o)
		other := without.Edit(ctx, datastore.Running, &edit.Edit{Root: root}, o)
		if fmt.Sprintf("%+v", one) != fmt.Sprintf("%+v", other) {
			t.Fatalf("with what is hidden: %+v\nwithout: %+v", one, other)
		}
		if one == nil {
			made++
		}
		a, _ := with.Read(ctx, datastore.Running, datastore.Selection{})
		b, _ := without.Read(ctx, datastore.Running, datastore.Selection{})
		if d := tree.Compare(a, b); !d.Empty() {
			t.Fatalf("what is seen differs: %s / %s", seenBy(a), seenBy(b))
		}
	})
	if made == 0 && !testing.Short() { // few are tried then, perhaps none that is possible
		t.Error("no edit was possible")
	}
}

// TestBlindEdits: an edit that changes nothing of what cannot be read is refused, unless
// the user may change it.
func TestBlindEdits(t *testing.T) {
	s := dstest.Schema(t, twinUse)
	x := twin(t, s, `{"item":[{"name":"a","size":1},{"name":"c","size":3}],"secret":"s"}`)
	for _, c := range []struct {
		name, text string
		op         edit.Op
		ok         bool
	}{
		{"the value that is there", `{"secret":"s"}`, edit.Merge, false},
		{"another value", `{"secret":"t"}`, edit.Merge, false},
		{"an entry that is there", `{"item":[{"name":"c"}]}`, edit.Merge, false},
		{"an entry that is not", `{"item":[{"name":"x"}]}`, edit.Merge, false},
		{"the size that it has", `{"item":[{"name":"c","size":3}]}`, edit.Merge, false},
		{"one's own as it is", `{"item":[{"name":"a","size":1}]}`, edit.Merge, true},
		{"one's own", `{"item":[{"name":"a","size":2}]}`, edit.Merge, true},
		{"a reference to one's own", `{"item":[{"name":"a","next":"a"}]}`, edit.Merge, true},
		{"a reference to another", `{"item":[{"name":"a","next":"c"}]}`, edit.Merge, false},
	} {
		err := x.Edit(ctx, datastore.Running, edit.FromTree(instance.JSON(t, s, `{"twin:box":`+c.text+`}`), c.op), datastore.EditOptions{})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestBlindCopies: a whole configuration that has what is hidden is refused, whether or not
// that is right.
func TestBlindCopies(t *testing.T) {
	s := dstest.Schema(t, twinUse)
	x := twin(t, s, `{"item":[{"name":"a","size":1}],"secret":"s"}`)
	said := map[string]bool{}
	for _, secret := range []string{"s", "t"} {
		guess := instance.JSON(t, s, `{"twin:box":{"item":[{"name":"a","size":1}],"secret":"`+secret+`"},`+twinRules+"}")
		for _, ds := range []datastore.Datastore{datastore.Running, datastore.Candidate} {
			err := x.Replace(ctx, ds, guess, datastore.EditOptions{})
			if !hasTag(err, rpcerr.AccessDenied) {
				t.Errorf("%s with %q: %v", ds, secret, err)
			}
			said[fmt.Sprint(err)] = true
		}
	}
	if len(said) != 1 {
		t.Errorf("a right guess is told from a wrong one: %v", said)
	}
}
