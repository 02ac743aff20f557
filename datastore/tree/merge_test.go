package tree_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

func TestMerge(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ name, base, ours, theirs, want, conflicts string }{
		{"different leafs", "top{ name=a count=1 }", "top{ name=b count=1 }", "top{ name=a count=2 }", "top{ name=b count=2 }", ""},
		{"different entries", "top{ item{ id=1 } }", "top{ item{ id=1 } item{ id=2 } }", "top{ item{ id=3 } }", "top{ item{ id=2 } item{ id=3 } }", ""},
		{"the same change", "top{ name=a }", "top{ name=b }", "top{ name=b }", "top{ name=b }", ""},
		{"both delete", "top{ item{ id=1 } }", "top{ }", "top{ }", "top{ }", ""},
		{
			"both create an entry, with different leafs", "top{ }", "top{ item{ id=1 val=x } }", "top{ item{ id=1 size=3 } }",
			"top{ item{ id=1 val=x size=3 } }", "",
		},
		{"a leaf set twice", "top{ name=a }", "top{ name=b }", "top{ name=c }", "top{ name=b }", "/t:top/name"},
		{"a leaf made twice", "top{ }", "top{ name=b }", "top{ name=c }", "top{ name=b }", "/t:top/name"},
		{
			"changed here, deleted there", "top{ item{ id=1 val=x } }", "top{ item{ id=1 val=y } }", "top{ }",
			"top{ item{ id=1 val=y } }", "/t:top/item[id='1']",
		},
		{
			"deleted here, changed there", "top{ item{ id=1 val=x } }", "top{ }", "top{ item{ id=1 val=y } }",
			"top{ }", "/t:top/item[id='1']",
		},
		{"two cases", "top{ }", "top{ one=a }", "top{ two=b }", "top{ one=a }", "/t:top/one"},
		{"leafs of one case", "top{ }", "top{ one=a }", "top{ uno=b }", "top{ one=a uno=b }", ""},
		{
			"an insert and a move", "top{ rank=a rank=b rank=c }", "top{ rank=c rank=a rank=b }", "top{ rank=a rank=b rank=c rank=x }",
			"top{ rank=c rank=a rank=b rank=x }", "",
		},
		{
			"two moves of one entry", "top{ rank=a rank=b rank=c }", "top{ rank=c rank=a rank=b }", "top{ rank=a rank=c rank=b }",
			"top{ rank=c rank=a rank=b }", "/t:top/rank[.='c']",
		},
		{
			"a move of what is gone", "top{ rank=a rank=b rank=c }", "top{ rank=c rank=a rank=b }", "top{ rank=a rank=b }",
			"top{ rank=a rank=b }", "",
		},
		{
			"moved and changed, gone there", "top{ step{ id=a } step{ id=b } step{ id=c } }", "top{ step{ id=c val=x } step{ id=a } step{ id=b } }",
			"top{ step{ id=a } step{ id=b } }", "top{ step{ id=c val=x } step{ id=a } step{ id=b } }", "/t:top/step[id='c']",
		},
		// A container without presence is no more than what is in it.
		{"emptied there, filled here", "top{ np{ x=1 } }", "top{ np{ x=1 y=2 } }", "top{ }", "top{ np{ y=2 } }", ""},
		{"emptied here, filled there", "top{ np{ x=1 } }", "top{ }", "top{ np{ x=1 y=2 } }", "top{ np{ y=2 } }", ""},
		{"emptied here, changed there", "top{ np{ x=1 } }", "top{ }", "top{ np{ x=3 y=2 } }", "top{ np{ y=2 } }", "/t:top/np/x"},
		{"changed here, emptied there", "top{ np{ x=1 y=1 } }", "top{ np{ x=3 y=1 } }", "top{ }", "top{ np{ x=3 } }", "/t:top/np/x"},
		{"presence goes here, content comes there", "top{ on{ x=1 } }", "top{ }", "top{ on{ x=2 } }", "top{ }", "/t:top/on"},
		{
			"an insert after what is gone", "top{ rank=a rank=b }", "top{ rank=a rank=x rank=b }", "top{ rank=b }",
			"top{ rank=b rank=x }", "",
		},
	} {
		var trees [4]*tree.Tree
		for i, text := range []string{c.base, c.ours, c.theirs, c.want} {
			x, err := build(f, tree.NewBuilder(f.Root), text)
			if err != nil {
				t.Fatal(err)
			}
			trees[i] = x
		}
		got, conflicts := tree.Merge(trees[0], trees[1], trees[2])
		if dump(got) != dump(trees[3]) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, dump(got), dump(trees[3]))
		}
		if got := paths(conflicts); got != c.conflicts {
			t.Errorf("%s: conflicts %q, want %q", c.name, got, c.conflicts)
		}
	}
}

