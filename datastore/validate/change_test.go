package validate_test

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

// changing has every kind of rule, with defaults that come and go.
const changing = `
	leaf mode { type string; default a; }
	leaf limit { type uint8; }
	container top { must "count(item) <= 3"; must "not(../limit) or sum(item/size) <= ../limit";
	  list item { key name; min-elements 0; max-elements 4; unique "size in/tag";
	    leaf name { type string; }
	    leaf size { type uint8; default 1; must ". < 3 or ../on = 'true'"; }
	    leaf on { type boolean; default false; }
	    leaf only { when "../on = 'true'"; type string; mandatory true; }
	    container in { leaf tag { type string; default b; } leaf up { type leafref { path "../../../../mode"; } } }
	    leaf next { type leafref { path "../../item/name"; } }
	    leaf-list deep { max-elements 2; type leafref { path "/top/item/part/id"; } }
	    list part { key id; leaf id { type string; } leaf w { type uint8; default 2; must "not(preceding-sibling::w = .)"; }
	      leaf peer { type leafref { path "../../part/w"; } } }
	    choice c { default two;
	      case one { leaf x { type string; } leaf y { type string; mandatory true; } }
	      case two { leaf z { type string; default c; } container zz { leaf q { type string; default a; must "../../../../mode != 'c' or . = 'b'"; } } }
	    }
	  }
	}
	container refs {
	  leaf item { type leafref { path "/top/item/name"; } }
	  leaf part { type leafref { path "/top/item[name=current()/../item]/part/id"; } }
	  leaf z { type leafref { path "/top/item/z"; } }
	  leaf q { type leafref { path "../../top/item/zz/q"; } }
	  leaf either { type union { type leafref { path "/top/item/name"; } type leafref { path "/mode"; } } }
	  leaf at { type instance-identifier; }
	  leaf def { when "../item"; type leafref { path "/top/item/name"; } default b; }
	}
	container only-b { when "../mode = 'b'"; leaf must-have { type string; mandatory true; } leaf v { type string; default a; must "../../refs/item = 'a' or not(../../refs/item)"; } }
	choice way { leaf left { type string; } leaf right { type string; must "/top/item"; }
	  case more { when "mode != 'c'"; leaf-list many { type string; min-elements 2; } leaf other { type string; } } }
	list user { key id; ordered-by user; leaf id { type string; } must "position() < 3 or not(following-sibling::user/id = 'a')"; }
	container present { presence p; choice pick { mandatory true; when "../mode != 'b'"; leaf l1 { type string; } leaf l2 { type string; } } leaf-list two { type string; min-elements 1; } }`

var texts = []string{"a", "b", "c", "1", "2", "3", "true", "false", "/m:top/item[name='a']", "/m:top/item[name='a']/z", "/m:mode"}

func drawValue(t *rapid.T, s *yang.Node) yang.Value {
	var l []yang.Value
	for _, text := range texts {
		if v, err := s.Type.Parse(text, nil); err == nil && (s.Type.Base != yang.String || len(text) == 1) {
			l = append(l, v)
		}
	}
	return rapid.SampledFrom(l).Draw(t, s.Name)
}

// randomEdit changes something somewhere below m.
func randomEdit(t *rapid.T, m *tree.Mut) {
	var l []*yang.Node
	for _, s := range m.Schema().Data {
		if !s.IsKey {
			l = append(l, s)
		}
	}
	s := rapid.SampledFrom(l).Draw(t, "node")
	remove := rapid.IntRange(0, 3).Draw(t, "action") == 0
	switch s.Kind {
	case yang.Leaf:
		if remove {
			m.Delete(s)
		} else {
			m.SetLeaf(s, drawValue(t, s))
		}
	case yang.LeafList:
		v := drawValue(t, s)
		if remove {
			m.DeleteEntry(s, tree.KeyOf(v))
		} else {
			m.AddValue(s, v, tree.Position{})
		}
	case yang.Container:
		if remove && rapid.Bool().Draw(t, "whole") {
			m.Delete(s)
		} else {
			randomEdit(t, m.Ensure(s))
		}
	case yang.List:
		randomEntry(t, m, s, remove)
	}
}

func randomEntry(t *rapid.T, m *tree.Mut, s *yang.Node, remove bool) {
	key := drawValue(t, s.Keys[0])
	pos := tree.Position{Where: rapid.SampledFrom([]tree.Where{tree.First, tree.Last}).Draw(t, "where")}
	switch {
	case remove:
		m.DeleteEntry(s, tree.KeyOf(key))
		return
	case s.OrderedByUser && m.Node().Entry(s, tree.KeyOf(key)) != nil:
		if err := m.Move(s, tree.KeyOf(key), pos); err != nil {
			t.Fatal(err)
		}
		return
	}
	e, _ := m.AddEntry(s, []yang.Value{key}, pos)
	for range rapid.IntRange(0, 2).Draw(t, "within") {
		if len(s.Data) > len(s.Keys) {
			randomEdit(t, e)
		}
	}
}

func text(t *tree.Tree) string {
	var b strings.Builder
	if err := codec.EncodeJSON(&b, t, codec.EncodeOptions{}); err != nil {
		return err.Error()
	}
	return b.String()
}

