package yang

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawValue draws a type and a text that it accepts.
func drawValue(t *rapid.T, s *Schema) (*Type, string) {
	sign := rapid.SampledFrom([]string{"", "+", "-"}).Draw(t, "sign")
	digits := rapid.StringMatching(`[0-9]{1,18}`)
	flags := &Type{Base: Bits, Bits: enums("a", "b", "c", "d")}
	switch rapid.IntRange(0, 9).Draw(t, "type") {
	case 0:
		return &Type{Base: Int64}, sign + digits.Draw(t, "integer")
	case 1:
		return &Type{Base: Uint64}, digits.Draw(t, "integer")
	case 2:
		n := rapid.IntRange(1, 18).Draw(t, "fraction-digits")
		whole := rapid.StringMatching(`0{0,3}[0-8]`).Draw(t, "whole")
		return &Type{Base: Decimal64, FractionDigits: n}, sign + whole + "." + strings.Repeat("7", rapid.IntRange(1, n).Draw(t, "n")) + "00"
	case 3:
		return &Type{Base: String}, rapid.StringMatching(`[\x20-\x7eä-ÿ\n\t\x{10000}-\x{1fffd}]*`).Draw(t, "string")
	case 4:
		return flags, strings.Join(rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), rapid.ID[string]).Draw(t, "bits"), "  ")
	case 5:
		return &Type{Base: Binary}, base64.StdEncoding.EncodeToString(rapid.SliceOf(rapid.Byte()).Draw(t, "octets"))
	case 6:
		return testIdentityType(s, "animal"), rapid.SampledFrom([]string{"ex:bird", "other:robin", "other:cat"}).Draw(t, "identity")
	case 7:
		text := rapid.SampledFrom([]string{
			`/ex:system`, `/ex:system/ex:server[ex:port='1'][ex:ip="it's"]`, `/ex:system/cipher[ . = '"' ]`,
			`/ex:system/kind[of='other:cat']/of`, `/ex:system/log[7]`, `/ex:system/other:extra`,
		}).Draw(t, "instance")
		return &Type{Base: InstanceIdentifier, schema: s}, text
	case 8:
		return &Type{Base: Boolean}, rapid.SampledFrom([]string{"true", "false"}).Draw(t, "boolean")
	}
	return &Type{Base: Union, Members: []*Type{{Base: Int8}, {Base: Decimal64, FractionDigits: 1}, flags}},
		rapid.SampledFrom([]string{"+7", "1.50", "300", "d a", ""}).Draw(t, "member")
}

