package yang

import (
	"errors"
	"strings"
	"testing"
)

// testSchema is a schema made by hand: module "ex" with a container, lists and
// leafs for instance-identifiers, and identities of "ex" and "other".
func testSchema() *Schema {
	s := &Schema{Root: &Node{Kind: Root, byName: map[Name]*Node{}}, byName: map[string]*Module{}}
	ex := &Module{Name: "ex", Prefix: "e", Implemented: true}
	other := &Module{Name: "other", Prefix: "o", Implemented: true}
	imported := &Module{Name: "imported", Prefix: "i"}
	for _, m := range []*Module{ex, other, imported} {
		s.byName[m.Name] = m
	}
	identity := func(m *Module, name string, bases ...*Identity) *Identity {
		i := &Identity{Module: m, Name: name, Bases: bases, Enabled: true}
		m.Identities = append(m.Identities, i)
		return i
	}
	animal := identity(ex, "animal")
	flying := identity(ex, "flying")
	bird := identity(ex, "bird", animal, flying)
	identity(other, "robin", bird)
	identity(other, "cat", animal)
	identity(imported, "dodo", bird)
	identity(ex, "phoenix", bird).Enabled = false

	str := &Type{Base: String, schema: s}
	add := func(parent *Node, m *Module, kind Kind, name string, t *Type) *Node {
		n := &Node{Kind: kind, Name: name, Module: m, DataParent: parent, Parent: parent, Type: t, byName: map[Name]*Node{}}
		parent.byName[Name{m.Name, name}] = n
		return n
	}
	system := add(s.Root, ex, Container, "system", nil)
	add(system, ex, Leaf, "host", str)
	add(system, other, Leaf, "extra", str)
	add(system, ex, LeafList, "cipher", str)
	add(system, ex, Action, "reset", nil)
	server := add(system, ex, List, "server", nil)
	server.Keys = []*Node{add(server, ex, Leaf, "ip", str), add(server, ex, Leaf, "port", &Type{Base: Uint16, schema: s})}
	add(server, ex, Leaf, "note", str)
	kinds := add(system, ex, List, "kind", nil)
	kinds.Keys = []*Node{add(kinds, ex, Leaf, "of", &Type{Base: IdentityRef, Bases: []*Identity{animal}, schema: s})}
	add(system, ex, List, "log", nil)
	return s
}

func testIdentityType(s *Schema, bases ...string) *Type {
	t := &Type{Base: IdentityRef, schema: s}
	for _, b := range bases {
		t.Bases = append(t.Bases, s.Module("ex").Identity(b))
	}
	return t
}

// xmlResolver stands for the namespaces in scope of an XML element.
type xmlResolver map[string]string

func (r xmlResolver) ModuleOf(prefix string) (string, bool) { m, ok := r[prefix]; return m, ok }

var testPrefixes = xmlResolver{"": "ex", "x": "ex", "o": "other", "i": "imported"}

