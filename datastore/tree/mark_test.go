package tree_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/tree"
)

// TestMarksTellWhatChanged makes random commits and demands of each node that its
// mark is the commit's where what it holds is new, and the one of before where not.
func TestMarksTellWhatChanged(t *testing.T) {
	f := configFixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		in, now := newModel(), tree.New(f.Root).MarkAll(&tree.Mark{Revision: 1})
		for rev := uint64(2); rev < 8; rev++ {
			m := now.Mutate()
			for range rapid.IntRange(0, 20).Draw(rt, "steps") {
				stepper{f, rt}.step(m, in)
			}
			next, err := tree.Compare(now, m.Done()).ApplyMarked(now, &tree.Mark{Revision: rev})
			if err != nil {
				rt.Fatal(err)
			}
			if got, want := dump(next), in.String(f.Root); got != want {
				rt.Fatalf("got\n%s\nwant\n%s", got, want)
			}
			checkMarks(rt, now, next, next.Root(), nil, rev)
			if rapid.Bool().Draw(rt, "old") && dump(now) == dump(next) && now != next {
				rt.Fatal("a new tree for nothing")
			}
			now = next
		}
	})
}

// checkMarks checks the node n at p of next, which commit rev made of now, and those below.
func checkMarks(t *rapid.T, now, next *tree.Tree, n *tree.Node, p tree.Path, rev uint64) {
	got := next.Mark(p)
	was := now.Find(p)
	switch same := was != nil && content(was) == content(n); {
	case same && got != now.Mark(p):
		t.Fatalf("%s is as it was, marked %d, before %d", p, got.Revision, now.Mark(p).Revision)
	case !same && got.Revision != rev:
		t.Fatalf("%s changed in %d, marked %d", p, rev, got.Revision)
	}
	for c := range n.Children() {
		checkMarks(t, now, next, c, p.Join(tree.StepTo(c)), rev)
	}
}

func allMarked(t *rapid.T, in *tree.Tree, n *tree.Node, p tree.Path, rev uint64) {
	if m := in.Mark(p); m.Revision != rev {
		t.Fatalf("%s is marked %d", p, m.Revision)
	}
	for c := range n.Children() {
		allMarked(t, in, c, p.Join(tree.StepTo(c)), rev)
	}
}

func content(n *tree.Node) string {
	var b strings.Builder
	if a := n.Any(); a != nil {
		b.WriteString(a.JSON + a.XML)
	}
	b.WriteString(n.Value().String())
	dumpNode(&b, "", n)
	return b.String()
}

// TestMarksOfGrafts: what is new in a tree has no older marks, wherever it comes from.
func TestMarksOfGrafts(t *testing.T) {
	f := configFixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		in, empty := newModel(), tree.New(f.Root).MarkAll(&tree.Mark{})
		m := empty.Mutate()
		for range 20 {
			stepper{f, rt}.step(m, in)
		}
		full := m.Done()
		old, err := tree.Compare(empty, full).ApplyMarked(empty, &tree.Mark{Revision: 1})
		if err != nil {
			rt.Fatal(err)
		}
		again, err := tree.Compare(empty, old).ApplyMarked(empty, &tree.Mark{Revision: 2, Time: time.Unix(2, 0)})
		if err != nil {
			rt.Fatal(err)
		}
		checkMarks(rt, empty, again, again.Root(), nil, 2)
		all := old.MarkAll(&tree.Mark{Revision: 3})
		if marked := all.Root().Marks(); marked.Made != marked.Changed {
			rt.Fatalf("made in %v, changed in %v", marked.Made, marked.Changed)
		}
		allMarked(rt, all, all.Root(), nil, 3)
		if dump(all) != dump(full) {
			rt.Fatalf("got\n%s\nwant\n%s", dump(all), dump(full))
		}
	})
}

// configFixture is newFixture without the lists that are state: their entries have no
// path, and two that are alike are two.
func configFixture(t *testing.T) fixture {
	text := moduleT
	for _, state := range []string{"leaf-list seen { type string; config false; }", "list event { config false; leaf what { type string; } }"} {
		text = strings.Replace(text, state, "", 1)
	}
	return newFixtureOf(t, text, moduleU)
}
