package codec

import (
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/google/go-cmp/cmp"
)

// TestAnyKeepsItsForm reads and writes content in one encoding.
func TestAnyKeepsItsForm(t *testing.T) {
	for _, text := range []string{
		`<stuff xmlns="urn:example:a"/>`,
		`<stuff xmlns="urn:example:a"><a xmlns="urn:x" b="&lt;"><c xmlns=""/></a><a xmlns="urn:example:a"/></stuff>`,
		`<free xmlns="urn:example:a"> text <b xmlns="urn:example:a">mixed</b><![CDATA[<]]></free>`,
		`<free xmlns="urn:example:a"/>`,
	} {
		tr, err := fromXML(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(text, toXML(t, tr, EncodeOptions{})); d != "" {
			t.Error(d)
		}
	}
	for _, text := range []string{
		`{"codec-a:stuff":{}}`,
		`{"codec-a:stuff":{"a":[1,2],"m:b":{"c":[null],"d":[{"e":"\"\\ "}]}}}`,
		`{"codec-a:free":[true,null,true]}`, `{"codec-a:free":null}`, `{"codec-a:free":"text"}`,
	} {
		tr, err := fromJSON(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(text, toJSON(t, tr, EncodeOptions{})); d != "" {
			t.Error(d)
		}
	}
}

// TestAnyStandsAlone checks that content does not depend on its surroundings.
func TestAnyStandsAlone(t *testing.T) {
	tr, err := fromXML(t, `<p:stuff xmlns:p="urn:example:a" xmlns:q="urn:q" xmlns="urn:d"> <a><p:b>q:x</p:b></a> <q:c/> </p:stuff>`)
	if err != nil {
		t.Fatal(err)
	}
	want := `<stuff xmlns="urn:example:a"><a xmlns:p="urn:example:a" xmlns:q="urn:q" xmlns="urn:d"><p:b>q:x</p:b></a>` +
		` <q:c xmlns:p="urn:example:a" xmlns:q="urn:q" xmlns="urn:d"/></stuff>`
	if d := cmp.Diff(want, toXML(t, tr, EncodeOptions{})); d != "" {
		t.Error(d)
	}
}

func TestAnyCrossesEncodings(t *testing.T) {
	typed := EncodeOptions{Schema: schemaOf(t)}
	tests := []struct {
		name, xml, json string
		o               EncodeOptions
	}{
		{"own module", `<stuff xmlns="urn:example:a"><a><b>1</b></a><c>x</c><c>y</c></stuff>`, `{"codec-a:stuff":{"a":{"b":"1"},"c":["x","y"]}}`, EncodeOptions{}},
		{"other module", `<stuff xmlns="urn:example:a"><a xmlns="urn:example:b"><b>1</b></a></stuff>`, `{"codec-a:stuff":{"codec-b:a":{"b":"1"}}}`, EncodeOptions{}},
		{
			"known schema", `<stuff xmlns="urn:example:a"><all><i8>1</i8><kind xmlns:c="urn:example:b">c:square</kind><tag>t</tag></all></stuff>`,
			`{"codec-a:stuff":{"all":{"i8":1,"kind":"codec-b:square","tag":["t"]}}}`, typed,
		},
		{"anyxml text", `<free xmlns="urn:example:a">a &lt; b</free>`, `{"codec-a:free":"a < b"}`, EncodeOptions{}},
		{"anyxml object", `<free xmlns="urn:example:a"><a>1</a></free>`, `{"codec-a:free":{"a":"1"}}`, EncodeOptions{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, err := fromXML(t, tt.xml)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.json, toJSON(t, x, tt.o)); d != "" {
				t.Errorf("JSON: %s", d)
			}
			j, err := fromJSON(t, tt.json)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.xml, toXML(t, j, tt.o)); d != "" {
				t.Errorf("XML: %s", d)
			}
		})
	}
}