func mustPattern(t testing.TB, text string, invert bool) *Pattern {
	t.Helper()
	p, err := CompilePattern(text, invert)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func enums(names ...string) []EnumValue {
	var l []EnumValue
	for i, n := range names {
		l = append(l, EnumValue{Name: n, Value: int64(i)})
	}
	return l
}

func TestParse(t *testing.T) {
	s := testSchema()
	number := func(b Base) *Type { return &Type{Base: b} }
	decimal := &Type{Base: Decimal64, FractionDigits: 2}
	bits := &Type{Base: Bits, Bits: enums("a", "b", "c")}
	binary := &Type{Base: Binary, Length: []Range{{2, 4}}}
	enum := &Type{Base: Enumeration, Enums: enums("up", "down", "two words")}
	word := &Type{Base: String, Length: []Range{{1, 3}, {6, 6}}}
	bird := testIdentityType(s, "animal", "flying")
	instance := &Type{Base: InstanceIdentifier, schema: s}
	hex := &Type{Base: String, Patterns: []*Pattern{mustPattern(t, `[0-9a-f]+`, false), mustPattern(t, `0.*`, true)}}
	union := &Type{Base: Union, Members: []*Type{number(Uint8), enum, hex}}
	leafref := &Type{Base: LeafRef, Real: number(Uint8)}

	for _, c := range []struct {
		name string
		typ  *Type
		in   string
		want string // "!" and a part of the message for an error
	}{
		{"int8 least", number(Int8), "-128", "-128"},
		{"int8 below", number(Int8), "-129", "!expected an integer in -128..127"},
		{"int8 plus", number(Int8), "+5", "5"},
		{"zeros are decimal", number(Int8), "0017", "17"},
		{"negative zero", number(Int8), "-0", "0"},
		{"space around", number(Int8), " 7\n", "7"},
		{"space inside", number(Int8), "- 1", "!is no integer"},
		{"empty text", number(Int8), "", "!is no integer"},
		{"hex in data", number(Int8), "0x7f", "!is no integer"},
		{"underscore", number(Int8), "1_0", "!is no integer"},
		{"two signs", number(Int8), "+-1", "!is no integer"},
		{"uint8 negative", number(Uint8), "-1", "!expected an integer in 0..255"},
		{"int64 least", number(Int64), "-9223372036854775808", "-9223372036854775808"},
		{"int64 above", number(Int64), "9223372036854775808", "!out of range"},
		{"uint64 most", number(Uint64), "18446744073709551615", "18446744073709551615"},
		{"uint64 above", number(Uint64), "18446744073709551616", "!in 0..18446744073709551615"},
		{"uint64 negative", number(Uint64), "-1", "!out of range"},

		{"decimal", decimal, "+03.10", "3.1"},
		{"decimal integer", decimal, "7", "7.0"},
		{"decimal small", decimal, "-0.05", "-0.05"},
		{"decimal zero", decimal, "-0.00", "0.0"},
		{"decimal trailing zeros", decimal, "1.2500", "1.25"},
		{"decimal digits", decimal, "1.255", "!up to 2 fraction digits"},
		{"decimal most", decimal, "92233720368547758.07", "92233720368547758.07"},
		{"decimal above", decimal, "92233720368547758.08", "!out of range"},
		{"decimal least", decimal, "-92233720368547758.08", "-92233720368547758.08"},
		{"decimal huge", decimal, strings.Repeat("9", 400), "!out of range"},
		{"decimal no digit", decimal, ".5", "!is no decimal64"},
		{"decimal point last", decimal, "5.", "!is no decimal64"},
		{"decimal exponent", decimal, "1e2", "!is no decimal64"},

		{"string length", word, "abc", "abc"},
		{"string second length", word, "abcdef", "abcdef"},
		{"string gap", word, "abcd", "!characters"},
		{"string counts characters", word, "äöü", "äöü"},
		{"string keeps space", word, " a ", " a "},
		{"string control", word, "a\x01", "!character that YANG does not allow"},
		{"string noncharacter", word, "a\ufdd0", "!character that YANG does not allow"},
		{"string U+1FFFE", word, "\U0001fffe", "!character that YANG does not allow"},
		{"string replacement", word, "\ufffd", "\ufffd"},
		{"string not UTF-8", word, "a\xff", "!character that YANG does not allow"},
		{"pattern", hex, "a0", "a0"},
		{"pattern not", hex, "xyz", "!matches the pattern [0-9a-f]+"},
		{"pattern inverted", hex, "0a", "!does not match the pattern 0.*"},

		{"boolean", number(Boolean), "true", "true"},
		{"boolean other", number(Boolean), "True", "!expected true or false"},
		{"enum", enum, "two words", "two words"},
		{"enum other", enum, "sideways", "!one of up, down, two words"},
		{"bits in order", bits, "a c", "a c"},
		{"bits sorted", bits, "c\n a", "a c"},
		{"bits none", bits, "", ""},
		{"bits unknown", bits, "a d", `!"d", which is no bit`},
		{"bits twice", bits, "a a", "!twice"},
		{"binary", binary, "AQID", "AQID"},
		{"binary folded", binary, "AQ\n   ID\n", "AQID"},
		{"binary unused bits", binary, "AQIDBB==", "AQIDBA=="},
		{"binary blank inside", binary, "AQ ID", "!is no base64"},
		{"binary short", binary, "AQ==", "!2..4 octets"},
		{"binary padding", binary, "AQI", "!is no base64"},
		{"empty", number(Empty), "", ""},
		{"empty with content", number(Empty), "x", "!no content"},

		{"identity of two bases", bird, "x:bird", "ex:bird"},
		{"identity derived", testIdentityType(s, "animal"), "bird", "ex:bird"},
		{"identity over two steps", bird, "o:robin", "other:robin"},
		{"identity of one base", bird, "o:cat", "!not derived from ex:flying"},
		{"identity base itself", testIdentityType(s, "animal"), "x:animal", "!not derived from ex:animal"},
		{"identity unknown", bird, "o:wren", "!names no identity of module other"},
		{"identity prefix", bird, "q:robin", `!prefix "q"`},
		{"identity imported", bird, "i:dodo", "!only imported"},
		{"identity off", bird, "x:phoenix", "!if-feature"},
		{"identity syntax", bird, "o:", "!is no identity name"},

		{"union first", union, "17", "17"},
		{"union second", union, "down", "down"},
		{"union third", union, "fff", "fff"},
		{"union none", union, "no", "!an integer in 0..255; or one of up, down, two words; or a string"},
		{"leafref", leafref, "017", "17"},
		{"leafref wrong", leafref, "x", "!an integer in 0..255"},
		{"leafref dangling", &Type{Base: LeafRef}, "x", "!a leafref with a target"},

		{"instance container", instance, "/x:system", "/ex:system"},
		{"instance leaf", instance, "/x:system/o:extra", "/ex:system/other:extra"},
		{"instance entry", instance, `/x:system/x:server[ x:port = "080" ][x:ip='1']/x:note`, "/ex:system/server[ip='1'][port='80']/note"},
		{"instance quote", instance, `/x:system/x:cipher[.="it's"]`, `/ex:system/cipher[.="it's"]`},
		{"instance identity key", instance, `/x:system/x:kind[x:of='o:cat']`, "/ex:system/kind[of='other:cat']"},
		{"instance position", instance, "/x:system/x:log[3]", "/ex:system/log[3]"},
		{"instance position zero", instance, "/x:system/x:log[0]", "!from 1 on"},
		{"instance no position", instance, "/x:system/x:log", "!without a position"},
		{"instance key missing", instance, "/x:system/x:server[x:ip='1']", "!lacks a predicate for key port"},
		{"instance key twice", instance, "/x:system/x:server[x:ip='1'][x:ip='1']", "!two predicates for key"},
		{"instance no key", instance, "/x:system/x:server[x:note='1']", "!no key of ex:server"},
		{"instance key value", instance, "/x:system/x:server[x:ip='1'][x:port='http']", "!wrong value for ex:port"},
		{"instance leaf-list entry", instance, "/x:system/x:cipher", "!without a [.='value']"},
		{"instance predicate on leaf", instance, "/x:system[1]", "!neither a list nor a leaf-list"},
		{"instance unknown", instance, "/x:system/x:nothing", "!names ex:nothing"},
		{"instance action", instance, "/x:system/x:reset", "!which is no data node"},
		{"instance without prefix", instance, "/x:system/host", "!without a prefix"},
		{"instance relative", instance, "x:system", `!at character 1, where "/" must stand`},
		{"instance slash last", instance, "/x:system/", "!at character 11"},
		{"instance empty", instance, "", "!is empty"},
		{"instance open quote", instance, "/x:system/x:cipher[.='a]", "!closing quote"},
		{"instance trailing", instance, "/x:system x", "!at character 10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkParse(t, c.want, func() (Value, error) { return c.typ.Parse(c.in, testPrefixes) })
		})
	}
}

