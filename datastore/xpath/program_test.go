package xpath_test

import (
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

const module = `module m {
  yang-version 1.1; namespace "urn:m"; prefix m;
  identity base; identity mid { base base; } identity low { base mid; }
  container top {
    leaf a { type int32; }
    leaf b { type string; default "bee"; }
    leaf big { type uint64; }
    leaf flags { type bits { bit UP; bit DOWN; } }
    leaf level { type enumeration { enum lo { value 3; } enum hi { value 7; } } }
    leaf id { type identityref { base base; } }
    leaf who { type leafref { path "../item/name"; } }
    leaf at { type instance-identifier { require-instance false; } }
    leaf two-name { type leafref { path "../pair/x"; } }
    leaf two-value { type leafref { path "../pair[x=current()/../two-name]/y"; } }
    leaf-list tag { type string; ordered-by user; }
    leaf-list dl { type string; default "one"; default "two"; }
    list item {
      key name; leaf name { type string; } leaf n { type int32; default 5; }
      container in { leaf deep { type string; default "down"; } }
    }
    list pair { key "x y"; leaf x { type string; } leaf y { type string; } leaf z { type string; } }
    container pres { presence "here"; leaf pd { type string; default "p"; } }
    choice how {
      default d;
      case d { leaf how-d { type string; default "dd"; } }
      case e { leaf how-e { type string; } leaf how-e2 { type string; default "ee"; } }
    }
    leaf cond { when "../a = 1"; type string; default "shown"; }
  }
  rpc act { input { leaf p { type leafref { path "/top/item/name"; } } leaf q { type string; default "qq"; } } }
}`

// data is a tree of the schema, from JSON-free code: enough for expressions.
func data(t testing.TB, s *yang.Schema) *tree.Tree {
	t.Helper()
	m := tree.New(s.Root).Mutate()
	top := s.Root.Child("m", "top")
	tm := m.Ensure(top)
	set := func(at *tree.Mut, name, text string) {
		n := at.Schema().Child("m", name)
		v, err := n.Type.Parse(text, yang.JSONResolver{Schema: s, Default: "m"})
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind == yang.LeafList {
			at.AddValue(n, v, tree.Position{})
			return
		}
		at.SetLeaf(n, v)
	}
	for name, text := range map[string]string{
		"a": "1", "flags": "UP", "level": "hi", "id": "m:low", "who": "i2", "at": "/m:top/item[name='i1']/n",
		"two-name": "x1", "two-value": "y2", "big": "12",
	} {
		set(tm, name, text)
	}
	for _, text := range []string{"z", "y", "x"} {
		set(tm, "tag", text)
	}
	entry := func(list string, leafs ...string) {
		l := top.Child("m", list)
		var keys []yang.Value
		for i, k := range l.Keys {
			v, err := k.Type.Parse(leafs[i], nil)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, v)
		}
		e, _ := tm.AddEntry(l, keys, tree.Position{})
		for i := len(keys); i+1 < len(leafs); i += 2 {
			set(e, leafs[i], leafs[i+1])
		}
	}
	entry("item", "i1", "n", "10")
	entry("item", "i2")
	entry("item", "i3", "n", "30")
	entry("pair", "x1", "y1", "z", "11")
	entry("pair", "x1", "y2", "z", "12")
	entry("pair", "x2", "y1", "z", "21")
	return m.Done()
}

func parse(t testing.TB, s *yang.Schema, text string) *yang.XPath {
	t.Helper()
	x, err := yang.ParseXPath(text, yang.XPathOptions{Default: "m", Resolve: func(p string) (string, bool) { return p, s.Module(p) != nil }})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return x
}

