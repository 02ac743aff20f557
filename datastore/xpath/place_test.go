package xpath_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

const shelves = `module s {
  yang-version 1.1; namespace "urn:s"; prefix s;
  container r {
    leaf-list c { type string; ordered-by user; }
    list u { key k; ordered-by user; leaf k { type string; } }
    list p {
      key "k l"; leaf k { type string; } leaf l { type string; } leaf v { type string; }
      list q { key k; ordered-by user; leaf k { type string; } }
    }
  }
}`

const labels = `module l {
  yang-version 1.1; namespace "urn:l"; prefix l; import s { prefix s; }
  augment "/s:r/s:u" { leaf k { type string; } }
}`

// stock has c = b a, u = z b a, p[1] with q = o p, and p[2] with q = p w x o, where
// o and p are the same nodes as in p[1].
func stock(t *testing.T, s *yang.Schema) *tree.Tree {
	t.Helper()
	value := func(n *yang.Node, text string) yang.Value {
		v, err := n.Type.Parse(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	m := tree.New(s.Root).Mutate()
	r := m.Ensure(s.Root.Child("s", "r"))
	c, u, p := r.Schema().Child("s", "c"), r.Schema().Child("s", "u"), r.Schema().Child("s", "p")
	q := p.Child("s", "q")
	add := func(at *tree.Mut, list *yang.Node, keys ...string) *tree.Mut {
		var l []yang.Value
		for i, k := range keys {
			l = append(l, value(list.Keys[i], k))
		}
		e, _ := at.AddEntry(list, l, tree.Position{})
		return e
	}
	for _, text := range []string{"b", "a"} {
		r.AddValue(c, value(c, text), tree.Position{})
	}
	for _, key := range []string{"z", "b", "a"} {
		label := u.Child("l", "k")
		add(r, u, key).SetLeaf(label, value(label, "label of "+key))
	}
	one, two := add(r, p, "1", "1"), add(r, p, "2", "2")
	add(one, q, "o")
	add(one, q, "p")
	add(two, q, "w")
	add(two, q, "x")
	two.Put(one.Node().Entry(q, "p"), tree.Position{Where: tree.First})
	two.Put(one.Node().Entry(q, "o"), tree.Position{})
	return m.Done()
}

// TestPlace is about which place counts: in the list, whatever a look-up finds
// first, and in one list when a node stands in several.
func TestPlace(t *testing.T) {
	s := dstest.Schema(t, shelves, labels)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	e := xpath.NewEnv(model, stock(t, s))
	for _, c := range []struct{ text, want string }{
		{"/s:r/s:u[s:k = /s:r/s:c][1]/s:k", "b"},
		{"/s:r/s:u[s:k = /s:r/s:c][last()]/s:k", "a"},
		{"/s:r/s:u[s:k = /s:r/s:c or s:k = 'q'][1]/s:k", "b"}, // the same without look-up
		{"/s:r/s:c[. = /s:r/s:u/s:k][1]", "b"},
		{"/s:r/s:c[. = 'a' or . = 'b']", "b"}, // the first in document order
		{"/s:r/s:u[s:k = /s:r/s:c]/s:k", "b"},
		{"/s:r/s:u[3][s:k = 'a']/s:k", "a"},
		{"/s:r/s:u[s:k = 'a'][3]/s:k", ""},
		{"(/s:r/s:p[1]/s:q[s:k='p'] | /s:r/s:p[1]/s:q[s:k='o'])[1]/s:k", "o"},
		{"(/s:r/s:p[2]/s:q[s:k='o'] | /s:r/s:p[2]/s:q[s:k='p'])[1]/s:k", "p"},
		{"(/s:r/s:p/s:q[s:k='o'] | /s:r/s:p/s:q[s:k='p'])[3]/s:k", "p"},
		{"count(/r/u[k = 'label of b'])", "1"}, // a name in any module: the key or the label
		{"count(/r/u[k = 'b'])", "1"},
		{"count(/r/u[k = 'c'])", "0"},
	} {
		x, err := yang.ParseXPath(c.text, yang.XPathOptions{
			Default: yang.AnyModule,
			Resolve: func(p string) (string, bool) { return p, s.Module(p) != nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := model.Compile(x, s.Root)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		if got, err := p.Text(e, e.Root()); err != nil || got != c.want {
			t.Errorf("%s = %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

// TestNodesOnce is about a leaf that is selected itself and by its text.
func TestNodesOnce(t *testing.T) {
	s := dstest.Schema(t, module)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	e := xpath.NewEnv(model, data(t, s))
	for _, text := range []string{"//node()", "descendant::*/child::node()", "//a | //a/text()"} {
		p, err := model.Compile(parse(t, s, text), s.Root)
		if err != nil {
			t.Fatal(err)
		}
		l, err := p.Nodes(e, e.Root())
		if err != nil || len(l) == 0 {
			t.Fatalf("%s: %d nodes, %v", text, len(l), err)
		}
		for i := 1; i < len(l); i++ {
			if l[i-1].Node() == l[i].Node() && l[i-1].Parent().Node() == l[i].Parent().Node() {
				t.Errorf("%s: %s twice", text, l[i].Path())
			}
		}
	}
}

// TestSharedLeafs selects the leafs of many entries, which are one node, in two ways.
func TestSharedLeafs(t *testing.T) {
	s := dstest.Schema(t, shelves)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	r := s.Root.Child("s", "r")
	u, p := r.Child("s", "u"), r.Child("s", "p")
	text := func(n *yang.Node, text string) yang.Value {
		v, err := n.Type.Parse(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const n = 1000
	shared := tree.NewLeaf(p.Child("s", "v"), text(u.Keys[0], "same"))
	m := tree.New(s.Root).Mutate()
	for i := range n {
		e, _ := m.Ensure(r).AddEntry(p, []yang.Value{text(p.Keys[0], fmt.Sprint(i)), text(p.Keys[1], "x")}, tree.Position{})
		e.Put(shared, tree.Position{})
	}
	x, err := model.Compile(parse(t, s, "//s:v | /s:r/s:p/s:v"), s.Root)
	if err != nil {
		t.Fatal(err)
	}
	e := xpath.NewEnv(model, m.Done())
	e.Limits.Visits = 200 * n
	if l, err := x.Nodes(e, e.Root()); err != nil || len(l) != n {
		t.Errorf("%d nodes, %v, want %d", len(l), err, n)
	}
}

// TestNested is about key predicates within key predicates: compiling them takes
// time in proportion to their number, look-up or not.
func TestNested(t *testing.T) {
	s := dstest.Schema(t, shelves, labels)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ open, close string }{
		{"/s:r/s:u[s:k = ", "]/s:k"}, // look-ups
		{"/s:r/s:p[s:k = ", "]/s:v"}, // half of the keys
		{"../s:u[s:k = ", "]/s:k"},   // operands that depend on the entry
	} {
		const levels = 90
		text := "/s:r/s:u[s:k = " + strings.Repeat(c.open, levels) + "'a'" + strings.Repeat(c.close, levels) + "]"
		done := make(chan error, 1)
		go func() {
			_, err := model.Compile(parse(t, s, text), s.Root)
			done <- err
		}()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s… does not come to an end", text[:40])
		}
	}
}
