package tree_test

import (
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

func TestCompare(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ name, a, b, want string }{
		{"nothing", "top{ name=x }", "top{ name=x }", ""},
		{"leaf", "top{ name=x }", "top{ name=y }", "inside /t:top\nmodify /t:top/name\n"},
		{"subtree", "", "top{ name=x item{ id=1 } }", "create /t:top\n"},
		{
			"entries", "top{ item{ id=1 } item{ id=2 } }", "top{ item{ id=2 val=x } item{ id=3 } }",
			"inside /t:top\ndelete /t:top/item[id='1']\ninside /t:top/item[id='2']\ncreate /t:top/item[id='2']/val\ncreate /t:top/item[id='3']\n",
		},
		{"all entries", "top{ name=x }", "top{ name=x item{ id=1 } tag=a }", "inside /t:top\ncreate /t:top/tag[.='a']\ncreate /t:top/item[id='1']\n"},
		{
			"one moves to the front", "top{ rank=a rank=b rank=c rank=d }", "top{ rank=d rank=a rank=b rank=c }",
			"inside /t:top\ninside /t:top/rank[.='d'] moved first\n",
		},
		{
			"one moves to the end", "top{ rank=a rank=b rank=c rank=d }", "top{ rank=b rank=c rank=d rank=a }",
			"inside /t:top\ninside /t:top/rank[.='a'] moved after \"d\"\n",
		},
		{
			"an insert moves nobody", "top{ rank=a rank=b }", "top{ rank=x rank=a rank=y rank=b }",
			"inside /t:top\ncreate /t:top/rank[.='x'] first\ncreate /t:top/rank[.='y'] after \"a\"\n",
		},
		{"a delete moves nobody", "top{ rank=a rank=b rank=c }", "top{ rank=b rank=c }", "inside /t:top\ndelete /t:top/rank[.='a']\n"},
		{
			"move and change", "top{ step{ id=1 } step{ id=2 } step{ id=3 } }", "top{ step{ id=3 val=x } step{ id=1 } step{ id=2 } }",
			"inside /t:top\ninside /t:top/step[id='3'] moved first\ncreate /t:top/step[id='3']/val\n",
		},
		{
			"state", "top{ event{ what=x } event{ what=y } seen=a seen=a }", "top{ event{ what=x } event{ what=z } seen=a }",
			"inside /t:top\ndelete /t:top/seen[.='a']\ninside /t:top/event\nmodify /t:top/event/what\n",
		},
	} {
		a, err := build(f, tree.NewBuilder(f.Root), c.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := build(f, tree.NewBuilder(f.Root), c.b)
		if err != nil {
			t.Fatal(err)
		}
		d := tree.Compare(a, b)
		if got := changes(d); got != c.want || d.Empty() != (c.want == "") {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestWalkStopsAtError(t *testing.T) {
	f := newFixture(t)
	a, _ := build(f, tree.NewBuilder(f.Root), "")
	b, _ := build(f, tree.NewBuilder(f.Root), "top{ } word=a word=b")
	stop := rpcerr.New(rpcerr.TooBig, "", "enough")
	n := 0
	err := tree.Compare(a, b).Walk(func(tree.Path, *tree.Change) error {
		n++
		return stop
	})
	if err != stop || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

func TestApplyToAnotherTree(t *testing.T) {
	f := newFixture(t)
	a, _ := build(f, tree.NewBuilder(f.Root), "top{ item{ id=1 val=x } }")
	b, _ := build(f, tree.NewBuilder(f.Root), "top{ item{ id=1 val=y } item{ id=2 } }")
	d := tree.Compare(a, b)
	other, _ := build(f, tree.NewBuilder(f.Root), "top{ name=kept item{ id=1 val=z } }")
	got, err := d.Apply(other)
	if want := "/top{\n/top/name=kept\n/top/item{\n/top/item/id=1\n/top/item/val=y\n/top/item{\n/top/item/id=2\n"; err != nil || dump(got) != want {
		t.Errorf("%v %s", err, dump(got))
	}
	if _, err := d.Apply(b); rpcerr.All(err)[0].Tag != rpcerr.DataExists || rpcerr.All(err)[0].Path != "/t:top/item[id='2']" {
		t.Errorf("creating what exists: %v", err)
	}
	empty := tree.New(f.Root)
	if _, err := d.Apply(empty); rpcerr.All(err)[0].Tag != rpcerr.DataMissing || rpcerr.All(err)[0].Path != "/t:top" {
		t.Errorf("changing what is missing: %v", err)
	}
}
