package tree_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/tree"
)

// TestOnly: of each node of a random tree, what it holds and the keys of those it is in
// are left, and nothing else; state can be added to it.
func TestOnly(t *testing.T) {
	f := configFixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		in, m := newModel(), tree.New(f.Root).Mutate()
		for range 30 {
			stepper{f, rt}.step(m, in)
		}
		full := m.Done()
		checkOnly(rt, full, full.Root(), nil)
		if dump(full) != in.String(f.Root) {
			rt.Fatal("the tree has changed")
		}
	})
}

func checkOnly(t *rapid.T, full *tree.Tree, n *tree.Node, p tree.Path) {
	only := full.Only(p)
	if got := only.Find(p); got != n && content(got) != content(n) {
		t.Fatalf("%s: %s, want %s", p, content(got), content(n))
	}
	for i := range p {
		at := only.Find(p[:i])
		left := 0
		for c := range at.Children() {
			if !c.Schema().IsKey {
				left++
			}
		}
		if want := 1; left != want && !p[i].Schema.IsKey {
			t.Fatalf("%s has %d children besides keys in %s", p[:i], left, dump(only))
		}
	}
	if len(p) > 0 && p.Schema().Data != nil {
		m := only.Mutate()
		if h := m.Find(p); h == nil {
			t.Fatalf("%s cannot be written", p)
		}
	}
	for c := range n.Children() {
		checkOnly(t, full, c, p.Join(tree.StepTo(c)))
	}
}

// TestOnlyOfNothing: where the node is not there, what leads to it is.
func TestOnlyOfNothing(t *testing.T) {
	f := newFixture(t)
	m := tree.New(f.Root).Mutate()
	m.Ensure(f.node("/t:top")).SetLeaf(f.below("name"), f.str("n"))
	full := m.Done()
	only := full.Only(f.path(t, "/t:top/item[id='none']/val"))
	if top := only.Find(f.path(t, "/t:top")); top == nil || !top.Empty() {
		t.Errorf("only %s", dump(only))
	}
}