// checkParse compares the canonical form, or the message of the error.
func checkParse(t *testing.T, want string, parse func() (Value, error)) {
	t.Helper()
	v, err := parse()
	part, fails := strings.CutPrefix(want, "!")
	if !fails {
		if err != nil || v.String() != want {
			t.Fatalf("got %q, %v, want %q", v, err, want)
		}
		return
	}
	var te *TypeError
	if !errors.As(err, &te) || !strings.Contains(te.Message, part) {
		t.Fatalf("got %q, error %v, want an error with %q", v, err, part)
	}
	if !v.IsZero() {
		t.Errorf("an error comes with value %q", v)
	}
}

func TestParseInModule(t *testing.T) {
	s := testSchema()
	r := ModuleResolver{Module: "ex", Prefixes: map[string]string{"e": "ex", "i": "imported"}}
	for _, c := range []struct {
		name string
		typ  *Type
		in   string
		want string
	}{
		{"hexadecimal", &Type{Base: Uint16}, "0xf00f", "61455"},
		{"hexadecimal negative", &Type{Base: Int16}, "-0xF", "-15"},
		{"octal", &Type{Base: Int16}, "052", "42"},
		{"octal digit", &Type{Base: Int16}, "08", "!is no integer"},
		{"hexadecimal without digits", &Type{Base: Int16}, "0x", "!is no integer"},
		{"hexadecimal sign", &Type{Base: Int16}, "0x-1", "!is no integer"},
		{"zero", &Type{Base: Int16}, "0", "0"},
		{"own identity", testIdentityType(s, "animal"), "bird", "ex:bird"},
		{"identity of an imported module", testIdentityType(s, "animal"), "i:dodo", "imported:dodo"},
		{"identity prefix", testIdentityType(s, "animal"), "other:robin", "!prefix"},
		{"instance without prefix", &Type{Base: InstanceIdentifier, schema: s}, "/system/host", "/ex:system/host"},
	} {
		t.Run(c.name, func(t *testing.T) { checkParse(t, c.want, func() (Value, error) { return c.typ.Parse(c.in, r) }) })
	}
}

