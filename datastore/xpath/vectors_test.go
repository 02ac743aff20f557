package xpath_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// build makes a tree of lines "path" or "path = value".
func build(t testing.TB, s *yang.Schema, lines string) *tree.Tree {
	t.Helper()
	root := tree.New(s.Root).Mutate()
	for line := range strings.Lines(lines) {
		path, text, _ := strings.Cut(strings.TrimSpace(line), " = ")
		if path == "" {
			continue
		}
		p, err := tree.ParsePath(s, path)
		if err != nil {
			t.Fatal(err)
		}
		m := root
		for _, st := range p {
			switch n := st.Schema; n.Kind {
			case yang.List:
				m, _ = m.AddEntry(n, st.Keys, tree.Position{})
			case yang.LeafList, yang.Leaf:
				v, err := n.Type.Parse(text, yang.JSONResolver{Schema: s, Default: n.Module.Name})
				if err != nil {
					t.Fatal(err)
				}
				if n.Kind == yang.LeafList {
					m.AddValue(n, v, tree.Position{})
				} else {
					m.SetLeaf(n, v)
				}
			default:
				m = m.Ensure(n)
			}
		}
	}
	return root.Done()
}

// rfc7950 has the nodes of the examples in RFC 7950 Section 10.
const rfc7950 = `module exif {
  yang-version 1.1; namespace "urn:exif"; prefix exif;
  identity interface-type; identity ethernet { base interface-type; }
  identity fast-ethernet { base ethernet; } identity gigabit-ethernet { base ethernet; }
  list interface {
    key "name type"; leaf name { type string; } leaf type { type string; }
    leaf enabled { type boolean; } leaf kind { type identityref { base interface-type; } }
    leaf flags { type bits { bit UP; bit PROMISCUOUS; bit DISABLED; } }
    leaf label { type union { type identityref { base interface-type; } type string; } }
  }
  list kind { key type; leaf type { type identityref { base interface-type; } } leaf n { type uint8; } }
  list port { key number; leaf number { type uint16; } leaf n { type decimal64 { fraction-digits 2; } } }
  container mgmt-interface {
    leaf name { type leafref { path "/interface/name"; } }
    leaf type { type leafref { path "/interface[name=current()/../name]/type"; } }
    leaf by-kind { type leafref { path "/kind/type"; } }
    leaf at { type instance-identifier; }
    leaf either { type union { type leafref { path "/port/number"; } type string; } }
    leaf-list alias { type string; }
  }
  list alarm {
    key id; leaf id { type uint8; }
    leaf severity { type enumeration {
      enum cleared { value 1; } enum indeterminate { value 2; } enum minor { value 3; }
      enum warning { value 4; } enum major { value 5; } enum critical { value 6; } } }
  }
}`

const rfc7950Data = `
  /exif:interface[name='eth0'][type='lan']/enabled = true
  /exif:interface[name='eth0'][type='lan']/kind = fast-ethernet
  /exif:interface[name='eth0'][type='lan']/flags = UP DISABLED
  /exif:interface[name='eth0'][type='lan']/label = exif:ethernet
  /exif:interface[name='eth0.1'][type='vlan']/enabled = false
  /exif:interface[name='eth0.1'][type='vlan']/kind = ethernet
  /exif:interface[name='eth0.1'][type='vlan']/label = e:ethernet
  /exif:interface[name='eth0.12'][type='vlan']/flags = PROMISCUOUS
  /exif:kind[type='exif:ethernet']/n = 1
  /exif:kind[type='exif:fast-ethernet']/n = 2
  /exif:port[number='80']/n = 1.50
  /exif:port[number='443']/n = 2.00
  /exif:mgmt-interface/name = eth0
  /exif:mgmt-interface/type = lan
  /exif:mgmt-interface/by-kind = fast-ethernet
  /exif:mgmt-interface/at = /exif:port[number='80']/n
  /exif:mgmt-interface/either = 443
  /exif:mgmt-interface/alias = a
  /exif:mgmt-interface/alias = b
  /exif:alarm[id='1']/severity = minor
  /exif:alarm[id='2']/severity = major
  /exif:alarm[id='3']/severity = critical
`

