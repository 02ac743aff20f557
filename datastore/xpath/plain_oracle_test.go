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

// TestPlain compares expressions on random trees with the plain evaluation.
func TestPlain(t *testing.T) {
	s := dstest.Schema(t, oracleModule)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(*trees) {
		r := rand.New(rand.NewPCG(*seed, i))
		tr := randomTree(r, s)
		all := newPlain(tr)
		e := xpath.NewEnv(model, tr)
		e.Explicit = true
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
		out = append(out, slices.IndexFunc(all, func(p *plain) bool { return p.node == c.Node() }))
	}
	return out
}
