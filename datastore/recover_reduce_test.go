package datastore_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

func module(body string) string {
	return `module house { yang-version 1.1; namespace "urn:house"; prefix h; ` + body + ` }`
}

// leaves are the paths and values of what is in t, without keys.
func leaves(t *tree.Tree) string {
	var out []string
	_ = tree.Compare(tree.New(t.Root().Schema()), t).Walk(func(p tree.Path, c *tree.Change) error {
		var walk func(p tree.Path, n *tree.Node)
		walk = func(p tree.Path, n *tree.Node) {
			switch {
			case n.Schema().IsLeafy() && !n.Schema().IsKey:
				out = append(out, strings.ReplaceAll(p.String(), "/house:", "")+"="+n.Value().String())
			case len(n.Schema().Keys) > 0:
				out = append(out, strings.ReplaceAll(p.String(), "/house:", ""))
			}
			for c := range n.Children() {
				walk(p.Join(tree.StepTo(c)), c)
			}
		}
		if c.New != nil && len(c.Children) == 0 {
			walk(p, c.New)
		}
		return nil
	})
	return strings.Join(out, " ")
}

// TestRecover: what is left of data that the new modules do not accept.
func TestRecover(t *testing.T) {
	const people = `<p><n>1</n><a>x</a><b>y</b></p><p><n>2</n><a>x</a></p><p><n>3</n></p><q>1</q><q>2</q>`
	list := func(leaf string) string { return `container house { ` + leaf + ` }` }
	const p = `list p { key n; leaf n { type string; } leaf a { type string; } leaf b { type string; } list s { key k; leaf k { type string; } leaf v { type string; } } }`
	old := list(p + ` leaf-list q { type string; } leaf r { type string; }`)
	for _, c := range []struct{ name, old, data, new, want string }{
		{
			"unique", old, people, list(strings.Replace(p, "key n;", "key n; unique a;", 1) + ` leaf-list q { type string; }`),
			"house/p[n='1'] house/p[n='1']/a=x house/p[n='1']/b=y house/p[n='3'] house/q[.='1']=1 house/q[.='2']=2",
		},
		{
			"max-elements", old, people, list(strings.Replace(p, "key n;", "key n; max-elements 2;", 1) + ` leaf-list q { type string; }`),
			"house/q[.='1']=1 house/q[.='2']=2",
		},
		{"max-elements of a leaf-list", old, `<r>z</r>` + people, list(` leaf r { type string; } leaf-list q { type string; max-elements 1; }`), "house/r=z"},
		{"min-elements", old, `<r>z</r>` + people, list(` leaf r { type string; } container c { leaf-list q { type string; min-elements 1; } presence "x"; }`), "house/r=z"},
		{"min-elements in an entry", old, people, list(`list p { key n; leaf n { type string; } leaf a { type string; } leaf-list l { type string; min-elements 1; } }`), ""},
		{"mandatory", old, people, list(`list p { key n; leaf n { type string; } leaf b { type string; mandatory true; } }`), "house/p[n='1'] house/p[n='1']/b=y"},
		{
			"keys of another type", old, `<p><n>x</n><s><k>1</k><v>deep</v></s></p><p><n>7</n><s><k>1</k><v>kept</v></s></p>`,
			list(strings.Replace(p, "leaf n { type string; }", "leaf n { type uint8; }", 1)), "house/p[n='7'] house/p[n='7']/s[k='1'] house/p[n='7']/s[k='1']/v=kept",
		},
		{
			"must on a key", old, people, list(strings.Replace(p, "leaf n { type string; }", `leaf n { type string; must ". != '1'"; }`, 1)),
			"house/p[n='2'] house/p[n='2']/a=x house/p[n='3']",
		},
		{
			"choice", old, people, list(strings.Replace(p, "leaf a { type string; } leaf b { type string; }", "choice c { leaf a { type string; } leaf b { type string; } }", 1)),
			"house/p[n='1'] house/p[n='1']/a=x house/p[n='2'] house/p[n='2']/a=x house/p[n='3']",
		},
		{"a list at the top", p + `leaf r { type string; }`, `<p><n>1</n></p><p><n>2</n></p><r>z</r>`, strings.Replace(p, "key n;", "key n; max-elements 1;", 1) + `leaf r { type string; }`, "r=z"},
		{
			"leafrefs in a chain", old, `<p><n>1</n><a>2</a></p><p><n>2</n><a>3</a></p><p><n>3</n><a>4</a></p><p><n>9</n></p><r>1</r>`,
			list(`list p { key n; leaf n { type string; } leaf a { type leafref { path "../../p/n"; } mandatory true; } } leaf r { type leafref { path "../p/n"; } }`), "",
		},
		{
			"when", old, people, list(strings.Replace(p, "leaf b { type string; }", `leaf b { when "../a = 'z'"; type string; }`, 1)),
			"house/p[n='1'] house/p[n='1']/a=x house/p[n='2'] house/p[n='2']/a=x house/p[n='3']",
		},
		{"nothing but what is gone", old, people, `container home { leaf a { type string; } }`, ""},
	} {
		path := filepath.Join(t.TempDir(), "s.db")
		f, closeIt := open(t, path, module(c.old))
		x := f.NewSession(datastore.User{}, datastore.Source{})
		decode := f.config
		if strings.HasPrefix(c.old, "container house") {
			decode = f.xml
		}
		must(t, x.Edit(ctx, datastore.Running, decode(c.data), datastore.EditOptions{}))
		closeIt()
		if _, _, err := tryOpen(t, path, false, module(c.new)); err == nil {
			t.Errorf("%s: a plain start: %v", c.name, err)
		}
		f, closeIt, err := tryOpen(t, path, true, module(c.new))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := leaves(f.Running().Tree); got != c.want {
			t.Errorf("%s: left\n%s\nwant\n%s", c.name, got, c.want)
		}
		closeIt()
		f, closeIt = open(t, path, module(c.new)) // fits now
		if got := leaves(f.Running().Tree); got != c.want {
			t.Errorf("%s: after another start\n%s\nwant\n%s", c.name, got, c.want)
		}
		closeIt()
	}
}