func TestParseJSON(t *testing.T) {
	s := testSchema()
	r := JSONResolver{Schema: s, Default: "ex"}
	text := &Type{Base: String}
	u16 := &Type{Base: Uint16}
	either := &Type{Base: Union, Members: []*Type{u16, text}} // RFC 7951 Section 6.10
	for _, c := range []struct {
		name string
		typ  *Type
		kind JSONKind
		in   string
		want string
	}{
		{"number", u16, JSONNumber, "17", "17"},
		{"number whole fraction", u16, JSONNumber, "17.0", "17"},
		{"number exponent", u16, JSONNumber, "1.7e1", "17"},
		{"number negative exponent", u16, JSONNumber, "1700E-2", "17"},
		{"number fraction", u16, JSONNumber, "13.5", "!is no integer"},
		{"number exponent too large", u16, JSONNumber, "1e999999999", "!is no integer"},
		{"number as string", u16, JSONString, "17", "!expected a JSON number"},
		{"int64 as string", &Type{Base: Int64}, JSONString, "-5", "-5"},
		{"int64 as number", &Type{Base: Int64}, JSONNumber, "-5", "!expected a JSON string"},
		{"decimal64 as string", &Type{Base: Decimal64, FractionDigits: 1}, JSONString, "2.50", "2.5"},
		{"decimal64 as number", &Type{Base: Decimal64, FractionDigits: 1}, JSONNumber, "2.5", "!expected a JSON string"},
		{"white space", &Type{Base: Int64}, JSONString, " 5", "!white space"},
		{"string white space", text, JSONString, " 5", " 5"},
		{"string as number", text, JSONNumber, "5", "!expected a JSON string"},
		{"boolean", &Type{Base: Boolean}, JSONBool, "false", "false"},
		{"boolean as string", &Type{Base: Boolean}, JSONString, "false", "!expected a JSON boolean"},
		{"empty", &Type{Base: Empty}, JSONNullArray, "", ""},
		{"empty as string", &Type{Base: Empty}, JSONString, "", "!expected a JSON [null]"},
		{"union number", either, JSONNumber, "1", "1"},
		{"union fraction", either, JSONNumber, "13.5", "!matches no member"},
		{"identity of the leaf's module", testIdentityType(s, "animal"), JSONString, "bird", "ex:bird"},
		{"identity of another", testIdentityType(s, "animal"), JSONString, "other:robin", "other:robin"},
		{"identity without module", testIdentityType(s, "animal"), JSONString, "robin", "!names no identity of module ex"},
		{"identity of no module", testIdentityType(s, "animal"), JSONString, "o:robin", "!prefix"},
		{"instance", &Type{Base: InstanceIdentifier, schema: s}, JSONString, "/ex:system/server[port='1'][ip='2']/note", "/ex:system/server[ip='2'][port='1']/note"},
		{"instance top", &Type{Base: InstanceIdentifier, schema: s}, JSONString, "/system", "!without a prefix"},
		{"instance module change", &Type{Base: InstanceIdentifier, schema: s}, JSONString, "/ex:system/extra", "!names ex:extra"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkParse(t, c.want, func() (Value, error) { return c.typ.ParseJSON(c.kind, c.in, r) })
		})
	}
	if v, _ := either.ParseJSON(JSONString, "1", r); v.Base() != String {
		t.Errorf("the string \"1\" of a union became %s", v.Base())
	}
}