// TestRFC7950 has the examples of RFC 7950 Section 10 and what its sentences say of
// other arguments. The prefix e stands for the module, as exif does.
func TestRFC7950(t *testing.T) {
	s := dstest.Schema(t, rfc7950)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	e := xpath.NewEnv(model, build(t, s, rfc7950Data))
	mgmt := s.Root.Child("exif", "mgmt-interface")
	for _, c := range []struct{ at, text, want string }{
		{"name", "/interface[name=current()]/enabled = 'true'", "true"},
		{"name", "count(current()/..)", "1"},
		{"name", "/interface[type='lan'][name=current()]/flags", "UP DISABLED"},

		{"name", `re-match("1.22.333", "\d{1,3}\.\d{1,3}\.\d{1,3}")`, "true"},
		{"name", `count(/interface[re-match(name, "eth0\.\d+")])`, "2"},
		{"name", `count(/interface[re-match(name, concat("eth0", "\.\d"))])`, "1"},
		{"name", `re-match("x", "(")`, "false"},
		{"name", `re-match("x", concat("(", ""))`, "false"},
		{"name", `re-match("e:x", "e:x")`, "true"},

		{"type", "deref(.)/../enabled = 'true'", "true"},
		{"type", "count(deref(.))", "1"},
		{"name", "deref(.)/../enabled", "true"},
		{"name", "deref(../at)", "1.5"},
		{"name", "deref(../at)/../number", "80"},
		{"name", "deref(../either)/../n", "2.0"},
		{"name", "count(deref(../alias))", "0"},
		{"name", "count(deref(../nothing))", "0"},
		{"name", "count(deref(..))", "0"},
		{"name", "deref(../by-kind)/../n", "2"},
		{"name", "deref(../../interface/name | ../at)", ""}, // the first is no reference
		{"name", "deref(../at | ../name)/..", "eth0lantrueexif:fast-ethernetUP DISABLEDexif:ethernet"},

		{"name", `count(/interface[derived-from(kind, "exif:ethernet")])`, "1"},
		{"name", `count(/interface[derived-from-or-self(kind, "exif:ethernet")])`, "2"},
		{"name", `count(/interface[derived-from-or-self(kind, "e:ethernet")])`, "2"},
		{"name", `count(/interface[derived-from-or-self(kind, "ethernet")])`, "2"},
		{"name", `count(/interface[derived-from-or-self(kind, concat("ether", "net"))])`, "2"},
		{"name", `derived-from(/interface/kind, "ethernet")`, "true"}, // of any node
		{"name", `derived-from(/interface/kind, "exif:none")`, "false"},
		{"name", `derived-from(/interface/kind, "none:ethernet")`, "false"},
		{"name", `derived-from(/interface/name, "ethernet")`, "false"},
		{"name", `derived-from(/nothing, "ethernet")`, "false"},

		{"name", "count(/alarm[enum-value(severity) >= 5])", "2"},
		{"name", "enum-value(/alarm/severity)", "3"},
		{"name", "enum-value(/alarm/id)", "NaN"},
		{"name", "enum-value(/nothing)", "NaN"},

		{"name", `count(/interface[bit-is-set(flags, "UP")])`, "1"},
		{"name", `bit-is-set(/interface/flags, "PROMISCUOUS")`, "false"}, // the first counts
		{"name", `bit-is-set(/interface/flags, "none")`, "false"},
		{"name", `bit-is-set(/interface/name, "UP")`, "false"},

		// A literal is its text, but an identityref is compared by its identity.
		{"name", "/interface/kind = 'e:fast-ethernet'", "true"},
		{"name", "/interface[kind = 'e:fast-ethernet']/name", "eth0"},
		{"name", "count(/interface[kind != 'e:fast-ethernet'])", "1"},
		{"name", "/interface[label = 'e:ethernet'][1]/name", "eth0"},
		{"name", "/interface[label = 'e:ethernet'][2]/name", "eth0.1"},
		{"name", "/kind[type = 'e:fast-ethernet']/n", "2"},
		{"name", "/kind[type = 'exif:fast-ethernet' or type = 'e:ethernet'][1]/n", "1"},
		{"name", "/kind[type = current()/../by-kind]/n", "2"},
		{"name", "string-length('e:x')", "3"},

		// Numbers as keys.
		{"name", "/port[number = 80]/n", "1.5"},
		{"name", "/port[80 = number]/n", "1.5"},
		{"name", "/port[number = 80.5]/n", ""},
		{"name", "/port[number = '080']/n", ""},
		{"name", "/port[number = 80.0 or number = '443'][2]/n", "1.5"}, // 443 sorts before 80 as a text, not as a number
		{"name", "../alias[. = 'b']", "b"},
		{"name", "count(../alias[. = 'b' or . = 'c' or 'a' = .])", "2"},
	} {
		ctx := mgmt.Child("exif", c.at)
		x, err := yang.ParseXPath(c.text, yang.XPathOptions{Default: "exif", Resolve: func(p string) (string, bool) {
			return "exif", p == "e" || p == "exif"
		}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := model.Compile(x, ctx)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		if got, err := p.Text(e, e.Locate(tree.Path{{Schema: mgmt}, {Schema: ctx}})); got != c.want || err != nil {
			t.Errorf("%s = %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

// TestRecommendation has the examples and the sentences of XPath 1.0 Sections 3 and 4.
func TestRecommendation(t *testing.T) {
	s := dstest.Schema(t, module)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	e := xpath.NewEnv(model, data(t, s))
	for _, c := range []struct{ text, want string }{
		{"substring-before('1999/04/01', '/')", "1999"},
		{"substring-after('1999/04/01', '/')", "04/01"},
		{"substring-after('1999/04/01', '19')", "99/04/01"},
		{"substring-before('a', 'b')", ""},
		{"substring-after('a', 'b')", ""},
		{"substring-before('a', '')", ""},
		{"substring-after('a', '')", "a"},
		{"substring('12345', 2, 3)", "234"},
		{"substring('12345', 2)", "2345"},
		{"substring('12345', 1.5, 2.6)", "234"},
		{"substring('12345', 0, 3)", "12"},
		{"substring('12345', 0 div 0, 3)", ""},
		{"substring('12345', 1, 0 div 0)", ""},
		{"substring('12345', -42, 1 div 0)", "12345"},
		{"substring('12345', -1 div 0, 1 div 0)", ""},
		{"substring('12345', -1 div 0)", "12345"},
		{"substring('12345', 1 div 0)", ""},
		{"substring('12345', 0 div 0)", ""},
		{"substring('12345', 2, -1)", ""},
		{"substring('12345', 6)", ""},
		{"substring('aé€𝄞z', 2, 3)", "é€𝄞"},
		{"substring('', 1)", ""},
		{"string-length('é€𝄞')", "3"},
		{"contains('a', '') and starts-with('', '') and not(starts-with('', 'a'))", "true"},
		{"normalize-space(' \t\r\na  b\n')", "a b"},
		{"normalize-space('\u00a0a\u00a0')", "\u00a0a\u00a0"}, // no white space of XML
		{"normalize-space('')", ""},
		{"translate('bar', 'abc', 'ABC')", "BAr"},
		{"translate('--aaa--', 'abc-', 'ABC')", "AAA"},
		{"translate('aa', 'aa', 'xy')", "xx"}, // the first one counts
		{"translate('éa', 'aé', 'éa')", "aé"},
		{"translate('a', '', 'x')", "a"},
		{"concat(1, true(), 'x', /nothing)", "1truex"},

		{"string(0 div 0)", "NaN"},
		{"string(-0)", "0"},
		{"string(1 div 0)", "Infinity"},
		{"string(-1 div 0)", "-Infinity"},
		{"string(1 div -0)", "-Infinity"},
		{"string(1.0)", "1"},
		{"string(-1.50)", "-1.5"},
		{"string(.5)", "0.5"},
		{"string(0.1 + 0.2)", "0.30000000000000004"},
		{"string(1 div 3)", "0.3333333333333333"},
		{"string(100000000000000000000000)", "100000000000000000000000"},
		{"string(123456789012345678)", "123456789012345680"},
		{"string(1 div 1000000000)", "0.000000001"},
		{"string(true())", "true"},

		{"number(' \t-12.50\n')", "-12.5"},
		{"number('.5') + number('5.')", "5.5"},
		{"number('+1')", "NaN"},
		{"number('1e3')", "NaN"},
		{"number('- 1')", "NaN"},
		{"number('--1')", "NaN"},
		{"number('.')", "NaN"},
		{"number('')", "NaN"},
		{"number('0x10')", "NaN"},
		{"number('Infinity')", "NaN"},
		{"number('1_000')", "NaN"},
		{"number('\u0661')", "NaN"}, // another script's digit
		{"number('\u00a01')", "NaN"},
		{"number(true()) + number(false())", "1"},
		{"number(/nothing)", "NaN"},
		{"number('179769313486231580793728971405301000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000')", "Infinity"},
		{"sum(/nothing)", "0"},
		{"sum(/top/item/name)", "NaN"},
		{"floor(2.6) + floor(-2.5)", "-1"},
		{"ceiling(2.2) + ceiling(-2.5)", "1"},
		{"1 div ceiling(-0.5)", "-Infinity"},
		{"1 div floor(-0)", "-Infinity"},
		{"round(2.5) + round(-2.5)", "1"},
		{"1 div round(-0.2)", "-Infinity"},
		{"1 div round(-0.5)", "-Infinity"},
		{"1 div round(0.2)", "Infinity"},
		{"round(0.49999999999999994)", "0"},
		{"round(4503599627370497.5)", "4503599627370498"},
		{"round(0 div 0)", "NaN"},
		{"round(-1 div 0)", "-Infinity"},
		{"5 mod 2", "1"},
		{"5 mod -2", "1"},
		{"-5 mod 2", "-1"},
		{"-5 mod -2", "-1"},
		{"1.5 mod .5", "0"},
		{"5 mod 0", "NaN"},
		{"5 mod (1 div 0)", "5"},
		{"2 + 3 * 4 - 6 div 2", "11"},
		{"- - 3", "3"},

		{"boolean(0) or boolean(0 div 0) or boolean('') or boolean(/nothing) or boolean(-0)", "false"},
		{"boolean('false') and boolean('0') and boolean(-1) and boolean(/)", "true"},
		{"lang('en')", "false"},
		{"count(id('a'))", "0"},
		{"count(/processing-instruction('x') | //comment() | //@* | //namespace::*)", "0"},

		{"3 > 2 > 1", "false"}, // (3 > 2) > 1
		{"1 = 1 = true()", "true"},
		{"0 div 0 = 0 div 0", "false"},
		{"0 div 0 != 0 div 0", "true"},
		{"0 = -0", "true"},
		{"'1' = 1.0", "true"},
		{"'01' = '1'", "false"},
		{"'a' < 'b' or 'b' < 'a' or 'a' <= 'a'", "false"},
		{"'2' < '10'", "true"},
		{"true() = 'x' and true() = 2 and false() = ''", "true"},
		{"/nothing = /nothing or /nothing != /nothing or /nothing = '' or /nothing != ''", "false"},
		{"/nothing = false() and /nothing < true() and not(/nothing > false())", "true"},
		{"/top/item/n = 5 and /top/item/n != 5 and /top/item/n < 6 and /top/item/n > 29", "true"},
		{"true() or 1 div /nothing", "true"},

		{"name(/)", ""},
		{"local-name(/top/item/@x)", ""},
		{"namespace-uri(/)", ""},
		{"namespace-uri(//deep)", "urn:m"},
		{"name(/top/a/text())", ""},
		{"local-name()", ""},
		{"local-name(//n | //a)", "a"},

		{"/top/item[last()]/name", "i3"},
		{"/top/item[position() = last() - 1]/name", "i2"},
		{"/top/item[3]/preceding-sibling::item[1]/name", "i2"},
		{"/top/item[3]/preceding-sibling::item[last()]/name", "i1"},
		{"(/top/item[3]/preceding-sibling::item)[1]/name", "i1"},
		{"name(//deep/ancestor::*[1])", "m:in"},
		{"name(//deep/ancestor::*[last()])", "m:top"},
		{"name(//deep/ancestor-or-self::*[3])", "m:item"},
		{"name((//deep/ancestor-or-self::*)[3])", "m:in"},
		{"count(//item[1])", "1"},
		{"count(//item/*[1])", "3"},
		{"count((//item/*)[1])", "1"},
		{"/top/item[position() mod 2 = 1][2]/name", "i3"},
		{"/top/item[2][1]/name", "i2"},
		{"count(/top/item[0] | /top/item[1.5] | /top/item[4] | /top/item[-1] | /top/item[0 div 0])", "0"},
		{"count(/top/item['1'])", "3"}, // a string is no position
		{"/top/pair[3]/preceding::pair[2]/z", "11"},
		{"/top/item[2]/following::n[1]", "30"},
		{"count(/top/tag[. = 'x']/preceding::tag)", "2"},
		{"count(/top/a/ancestor::node())", "2"},
		{"count(/top/a/text()/ancestor::node())", "3"},
		{"count(/top/a/text()/following-sibling::node())", "0"},
		{"count(/descendant::node()) = count(//node())", "true"},
		{"count(//*) = count(/top/descendant-or-self::*)", "true"},
		{"count(/top/a/following::*) + count(/top/a/preceding::*) + count(/top/a/ancestor-or-self::*) = count(//*)", "true"},
		{"(//tag | //item/name | //a)[1]", "1"},
		{"count(//tag | //tag | /top/tag)", "3"},
		{"/top/dl[1]/following-sibling::dl", "two"},
		{"/top/dl[2]/preceding-sibling::dl", "one"},
		{"count(/top/dl[1]/preceding::dl)", "0"},
		{"//dl[last()]/preceding::dl[1]", "one"},
	} {
		_, p := compile(t, model, c.text)
		if got, err := p.Text(e, e.Root()); err != nil || got != c.want {
			t.Errorf("%s = %q, %v, want %q", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"$x", "count(//*[$x = 1])"} {
		x, err := yang.ParseXPath(text, yang.XPathOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.Compile(x, s.Root); err == nil || !strings.Contains(err.Error(), "variable $x") {
			t.Errorf("%s: %v, want that there are no variables", text, err)
		}
	}
}