// TestChangeAgreesWithTree walks from valid tree to valid tree by random edits.
func TestChangeAgreesWithTree(t *testing.T) {
	f := compile(t, changing)
	ctx := context.Background()
	valid, invalid := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		old := f.data(`{"m:mode":"a"}`)
		ix := f.Index(old)
		for range rapid.IntRange(10, 40).Draw(t, "steps") {
			m := old.Mutate()
			for range rapid.IntRange(1, 3).Draw(t, "edits") {
				randomEdit(t, m)
			}
			next := m.Done()
			if got, want := text(f.PruneChange(old, next)), text(f.Prune(next)); got != want {
				t.Fatalf("from %s\nto   %s\nPruneChange %s\nPrune       %s", text(old), text(next), got, want)
			}
			if rapid.Bool().Draw(t, "prune") {
				next = f.Prune(next)
			}
			d := tree.Compare(old, next)
			want := f.Tree(ctx, next, validate.Options{})
			if d.Empty() {
				continue
			}
			for _, o := range []validate.Options{{}, {Index: ix}} {
				if got := f.Change(ctx, old, next, d, o); !reflect.DeepEqual(got, want) {
					t.Fatalf("from %s\nto   %s\nindex %v\nChange %v\nTree   %v", text(old), text(next), o.Index != nil, got, want)
				}
			}
			updated := ix.Update(old, next, d)
			if fresh := f.Index(next); !validate.SameIndex(updated, fresh) {
				t.Fatalf("from %s\nto   %s\nUpdate %q\nIndex  %q", text(old), text(next), updated.Contents(), fresh.Contents())
			}
			if len(want) == 0 {
				old, ix = next, updated
				valid++
			} else {
				invalid++
			}
		}
	})
	if valid < 100 || invalid < 100 {
		t.Errorf("%d valid and %d invalid changes: not enough of both", valid, invalid)
	}
}

// TestPruneLeavesNothingForbidden checks that a pruned tree has no false when and
// pruning it again changes nothing.
func TestPruneLeavesNothingForbidden(t *testing.T) {
	f := compile(t, changing)
	rapid.Check(t, func(t *rapid.T) {
		m := tree.New(f.schema.Root).Mutate()
		for range rapid.IntRange(1, 30).Draw(t, "edits") {
			randomEdit(t, m)
		}
		pruned := f.Prune(m.Done())
		if f.Prune(pruned) != pruned {
			t.Fatalf("%s can be pruned again", text(pruned))
		}
		for _, e := range f.Tree(context.Background(), pruned, validate.Options{Max: 1000}) {
			if strings.Contains(e.Message, "may exist only when") {
				t.Fatal(e)
			}
		}
	})
}

// TestChangeCost checks that what a change visits does not grow with the lists.
func TestChangeCost(t *testing.T) {
	f := compile(t, `
	list item { key name; leaf name { type uint32; }
	  must "not(low > high)"; leaf low { type uint8; } leaf high { type uint8; default 9; }
	  leaf on { type boolean; } container more { when "../on = 'true'"; leaf m { type string; mandatory true; } }
	  leaf next { type leafref { path "/m:item/m:name"; } } leaf-list tag { max-elements 3; type leafref { path "/m:tag/m:id"; } } }
	list tag { key id; leaf id { type string; } }`)
	item := f.schema.Find("/m:item")
	at := func(name string) *yang.Node { return f.schema.Find("/m:item/" + name) }
	key := func(i int) yang.Value { return f.value(at("name"), strconv.Itoa(i)) }
	const size = 5000
	m := tree.New(f.schema.Root).Mutate()
	for i := range size {
		e, _ := m.AddEntry(item, []yang.Value{key(i)}, tree.Position{})
		e.SetLeaf(at("next"), key((i+1)%size))
	}
	full := m.Done()
	if errs := f.Tree(context.Background(), full, validate.Options{}); len(errs) > 0 {
		t.Fatal(errs)
	}
	ix := f.Index(full)
	for _, c := range []struct {
		name  string
		edit  func(m *tree.Mut)
		valid bool
		max   int
	}{
		{"leaf", func(m *tree.Mut) { m.Entry(item, "7").SetLeaf(at("low"), f.value(at("low"), "3")) }, true, 20},
		{"broken must", func(m *tree.Mut) { m.Entry(item, "7").SetLeaf(at("low"), f.value(at("low"), "10")) }, false, 20},
		{"when", func(m *tree.Mut) { m.Entry(item, "7").SetLeaf(at("on"), f.value(at("on"), "true")) }, false, 20},
		{"create", func(m *tree.Mut) {
			e, _ := m.AddEntry(item, []yang.Value{key(size)}, tree.Position{})
			e.SetLeaf(at("next"), key(0))
		}, true, 20},
		{"delete what is referred to", func(m *tree.Mut) { m.DeleteEntry(item, "7") }, false, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := full.Mutate()
			c.edit(m)
			next := m.Done()
			errs, visits := f.Visits(full, next, tree.Compare(full, next), validate.Options{Index: ix})
			if valid := len(errs) == 0; valid != c.valid || visits > c.max {
				t.Errorf("valid %v after %d visits, want %v after at most %d", valid, visits, c.valid, c.max)
			}
		})
	}
}
