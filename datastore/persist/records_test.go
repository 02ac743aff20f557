package persist_test

import (
	"errors"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const shop = `
module shop {
  yang-version 1.1;
  namespace "urn:shop";
  prefix s;
  container top {
    leaf name { type string; }
    leaf-list tag { type string; ordered-by user; }
    container flag { presence "on"; leaf note { type string; } }
    list item {
      key "id";
      leaf id { type string; }
      leaf price { type decimal64 { fraction-digits 2; } }
      container more { list part { key "a b"; ordered-by user; leaf a { type string; } leaf b { type uint8; } leaf c { type string; } } }
    }
    list step { key "n"; ordered-by user; leaf n { type string; } anydata extra; }
  }
}`

// store keeps records as a backend does.
type store map[string][]byte

func (s store) apply(records []persist.Record) {
	for _, r := range records {
		if r.Value == nil {
			delete(s, r.Key)
		} else {
			s[r.Key] = r.Value
		}
	}
}

func (s store) load(t interface{ Fatalf(string, ...any) }, schema *yang.Schema) *tree.Tree {
	var records []persist.Record
	for k, v := range s {
		records = append(records, persist.Record{Key: k, Value: v})
	}
	sortRecords(records)
	l := persist.NewLoader(schema)
	for _, r := range records {
		l.Add(r)
	}
	out, problems := l.Tree()
	if len(problems) > 0 {
		t.Fatalf("load: %v", problems)
	}
	return out
}

func sortRecords(records []persist.Record) {
	sort.Slice(records, func(i, j int) bool { return records[i].Key < records[j].Key })
}

// TestRecordsFollowEdits makes random edits, stores the records of each, and
// demands after each that what is loaded equals the tree, order included.
func TestRecordsFollowEdits(t *testing.T) {
	schema := dstest.Schema(t, shop)
	rapid.Check(t, func(rt *rapid.T) {
		kept := store{}
		now := tree.New(schema.Root)
		for range rapid.IntRange(1, 12).Draw(rt, "commits") {
			m := now.Mutate()
			for range rapid.IntRange(1, 5).Draw(rt, "edits") {
				randomEdit(rt, schema, m)
			}
			next := m.Done()
			d := tree.Compare(now, next)
			kept.apply(persist.Records(d))
			applied(rt, schema, now, next, persist.Records(d))
			applied(rt, schema, next, now, persist.Records(d.Reverse()))
			now = next
			if d := tree.Compare(now, kept.load(rt, schema)); !d.Empty() {
				rt.Fatalf("loaded tree differs: %+v", d.Root)
			}
		}
	})
}

// applied demands that records lead from one tree to the other, order included.
func applied(t interface{ Fatalf(string, ...any) }, schema *yang.Schema, from, to *tree.Tree, records []persist.Record) {
	got, problems := persist.Apply(schema, from, records)
	if len(problems) > 0 {
		t.Fatalf("apply: %v", problems)
	}
	if d := tree.Compare(to, got); !d.Empty() {
		t.Fatalf("applied tree differs: %+v", d.Root)
	}
}

func randomEdit(rt *rapid.T, schema *yang.Schema, root *tree.Mut) {
	top := root.Ensure(schema.Find("/shop:top"))
	at := func(path string) *yang.Node { return schema.Find("/shop:top/" + path) }
	word := rapid.SampledFrom([]string{"a", "b'c", `d"e`, "f/g", "]x[", ""}).Draw(rt, "word")
	parse := func(s *yang.Node, text string) yang.Value {
		v, err := s.Type.Parse(text, yang.JSONResolver{Default: "shop"})
		if err != nil {
			rt.Fatal(err)
		}
		return v
	}
	pos := tree.Position{Where: rapid.SampledFrom([]tree.Where{tree.First, tree.Last}).Draw(rt, "where")}
	switch rapid.IntRange(0, 11).Draw(rt, "kind") {
	case 0:
		top.SetLeaf(at("name"), parse(at("name"), word))
	case 1:
		top.Delete(at("name"))
	case 2:
		top.AddValue(at("tag"), parse(at("tag"), word), pos)
	case 3:
		top.DeleteEntry(at("tag"), tree.KeyOf(parse(at("tag"), word)))
	case 4:
		top.Ensure(at("flag")).SetLeaf(at("flag/note"), parse(at("flag/note"), word))
	case 5:
		top.Delete(at("flag"))
	case 6, 7:
		e, _ := top.AddEntry(at("item"), []yang.Value{parse(at("item/id"), word)}, tree.Position{})
		e.SetLeaf(at("item/price"), parse(at("item/price"), "1.50"))
		part := at("item/more/part")
		p, _ := e.Ensure(at("item/more")).AddEntry(part, []yang.Value{parse(part.Keys[0], word), parse(part.Keys[1], "7")}, pos)
		p.SetLeaf(at("item/more/part/c"), parse(at("item/more/part/c"), word))
	case 8:
		top.DeleteEntry(at("item"), tree.KeyOf(parse(at("item/id"), word)))
	case 9:
		e, _ := top.AddEntry(at("step"), []yang.Value{parse(at("step/n"), word)}, pos)
		e.SetAny(at("step/extra"), &tree.Any{JSON: `{"x":1}`})
	case 10:
		if e := top.Entry(at("step"), tree.KeyOf(parse(at("step/n"), word))); e != nil {
			_ = top.Move(at("step"), tree.KeyOf(parse(at("step/n"), word)), pos)
		}
	case 11:
		top.DeleteEntry(at("step"), tree.KeyOf(parse(at("step/n"), word)))
	}
}

// TestRecordsAreLocal: one leaf of one entry rewrites one record.
func TestRecordsAreLocal(t *testing.T) {
	schema := dstest.Schema(t, shop)
	item, id, price := schema.Find("/shop:top/item"), schema.Find("/shop:top/item/id"), schema.Find("/shop:top/item/price")
	m := tree.New(schema.Root).Mutate()
	value := func(s *yang.Node, text string) yang.Value {
		v, err := s.Type.Parse(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	top := m.Ensure(schema.Find("/shop:top"))
	for _, k := range []string{"a", "b", "c"} {
		top.AddEntry(item, []yang.Value{value(id, k)}, tree.Position{})
	}
	before := m.Done()
	m = before.Mutate()
	m.Child(schema.Find("/shop:top")).Entry(item, tree.KeyOf(value(id, "b"))).SetLeaf(price, value(price, "2"))
	records := persist.Records(tree.Compare(before, m.Done()))
	if len(records) != 1 || records[0].Key != "/shop:top/item[id='b']" {
		t.Errorf("records = %q, want the one of item b", records)
	}
}

// TestLoaderReportsWhatDoesNotFit: data of a schema that has changed is named,
// the rest is loaded.
func TestLoaderReportsWhatDoesNotFit(t *testing.T) {
	schema := dstest.Schema(t, shop)
	tests := []struct {
		name   string
		record persist.Record
		module string // that is not there
	}{
		{name: "unknown list", record: persist.Record{Key: "/shop:top/gone[x='/lost:1']", Value: []byte{}}},
		{"unknown module", persist.Record{Key: "/lost:top", Value: []byte{}}, "lost"},
		{"unknown module below", persist.Record{Key: "/shop:top/item[id=\"'/far:\"]/lost:part[x='1']", Value: []byte{}}, "lost"},
		{"unknown module of a leaf", persist.Record{Key: "/", Value: []byte("c\x08shop:topl\x06lost:a\x01xe")}, "lost"},
		{name: "unknown leaf", record: persist.Record{Key: "/", Value: []byte("c\x08shop:topl\x04gone\x01xe")}},
		{name: "bad value", record: persist.Record{Key: "/shop:top/item[id='a']", Value: []byte("l\x05price\x03abc")}},
		{name: "parent missing", record: persist.Record{Key: "/shop:top/item[id='q']/more/part[a='1'][b='2']", Value: []byte{}}},
		{name: "cut short", record: persist.Record{Key: "/", Value: []byte("c\x09shop:top")}},
		{name: "no kind", record: persist.Record{Key: "/", Value: []byte("c\x08shop:topt\x04name\x00e")}},
		{name: "unknown item", record: persist.Record{Key: "/", Value: []byte("?\x01x")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := persist.NewLoader(schema)
			l.Add(tt.record)
			_, problems := l.Tree()
			if len(problems) != 1 {
				t.Fatalf("problems = %v, want one", problems)
			}
			var m *persist.Misfit
			if !errors.As(problems[0], &m) || m.Module != tt.module || m.Key != tt.record.Key {
				t.Errorf("%#v, want one of module %q", problems[0], tt.module)
			}
		})
	}
	l := persist.NewLoader(schema)
	l.Add(persist.Record{Key: "/", Value: []byte("c\x08shop:topl\x04name\x01xe")})
	if got, problems := l.Tree(); len(problems) > 0 || got.Root().Empty() {
		t.Errorf("a good record: problems %v", problems)
	}
}

// TestUnions: a value comes back as the member of the union that it was of, be it
// a key, in a leaf-list, or with white space.
func TestUnions(t *testing.T) {
	schema := dstest.Schema(t, `
module mix {
  yang-version 1.1;
  namespace "urn:mix";
  prefix m;
  typedef any { type union { type uint8; type boolean; type empty; type string; } }
  list entry { key "a b"; ordered-by user; leaf a { type any; } leaf b { type any; } leaf v { type any; } }
  leaf-list value { type any; ordered-by user; }
  leaf same { type leafref { path "/m:entry/m:v"; require-instance false; } }
}`)
	const data = `{"mix:entry":[{"a":"5","b":5,"v":"true"},{"a":"","b":[null],"v":true},{"a":" 7","b":"x","v":7}],` +
		`"mix:value":["1",2,"\t",[null],"false"],"mix:same":"9"}`
	read := func(text string) *tree.Tree { return instance.JSON(t, schema, text) }
	kept, empty, want := store{}, tree.New(schema.Root), read(data)
	kept.apply(persist.Records(tree.Compare(empty, want)))
	var got strings.Builder
	if err := codec.EncodeJSON(&got, kept.load(t, schema), codec.EncodeOptions{}); err != nil || got.String() != data {
		t.Errorf("%v, got\n%s, want\n%s", err, got.String(), data)
	}
	other := read(strings.Replace(data, `"v":"true"`, `"v":true`, 1))
	kept.apply(persist.Records(tree.Compare(want, other)))
	if d := tree.Compare(other, kept.load(t, schema)); !d.Empty() {
		t.Errorf("a value that only changed its type is not stored: %+v", d.Root)
	}
	kept.apply(persist.Records(tree.Compare(other, empty)))
	if d := tree.Compare(empty, kept.load(t, schema)); !d.Empty() {
		t.Errorf("left after all was removed: %v", kept)
	}
}

// TestOrderAroundWhatIsLeftOut: entries keep their order when one between them no
// longer fits the schema; when one is not stored at all, that is reported.
func TestOrderAroundWhatIsLeftOut(t *testing.T) {
	schema := dstest.Schema(t, shop)
	part := func(a, b, previous string) persist.Record {
		value := "p" + string(rune(len(previous))) + previous + "l\x01a" + string(rune(len(a))) + a + "l\x01b" + string(rune(len(b))) + b
		return persist.Record{Key: "/shop:top/item[id='1']/more/part[a='" + a + "'][b='" + b + "']", Value: []byte(value)}
	}
	order := func(records ...persist.Record) (text string, problems []error) {
		l := persist.NewLoader(schema)
		l.Add(persist.Record{Key: "/", Value: []byte("c\x08shop:tope")})
		l.Add(persist.Record{Key: "/shop:top/item[id='1']", Value: []byte("l\x02id\x011")})
		for _, r := range records {
			l.Add(r)
		}
		loaded, problems := l.Tree()
		var b strings.Builder
		must(t, codec.EncodeJSON(&b, loaded, codec.EncodeOptions{}))
		for _, p := range strings.Split(b.String(), `"a":"`)[1:] {
			text += p[:1]
		}
		return text, problems
	}
	z, middle, a := part("z", "1", ""), part("m", "300", "[a='z'][b='1']"), part("a", "1", "[a='m'][b='300']")
	if got, problems := order(a, middle, z); got != "za" || len(problems) != 1 || !strings.Contains(problems[0].Error(), "300") {
		t.Errorf("order %q, problems %v", got, problems)
	}
	if got, problems := order(a, z); got != "za" || len(problems) != 1 || !strings.Contains(problems[0].Error(), "entry before") {
		t.Errorf("without the one between: order %q, problems %v", got, problems)
	}
	if got, problems := order(part("a", "1", "[a='b'][b='1']"), part("b", "1", "[a='a'][b='1']"), z); got != "zab" || len(problems) != 1 {
		t.Errorf("a circle: order %q, problems %v", got, problems)
	}
}
