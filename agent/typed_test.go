package agent

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/google/go-cmp/cmp"
	"github.com/openconfig/ygot/ygot"
	"pgregory.net/rapid"
)

func typesSchema(t testing.TB) *yang.Schema {
	t.Helper()
	var texts []string
	for _, name := range []string{"types", "more"} {
		text, err := os.ReadFile("testdata/" + name + ".yang")
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return dstest.Schema(t, texts...)
}

// topOf decodes the members of container top.
func topOf(t instance.T, s *yang.Schema, members string) *tree.Node {
	t.Helper()
	d := instance.JSON(t, s, `{"types:top":`+members+`}`)
	return d.Root().Child(s.Root.Child("types", "top"))
}

// written is what ygot makes of a struct, in RFC 7951 form.
func written(t interface{ Fatal(...any) }, dst ygot.GoStruct) any {
	m, err := ygot.ConstructIETFJSON(dst, &ygot.RFC7951JSONConfig{AppendModuleName: true})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(text))
}

func parsed(t interface{ Fatal(...any) }, text string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err, text)
	}
	return v
}

// qualified puts the module in front of the members of top, as ygot writes them.
func qualified(v any) any {
	out := map[string]any{}
	for k, m := range v.(map[string]any) {
		out["types:"+k] = m
	}
	return out
}

func TestFill(t *testing.T) {
	s := typesSchema(t)
	for _, members := range []string{
		`{}`,
		`{"i8":-128,"i16":-32768,"i32":-2147483648,"i64":"-9223372036854775808"}`,
		`{"u8":255,"u16":65535,"u32":4294967295,"u64":"18446744073709551615"}`,
		`{"i8":0,"u64":"0","truth":false,"text":"","dec":"-0.001"}`,
		`{"dec":"922337.775","truth":true,"void":[null],"octets":"AP8="}`,
		`{"octets":""}`,
		`{"colour":"dark-blue","kind":"types:apple","kinds":["types:apple"]}`,
		`{"either":7}`, `{"either":true}`, `{"either":"seven"}`,
		`{"eithers":[1,"one",2],"words":["b","a"],"numbers":[3,-1]}`,
		`{"one":"1"}`, `{"two":{}}`, `{"plain":{"inside":"x"}}`, `{"ref":"x","port":80}`,
		`{"single":[{"name":"a","value":1,"nested":[{"id":1},{"id":2}]},{"name":"b"}]}`,
		`{"double":[{"colour":"green","number":-1},{"colour":"red","number":2,"value":"x"}]}`,
		`{"ordered":[{"name":"z","value":"1"},{"name":"a"}]}`,
	} {
		dst := new(Types_Top)
		if err := Fill(dst, topOf(t, s, members)); err != nil {
			t.Errorf("%s: %v", members, err)
			continue
		}
		if diff := cmp.Diff(sortedWords(qualified(parsed(t, members))), written(t, dst)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", members, diff)
		}
	}
}

// sortedWords brings the leaf-lists of the table above into the order that a
// system-ordered leaf-list is kept in.
func sortedWords(v any) any {
	m := v.(map[string]any)
	if m["types:words"] != nil {
		m["types:words"] = []any{"a", "b"}
		m["types:numbers"] = []any{json.Number("-1"), json.Number("3")}
		m["types:eithers"] = []any{json.Number("1"), json.Number("2"), "one"}
	}
	return m
}

func TestFillLeavesDefaultsToGetters(t *testing.T) {
	dst := new(Types_Top)
	if err := Fill(dst, topOf(t, typesSchema(t), `{"port":8080}`)); err != nil {
		t.Fatal(err)
	}
	if dst.GetPort() != 8080 {
		t.Errorf("port is %d, want 8080", dst.GetPort())
	}
	dst = new(Types_Top)
	if err := Fill(dst, topOf(t, typesSchema(t), `{}`)); err != nil {
		t.Fatal(err)
	}
	if dst.Port != nil || dst.GetPort() != 80 {
		t.Errorf("port is %v and reads as %d, want nil and 80", dst.Port, dst.GetPort())
	}
}