func TestText(t *testing.T) {
	s := dstest.Schema(t, module)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	tr := data(t, s)
	for _, c := range []struct{ text, want string }{
		{"a + 1", "2"},
		{"b", "bee"},
		{"dl", "one"},
		{"count(dl)", "2"},
		{"count(item)", "3"},
		{"item[name='i2']/n", "5"},
		{"item['i2' = name]/n", "5"},
		{"item[name=current()/who]/n", "5"},
		{"item[name='nope']/n", ""},
		{"item[2]/name", "i2"},
		{"item[last()]/name", "i3"},
		{"item[position() > 1][1]/name", "i2"},
		{"item[n > 9][2]/name", "i3"},
		{"item[name='i3'][2]/name", ""},
		{"pair[x='x1'][y='y2']/z", "12"},
		{"pair[x='x1' and y='y2']/z", "12"},
		{"pair[y='y2'][x='x1'][1]/z", "12"},
		{"count(pair[x='x1'])", "2"},
		{"pair[x=../two-name][y=../two-value]/z", "12"},
		{"count(pair[x=current()/pair/x][y=current()/pair/y])", "3"},
		{"count(//n)", "3"},
		{"sum(//n)", "45"},
		{"count(item/in/deep)", "3"},
		{"item/in/deep", "down"},
		{"count(pres)", "0"},
		{"count(pres/pd)", "0"},
		{"how-d", "dd"},
		{"count(how-e2)", "0"},
		{"cond", "shown"},
		{"deref(who)/../n", "5"},
		{"deref(at)", "10"},
		{"deref(two-value)/../z", "12"},
		{"deref(a)", ""},
		{"derived-from(id, 'm:low')", "false"},
		{"derived-from(id, 'm:mid')", "true"},
		{"derived-from-or-self(id, 'low')", "true"},
		{"derived-from(id, 'base')", "true"},
		{"derived-from(a, 'base')", "false"},
		{"enum-value(level)", "7"},
		{"enum-value(a)", "NaN"},
		{"bit-is-set(flags, 'UP')", "true"},
		{"bit-is-set(flags, 'DOWN')", "false"},
		{`re-match("1.22.333", "\d{1,3}\.\d{1,3}\.\d{1,3}")`, "true"},
		{`re-match("x1.22.333", "\d{1,3}\.\d{1,3}\.\d{1,3}")`, "false"},
		{"count(item[re-match(name, 'i[12]')])", "2"},
		{"tag", "z"},
		{"tag[. = 'y']", "y"},
		{"count(tag[. = 'y' or . = 'x'])", "2"},
		{"tag[last()]", "x"},
		{"tag[. = 'y']/following-sibling::tag", "x"},
		{"tag[. = 'x']/preceding-sibling::tag[1]", "y"},
		{"(tag[. = 'x'] | tag[. = 'z'])[1]", "z"},
		{"name(..)", ""},
		{"name(a)", "m:a"},
		{"local-name(/*)", "top"},
		{"namespace-uri(a)", "urn:m"},
		{"a/text()", "1"},
		{"count(a/node())", "1"},
		{"count(item/ancestor::node())", "2"},
		{"count(item/..)", "1"},
		{"string(item[1])", "i110down"},
		{"normalize-space('  a  b ')", "a b"},
		{"substring('12345', 1.5, 2.6)", "234"},
		{"substring('12345', 0 div 0, 3)", ""},
		{"substring('12345', -42, 1 div 0)", "12345"},
		{"translate('bar', 'abc', 'AB')", "BAr"},
		{"round(-0.2)", "0"},
		{"round(2.5)", "3"},
		{"1 div -0", "-Infinity"},
		{"5 mod -2", "1"},
		{"-(3 - 5)", "2"},
		{"1000000 * 1000000", "1000000000000"},
		{"1 div 3 > 0.33", "true"},
		{"tag = dl", "false"},
		{"tag != tag", "true"},
		{"item/n != item[1]/n", "true"},
		{"item[1]/n != item/n", "true"},
		{"item[1]/n != item[1]/n", "false"},
		{"item/n > 29", "true"},
		{"item/n < 5", "false"},
		{"not(nothing)", "true"},
		{"true() > nothing", "true"},
		{"a = true()", "true"},
		{"a = '1' and a = 1.0", "true"},
		{"/top/a", "1"},
		{"//item[name='i1']/following::pair[1]/z", "11"},
		{"count(//pair/preceding::item)", "3"},
		{"big = 12", "true"},
	} {
		x := parse(t, s, c.text)
		p, err := model.Compile(x, s.Root.Child("m", "top"))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		e := xpath.NewEnv(model, tr)
		at := e.Locate(tree.Path{{Schema: s.Root.Child("m", "top")}})
		got, err := p.Text(e, at)
		if err != nil || got != c.want {
			t.Errorf("%s = %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}