// TestAnyWithoutCounterpart writes content that has no exact form in the other encoding.
func TestAnyWithoutCounterpart(t *testing.T) {
	fromTo := []struct{ name, in, want string }{
		{"unknown namespace", `<stuff><a xmlns="urn:x">1</a></stuff>`, `{"codec-a:stuff":{"a":"1"}}`},
		{"mixed anyxml", `<free>a<b xmlns="urn:x"/></free>`, `{"codec-a:free":"a<b xmlns=\"urn:x\"/>"}`},
		{"unknown module", `{"codec-a:stuff":{"x:a":1}}`, `<stuff xmlns="urn:example:a"><a xmlns="">1</a></stuff>`},
		{"array", `{"codec-a:free":[1,"<"]}`, `<free xmlns="urn:example:a">[1,"&lt;"]</free>`},
		{"null", `{"codec-a:free":null}`, `<free xmlns="urn:example:a"/>`},
		{"[null]", `{"codec-a:stuff":{"a":[null]}}`, `<stuff xmlns="urn:example:a"><a></a></stuff>`},
		{"names of JSON", `{"codec-a:free":{"a b":1}}`, `<free xmlns="urn:example:a">{"a b":1}</free>`},
		{"annotations", `{"codec-a:stuff":{"a":1,"@a":{"x:m":1}}}`, `<stuff xmlns="urn:example:a"><a>1</a></stuff>`},
	}
	for _, tt := range fromTo {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			if tt.in[0] == '<' {
				tr, err := fromXML(t, tt.in)
				if err != nil {
					t.Fatal(err)
				}
				got = toJSON(t, tr, EncodeOptions{})
			} else {
				tr, err := fromJSON(t, tt.in)
				if err != nil {
					t.Fatal(err)
				}
				got = toXML(t, tr, EncodeOptions{})
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDecodeAny(t *testing.T) {
	s := schemaOf(t)
	want, err := fromJSON(t, `{"codec-a:all":{"i8":1,"plain":{"inner":"x"}},"codec-a:free":1}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]*tree.Any{
		"XML":  {XML: toXML(t, want, EncodeOptions{})},
		"JSON": {JSON: toJSON(t, want, EncodeOptions{})},
		"tree": {Tree: want},
	} {
		b := tree.NewBuilder(s.Root)
		if err := DecodeAny(a, s, s.Root, b, DecodeOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got, err := b.Tree()
		if err != nil || toXML(t, got, EncodeOptions{}) != toXML(t, want, EncodeOptions{}) {
			t.Errorf("%s: %v %s", name, err, toXML(t, got, EncodeOptions{}))
		}
	}
	err = DecodeAny(&tree.Any{XML: "<nothing xmlns='urn:example:a'/>"}, s, s.Root, ignore{}, DecodeOptions{})
	checkError(t, err, rpcerr.UnknownElement, "nothing")
	if err = DecodeAny(&tree.Any{}, s, s.Root, ignore{}, DecodeOptions{}); err != nil {
		t.Error(err)
	}
}

// TestAnyTree writes content that is a tree.
func TestAnyTree(t *testing.T) {
	s := schemaOf(t)
	inner, err := fromJSON(t, `{"codec-a:all":{"i8":1},"codec-b:other":{"name":"n"}}`)
	if err != nil {
		t.Fatal(err)
	}
	m := tree.New(s.Root).Mutate()
	m.SetAny(s.Find("/codec-a:stuff"), &tree.Any{Tree: inner})
	tr := m.Done()
	if got, want := toXML(t, tr, EncodeOptions{}), `<stuff xmlns="urn:example:a"><all><i8>1</i8></all><other xmlns="urn:example:b"><name>n</name></other></stuff>`; got != want {
		t.Errorf("got %s", got)
	}
	if got, want := toJSON(t, tr, EncodeOptions{}), `{"codec-a:stuff":{"all":{"i8":1},"codec-b:other":{"name":"n"}}}`; got != want {
		t.Errorf("got %s", got)
	}
}