// TestFillUnknown: what has no place is named, the rest is there.
func TestFillUnknown(t *testing.T) {
	s := typesSchema(t)
	for members, want := range map[string][]string{
		`{"more:text":"x","text":"mine"}`:                                        {"/more:text"},
		`{"text":"mine","more:extras":["x","y"]}`:                                {"/more:extras[.='x']"},
		`{"text":"mine","more:deep":{"inside":"x"}}`:                             {"/more:deep"},
		`{"text":"mine","kind":"more:pear"}`:                                     {"/types:kind"},
		`{"text":"mine","kinds":["more:pear","types:apple"]}`:                    {"/types:kinds[.='more:pear']"},
		`{"text":"mine","single":[{"name":"a","more:more":"x"},{"name":"b's"}]}`: {"/types:single[name='a']/more:more"},
	} {
		dst := new(Types_Top)
		var unknown *UnknownError
		if err := Fill(dst, topOf(t, s, members)); !errors.As(err, &unknown) {
			t.Errorf("%s: error %v, want an UnknownError", members, err)
			continue
		}
		var got []string
		for _, p := range unknown.Paths {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", members, diff)
		}
		if dst.GetText() != "mine" || strings.Contains(members, "single") && len(dst.Single) != 2 {
			t.Errorf("%s: the known nodes were not filled", members)
		}
		if !strings.Contains(unknown.Error(), want[0]) {
			t.Errorf("%s: message %q does not name %s", members, unknown, want[0])
		}
	}
}

// TestFillProperty: what ygot writes from the filled struct is what was read.
func TestFillProperty(t *testing.T) {
	s := typesSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		members := drawMembers(t)
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		dst := new(Types_Top)
		if err := Fill(dst, topOf(t, s, string(text))); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(qualified(parsed(t, string(text))), written(t, dst)); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

func drawMembers(t *rapid.T) map[string]any {
	text := rapid.StringMatching(`[a-zA-Z0-9 é'"]{0,8}`)
	quoted := func(n any) any { return fmt.Sprint(n) }
	makers := map[string]func() any{
		"i8":     func() any { return rapid.Int8().Draw(t, "i8") },
		"i16":    func() any { return rapid.Int16().Draw(t, "i16") },
		"i32":    func() any { return rapid.Int32().Draw(t, "i32") },
		"i64":    func() any { return quoted(rapid.Int64().Draw(t, "i64")) },
		"u8":     func() any { return rapid.Uint8().Draw(t, "u8") },
		"u16":    func() any { return rapid.Uint16().Draw(t, "u16") },
		"u32":    func() any { return rapid.Uint32().Draw(t, "u32") },
		"u64":    func() any { return quoted(rapid.Uint64().Draw(t, "u64")) },
		"text":   func() any { return text.Draw(t, "text") },
		"ref":    func() any { return text.Draw(t, "ref") },
		"truth":  func() any { return rapid.Bool().Draw(t, "truth") },
		"void":   func() any { return []any{nil} },
		"colour": func() any { return rapid.SampledFrom([]string{"red", "dark-blue"}).Draw(t, "colour") },
		"kind":   func() any { return "types:apple" },
		"octets": func() any {
			return base64.StdEncoding.EncodeToString(rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "octets"))
		},
		"dec": func() any { // below a million and ending in 1, so that ygot writes the same digits
			n := rapid.Int64Range(-99_999, 99_999).Draw(t, "dec")*10 + 1
			return strconv.FormatFloat(float64(n)/1000, 'f', 3, 64)
		},
		"either": func() any {
			return rapid.OneOf(rapid.Just(any(uint16(9))), rapid.Just(any(true)), rapid.Just(any("word"))).Draw(t, "either")
		},
		"single": func() any {
			var list []any
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID).Draw(t, "names") {
				list = append(list, map[string]any{"name": name, "value": rapid.Uint8().Draw(t, "value")})
			}
			return byName(list)
		},
	}
	members := map[string]any{}
	names := []string{"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "text", "ref", "truth", "void", "colour", "kind", "octets", "dec", "either", "single"}
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "members") {
		members[name] = makers[name]()
	}
	return members
}

// byName orders entries as ygot writes them.
func byName(list []any) []any {
	for i := range list {
		for j := i; j > 0; j-- {
			a, b := list[j-1].(map[string]any), list[j].(map[string]any)
			if a["name"].(string) > b["name"].(string) {
				list[j-1], list[j] = b, a
			}
		}
	}
	return list
}
