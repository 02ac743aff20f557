package xpath_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// defaultsModule has nodes that are there without being stored.
const defaultsModule = `module d {
  yang-version 1.1; namespace "urn:d"; prefix d;
  container r {
    leaf v { type string; default "x"; }
    leaf-list w { type string; ordered-by user; default "2"; default "1"; default "x"; }
    list a {
      key k; leaf k { type string; } leaf v { type int8; default 2; }
      container c { leaf v { type string; default "yy"; } leaf w { type string; } container b { leaf k { type string; default "1"; } } }
      choice x { default one; case one { leaf w { type string; default "10"; } } case two { leaf-list b { type string; default "x"; default "yy"; } leaf r { type string; } } }
    }
    container c { leaf k { when "../../v = 'x'"; type string; default "1"; } list b { key "k w"; leaf k { type string; } leaf w { type string; } leaf v { type string; default "1"; } } }
    container b { presence "p"; leaf k { type string; default "2"; } }
  }
}`

// TestPlain compares expressions on random trees with the plain evaluation.
func TestPlain(t *testing.T) {
	for name, text := range map[string]string{"stored": oracleModule, "defaults": defaultsModule} {
		t.Run(name, func(t *testing.T) {
			s := dstest.Schema(t, text)
			model, err := xpath.NewModel(s)
			if err != nil {
				t.Fatal(err)
			}
			for i := range uint64(*trees) {
				r := rand.New(rand.NewPCG(*seed, i))
				e := xpath.NewEnv(model, randomTree(r, s))
				e.Explicit = name == "stored"
				all := newPlain(e)
				for range perTree {
					text := everything.expression(r)
					x, p := compile(t, model, text)
					want := atRoot(all).eval(x.Expr)
					got, err := result(p, e, want)
					if err != nil {
						t.Fatal(err)
					}
					compareResults(t, fmt.Sprintf("tree %d: %s", i, text), got, want, all)
				}
			}
		})
	}
}

// compile compiles an expression whose names are of any module, for the root.
func compile(t *testing.T, m *xpath.Model, text string) (*yang.XPath, *xpath.Program) {
	t.Helper()
	x, err := yang.ParseXPath(text, yang.XPathOptions{Default: yang.AnyModule})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	p, err := m.Compile(x, m.Schema().Root)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return x, p
}

func compareResults(t *testing.T, what string, got, want any, all []*plain) {
	t.Helper()
	if l, ok := want.([]*plain); ok {
		want = places(l)
		got = placesOf(got.([]*xpath.Cursor), all)
	}
	if !same(got, want) {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

// result evaluates p to a value of the type of like.
func result(p *xpath.Program, e *xpath.Env, like any) (any, error) {
	switch like.(type) {
	case bool:
		return p.Bool(e, e.Root())
	case float64:
		return p.Number(e, e.Root())
	case string:
		return p.Text(e, e.Root())
	}
	return p.Nodes(e, e.Root())
}

// places are the places of the nodes, those of texts being those of their leafs.
func places(l []*plain) []int {
	out := []int{}
	for _, p := range l {
		if p.isText {
			p = p.parent
		}
		out = append(out, p.place)
	}
	return slices.Compact(out)
}

func placesOf(l []*xpath.Cursor, all []*plain) []int {
	out := []int{}
	for _, c := range l {
		path := c.Path().String()
		out = append(out, slices.IndexFunc(all, func(p *plain) bool { return p.path == path }))
	}
	return out
}