func paths(l []tree.Path) string {
	var s []string
	for _, p := range l {
		s = append(s, p.String())
	}
	return strings.Join(s, " ")
}

// TestMergeKeeps: what ours did is in the merged tree, and without conflicts what
// theirs did as well.
func TestMergeKeeps(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(r *rapid.T) {
		from := func(base *tree.Tree, most int) *tree.Tree {
			m := base.Mutate()
			top := m.Ensure(f.node("/t:top"))
			for range rapid.IntRange(0, most).Draw(r, "steps") {
				stepper{f, r}.step(top, modelOf(top.Node()))
				top.Delete(f.below("seen"))
				top.Delete(f.below("event"))
			}
			return m.Done()
		}
		base := from(tree.New(f.Root), 12)
		ours, theirs := from(base, 6), from(base, 6)
		merged, conflicts := tree.Merge(base, ours, theirs)
		holds(r, "ours", base, ours, merged)
		d := tree.Compare(base, ours)
		nothingElse(r, d, tree.Compare(theirs, merged))
		for _, list := range []string{"rank", "step"} {
			s := f.below(list)
			if was, is := untouched(d, theirs, s), untouched(d, merged, s); was != is {
				r.Fatalf("%s that ours did not touch are %s, before %s", list, is, was)
			}
		}
		if len(conflicts) == 0 {
			holds(r, "theirs", base, theirs, merged)
		}
		if got, _ := tree.Merge(base, ours, base); !tree.Compare(got, ours).Empty() {
			r.Fatalf("merged with base: %s", changes(tree.Compare(got, ours)))
		}
	})
}

// holds checks that merged has the changes that side made to base.
func holds(r *rapid.T, name string, base, side, merged *tree.Tree) {
	_ = tree.Compare(base, side).Walk(func(p tree.Path, c *tree.Change) error {
		there := merged.Find(p)
		switch {
		case there == nil && c.Op == tree.Inside && len(c.Children) == 0: // moved there, deleted here
		case c.Schema.Kind == yang.Container && !c.Schema.Presence: // there or not by its content
		case (there == nil) != (c.Op == tree.Delete):
			r.Fatalf("%s: %v %s, merged has %v", name, c.Op, p, there)
		case c.Op == tree.Modify && there.Value() != c.New.Value():
			r.Fatalf("%s: %s is %v", name, p, there.Value())
		}
		return nil
	})
}

// nothingElse checks that what made theirs the merged tree is what ours did, and making
// room for it in choices.
func nothingElse(r *rapid.T, ours, made *tree.Diff) {
	_ = made.Walk(func(p tree.Path, c *tree.Change) error {
		room := c.Op == tree.Delete && c.Schema.Case != nil
		if c.Op != tree.Inside && !room && !ours.Touches(p) {
			r.Fatalf("%v %s, which ours did not touch", c.Op, p)
		}
		return nil
	})
}

// untouched are the keys of the entries of s in t that d leaves alone, in order.
func untouched(d *tree.Diff, t *tree.Tree, s *yang.Node) (keys string) {
	top := t.Root().Child(s.DataParent)
	if top == nil {
		return ""
	}
	touched := map[string]bool{}
	_ = d.Walk(func(_ tree.Path, c *tree.Change) error {
		if n := cmp.Or(c.New, c.Old); c.Schema == s {
			touched[n.Key()] = true
		}
		return nil
	})
	for e := range top.Entries(s) {
		if !touched[e.Key()] {
			keys += e.Key() + " "
		}
	}
	return keys
}

// modelOf is the model of the content of n.
func modelOf(n *tree.Node) *model {
	m := newModel()
	for c := range n.Children() {
		name := c.Schema().Name
		switch {
		case c.Schema().IsLeafy() && c.Schema().Keys == nil && n.Child(c.Schema()) != nil:
			m.leaf[name] = c.Value().String()
		case c.Schema().IsLeafy():
			m.list[name] = append(m.list[name], &modelEntry{keys: []string{c.Value().String()}})
		case n.Child(c.Schema()) != nil:
			m.cont[name] = modelOf(c)
		default:
			e := &modelEntry{in: modelOf(c)}
			for _, v := range c.KeyValues() {
				e.keys = append(e.keys, v.String())
			}
			m.list[name] = append(m.list[name], e)
		}
	}
	return m
}