func TestRestrictionErrors(t *testing.T) {
	p := mustPattern(t, "a*", false)
	p.AppTag, p.Message = "only-a", "Say a."
	for _, c := range []struct {
		name   string
		typ    *Type
		in     string
		appTag string
		text   string
	}{
		{"range", &Type{Base: Int8, Range: []Range{{1, 4}}, RangeText: "1..4", RangeAppTag: "r", RangeMessage: "One to four."}, "5", "r", "One to four."},
		{"syntax before range", &Type{Base: Int8, Range: []Range{{1, 4}}, RangeAppTag: "r", RangeMessage: "One to four."}, "x", "", ""},
		{"length", &Type{Base: String, Length: []Range{{1, 1}}, LengthAppTag: "l"}, "ab", "l", ""},
		{"pattern", &Type{Base: String, Patterns: []*Pattern{p}}, "b", "only-a", "Say a."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.typ.Parse(c.in, nil)
			var te *TypeError
			if !errors.As(err, &te) || te.AppTag != c.appTag || c.text != "" && te.Message != c.text {
				t.Fatalf("got %#v", err)
			}
			if (te.Err != nil) != (c.text != "") {
				t.Errorf("cause %v with message %q", te.Err, te.Message)
			}
		})
	}
}

func TestValueAccess(t *testing.T) {
	s := testSchema()
	parse := func(typ *Type, in string) Value {
		v, err := typ.Parse(in, testPrefixes)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if n, ok := parse(&Type{Base: Uint64}, "18446744073709551615").Uint(); !ok || n != 1<<64-1 {
		t.Error(n, ok)
	}
	if n, ok := parse(&Type{Base: Uint64}, "18446744073709551615").Int(); ok {
		t.Error(n, "fits int64")
	}
	if n, ok := parse(&Type{Base: Int8}, "-1").Uint(); ok {
		t.Error(n, "fits uint64")
	}
	if n, d, ok := parse(&Type{Base: Decimal64, FractionDigits: 3}, "1.5").Decimal(); !ok || n != 1500 || d != 3 {
		t.Error(n, d, ok)
	}
	if e, ok := parse(&Type{Base: Enumeration, Enums: []EnumValue{{Name: "x", Value: 7}}}, "x").Enum(); !ok || e.Value != 7 {
		t.Error(e, ok)
	}
	if i := parse(testIdentityType(s, "animal"), "o:robin").Identity(); i != s.Module("other").Identity("robin") {
		t.Error(i)
	}
	if b := parse(&Type{Base: Binary}, "AQID").Bytes(); string(b) != "\x01\x02\x03" {
		t.Error(b)
	}
	bits := parse(&Type{Base: Bits, Bits: enums("aa", "a", "b")}, "aa b")
	if !bits.HasBit("aa") || bits.HasBit("a") || bits.HasBit("") {
		t.Error(bits)
	}
	if b, ok := parse(&Type{Base: Boolean}, "true").Bool(); !b || !ok {
		t.Error(b, ok)
	}
	if v := (Value{}); v.String() != "" || v.Identity() != nil || v.Bytes() != nil || !v.IsZero() {
		t.Error("the zero Value has content")
	}
}