// TestRecoverNothing: where no part of the data makes a valid whole, the start fails
// and the store stays as it is.
func TestRecoverNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path)
	f.own(f.NewSession(datastore.User{}, datastore.Source{}), "ann", datastore.EditOptions{})
	closeIt()
	_, _, err := tryOpen(t, path, true, module(`leaf must-be { type string; mandatory true; }`))
	if err == nil || !strings.Contains(err.Error(), "must-be") {
		t.Errorf("a start without a mandatory node: %v", err)
	}
	f, closeIt = open(t, path)
	defer closeIt()
	if r := f.Running(); f.leaf(r.Tree, "owner") != "ann" || r.Head.Revision != 1 {
		t.Errorf("running afterwards: %+v", r.Head)
	}
}

// TestSeedFails: the next start begins anew.
func TestSeedFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	for i, seed := range []func(f *fixture) (*tree.Tree, error){
		func(*fixture) (*tree.Tree, error) { return nil, errors.New("no seed") },
		func(f *fixture) (*tree.Tree, error) { // an invalid one
			m := tree.New(f.schema.Root).Mutate()
			m.Ensure(f.node("/house:house")).SetLeaf(f.node("/house:house/main"), f.value("/house:house/main", "nowhere"))
			return m.Done(), nil
		},
	} {
		f, closeIt := unstarted(t, path, false)
		if err := f.Start(ctx, func() (*tree.Tree, error) { return seed(f) }); err == nil {
			t.Errorf("seed %d is taken", i)
		}
		closeIt()
	}
	f, closeIt := unstarted(t, path, false)
	defer closeIt()
	must(t, f.Start(ctx, func() (*tree.Tree, error) { return tree.New(f.schema.Root), nil }))
	if h := f.Running().Head; h.Revision != 1 || h.Kind != "seed" {
		t.Errorf("the first commit: %s", fmt.Sprintf("%+v", h))
	}
}