// TestCanonicalForm: the canonical text of a value is read as the same value,
// and appended it is the same text.
func TestCanonicalForm(t *testing.T) {
	s := testSchema()
	r := JSONResolver{Schema: s, Default: "ex"}
	rapid.Check(t, func(t *rapid.T) {
		typ, text := drawValue(t, s)
		v, err := typ.Parse(text, r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := typ.Parse(v.String(), r)
		if err != nil || again != v {
			t.Fatalf("%q is read as %q, then as %q (%v)", text, v, again, err)
		}
		if got := string(v.AppendText([]byte("x"))); got != "x"+v.String() {
			t.Fatalf("appended %q, want x%q", got, v)
		}
		if typ.Base == Union {
			return
		}
		if j, err := typ.ParseJSON(v.JSONKind(), v.String(), r); err != nil || j != v {
			t.Fatalf("%q in JSON is %q (%v)", v, j, err)
		}
	})
}

// TestCompareIsAnOrder sorts the values of a union that mixes types.
func TestCompareIsAnOrder(t *testing.T) {
	union := &Type{Base: Union, Members: []*Type{
		{Base: Int8}, {Base: Uint64}, {Base: Decimal64, FractionDigits: 1}, {Base: Decimal64, FractionDigits: 3}, {Base: String},
	}}
	in := []string{"z", "18446744073709551615", "-0.5", "2.5", "10", "9", "a", "2.505", "-1", "2", "9223372036854775807", "300"}
	want := "-1 -0.5 2 2.5 2.505 9 10 300 9223372036854775807 18446744073709551615 a z"
	var values []Value
	for _, s := range in {
		v, err := union.Parse(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	for _, v := range values {
		for _, w := range values {
			if v.Compare(w) != -w.Compare(v) || (v.Compare(w) == 0) != (v == w) {
				t.Errorf("%s and %s: %d, %d", v, w, v.Compare(w), w.Compare(v))
			}
		}
	}
	slices.SortFunc(values, Value.Compare)
	var words []string
	for _, v := range values {
		words = append(words, v.String())
	}
	if got := strings.Join(words, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if (Value{}).Compare(values[0]) >= 0 || values[0].Compare(Value{}) <= 0 {
		t.Error("the zero Value does not come first")
	}
}

// FuzzTypeParse reads outside text as every type: what is accepted must have a
// canonical form that means the same, and only YANG's characters.
func FuzzTypeParse(f *testing.F) {
	s := testSchema()
	types := []*Type{
		{Base: Int8},
		{Base: Uint64},
		{Base: Decimal64, FractionDigits: 3},
		{Base: String, Length: []Range{{0, 20}}},
		{Base: Bits, Bits: enums("a", "b", "c")},
		{Base: Binary},
		{Base: Enumeration, Enums: enums("one", "two")},
		testIdentityType(s, "animal"),
		{Base: InstanceIdentifier, schema: s},
	}
	types = append(types, &Type{Base: Union, Members: slices.Clone(types)})
	for _, seed := range []string{"-12", "0x1f", "3.140", "c a", "AQI=", "other:robin", "/ex:system/server[ip='1'][port='2']", "/ex:system/cipher[.=\"'\"]", "é"} {
		f.Add(seed)
	}
	r := JSONResolver{Schema: s, Default: "ex"}
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range types {
			for kind := JSONString; kind <= JSONNullArray; kind++ {
				if v, err := typ.ParseJSON(kind, text, r); err == nil && v.JSONKind() != kind {
					t.Fatalf("%q as JSON %s became JSON %s", text, kind, v.JSONKind())
				}
			}
			v, err := typ.Parse(text, r)
			if err != nil {
				continue
			}
			if _, bad := countCharacters(v.String()); bad >= 0 {
				t.Fatalf("%s has the value %q", typ.Base, v)
			}
			again, err := typ.Parse(v.String(), r)
			if err == nil && typ.Base == Union {
				continue // an earlier member may accept the canonical form
			}
			if err != nil || again != v {
				t.Fatalf("%s: %q is read as %q, then as %q (%v)", typ.Base, text, v, again, err)
			}
		}
	})
}

// TestWhiteSpace: XML may be indented; where JSON or a URI is read, white space
// is part of the value, and of a union a string takes it.
func TestWhiteSpace(t *testing.T) {
	number, flag := &Type{Base: Uint8}, &Type{Base: Empty}
	union := &Type{Base: Union, Members: []*Type{number, flag, {Base: String}}}
	for _, c := range []struct {
		typ  *Type
		text string
		json bool
		want Base // 0 for an error
	}{
		{number, " 5\n", false, Uint8},
		{number, " 5\n", true, 0},
		{flag, "\t", false, Empty},
		{flag, "\t", true, 0},
		{union, " 5", false, Uint8},
		{union, " 5", true, String},
		{union, "\t", true, String},
		{union, "5", true, Uint8},
	} {
		var r Resolver
		if c.json {
			r = JSONResolver{}
		}
		if v, err := c.typ.Parse(c.text, r); v.Base() != c.want || (err == nil) != (c.want != 0) {
			t.Errorf("%q (JSON: %v) is %v, %v; want %v", c.text, c.json, v.Base(), err, c.want)
		}
	}
}
