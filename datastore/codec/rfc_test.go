package codec

import (
	"os"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// The modules of the examples: those of RFC 7951 Section 4, its leafs of Sections
// 5 and 6, and the VLAN module that Appendix A takes from RFC 7223 Appendix D.
const (
	foomod = `module example-foomod { yang-version 1.1; namespace "http://example.com/foomod"; prefix foomod;
  container top { leaf foo { type uint8; } }
  leaf-list folio { type int32; } list bar { key foo; leaf foo { type int32; } leaf baz { type string; } }
  anydata data; anyxml stuff; leaf none { type empty; } leaf either { type union { type uint16; type string; } }
  leaf where { type instance-identifier { require-instance false; } }
  leaf big { type int64; } leaf dec { type decimal64 { fraction-digits 2; } } }`
	barmod = `module example-barmod { namespace "http://example.com/barmod"; prefix barmod; import example-foomod { prefix foomod; }
  augment "/foomod:top" { leaf bar { type boolean; } } }`
	ifTypes = `module iana-if-type { namespace "urn:ietf:params:xml:ns:yang:iana-if-type"; prefix ianaift; import ietf-interfaces { prefix if; }
  identity ethernetCsmacd { base if:interface-type; } identity l2vlan { base if:interface-type; } identity softwareLoopback { base if:interface-type; } }`
	vlan = `module ex-vlan { namespace "http://example.com/vlan"; prefix vlan; import ietf-interfaces { prefix if; }
  augment "/if:interfaces/if:interface" { leaf vlan-tagging { type boolean; } leaf base-interface { type if:interface-ref; } leaf vlan-id { type uint16; } } }`
)

func TestRFC7951(t *testing.T) {
	s := dstest.Schema(t, foomod, barmod)
	const ns = ` xmlns="http://example.com/foomod"`
	tests := []struct{ name, json, xml string }{
		{"Section 4", `{"example-foomod:top":{"foo":54}}`, `<top` + ns + `><foo>54</foo></top>`},
		{
			"Section 4, augmented", `{"example-foomod:top":{"foo":54,"example-barmod:bar":true}}`,
			`<top` + ns + `><foo>54</foo><bar xmlns="http://example.com/barmod">true</bar></top>`,
		},
		{"Section 5.3", `{"example-foomod:folio":[0,123]}`, `<folio` + ns + `>0</folio><folio` + ns + `>123</folio>`},
		{
			"Section 5.4", `{"example-foomod:bar":[{"foo":123,"baz":"zig"},{"foo":1230,"baz":"zag"}]}`,
			`<bar` + ns + `><foo>123</foo><baz>zig</baz></bar><bar` + ns + `><foo>1230</foo><baz>zag</baz></bar>`,
		},
		{"Section 5.6", `{"example-foomod:stuff":[true,null,true]}`, `<stuff` + ns + `>[true,null,true]</stuff>`},
		{"Section 6.1", `{"example-foomod:big":"-123","example-foomod:dec":"13.5"}`, `<big` + ns + `>-123</big><dec` + ns + `>13.5</dec>`},
		{"Section 6.9", `{"example-foomod:none":[null]}`, `<none` + ns + `/>`},
		{"Section 6.10, a string", `{"example-foomod:either":"1"}`, `<either` + ns + `>1</either>`},
		{
			"Section 6.11", `{"example-foomod:where":"/example-foomod:top/example-barmod:bar"}`,
			`<where` + ns + ` xmlns:foomod="http://example.com/foomod" xmlns:barmod="http://example.com/barmod">/foomod:top/barmod:bar</where>`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr, err := buildJSON(s, s.Root, tt.json, DecodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			// Leafs come in schema order, whatever order the example has.
			if d := cmp.Diff(canonicalJSON(t, tt.json), canonicalJSON(t, toJSON(t, tr, EncodeOptions{}))); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.xml, toXML(t, tr, EncodeOptions{})); d != "" {
				t.Error(d)
			}
		})
	}
	_, err := buildJSON(s, s.Root, `{"example-foomod:either":13.5}`, DecodeOptions{})
	checkError(t, err, rpcerr.InvalidValue, "either")
	if _, err := buildXML(s, s.Root, `<either`+ns+`>13.5</either>`, DecodeOptions{}); err != nil {
		t.Error(err)
	}
}

func canonicalJSON(t *testing.T, text string) string {
	t.Helper()
	v := jsontext.Value(text)
	if err := v.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	return string(v)
}

func TestRFC7951AppendixA(t *testing.T) {
	s := dstest.Schema(t, ifTypes, vlan)
	text, err := os.ReadFile("testdata/rfc7951/appendix-a.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := buildJSON(s, s.Root, string(text), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(canonicalJSON(t, string(text)), canonicalJSON(t, toJSON(t, want, EncodeOptions{}))); d != "" {
		t.Error(d)
	}
	x, err := buildXML(s, s.Root, toXML(t, want, EncodeOptions{}), DecodeOptions{})
	if err != nil || !tree.Compare(want, x).Empty() {
		t.Errorf("by way of XML: %v", err)
	}
}

// TestRFC7952 has the annotation of RFC 7952 Section 5 in both encodings.
func TestRFC7952(t *testing.T) {
	s := dstest.Schema(t, `module example-last-modified { namespace "http://example.org/example-last-modified"; prefix elm;
  container cask { leaf flag { type boolean; } } list seq { key name; leaf name { type string; } } leaf-list folio { type int32; ordered-by user; } anyxml stuff; }`)
	const (
		when  = "2015-09-16T10:27:35+02:00"
		attr  = ` elm:last-modified="` + when + `"`
		meta  = `{"example-last-modified:last-modified":"` + when + `"}`
		saw   = " example-last-modified:last-modified=" + when
		outer = `<data xmlns="http://example.org/example-last-modified" xmlns:elm="http://example.org/example-last-modified">`
	)
	xml := `<cask` + attr + `><flag` + attr + `>true</flag></cask><seq` + attr + `><name>one</name></seq><seq><name>two</name></seq>` +
		`<folio>6</folio><folio` + attr + `>3</folio>`
	json := `{"example-last-modified:cask":{"@":` + meta + `,"flag":true,"@flag":` + meta + `},` +
		`"example-last-modified:seq":[{"@":` + meta + `,"name":"one"},{"name":"two"}],` +
		`"example-last-modified:folio":[6,3],"@example-last-modified:folio":[null,` + meta + `]}`
	want := []string{
		"begin cask" + saw, "leaf flag true" + saw, "end", "begin seq" + saw, "leaf name one", "end", "begin seq", "leaf name two", "end",
		"leaf folio 6", "leaf folio 3" + saw,
	}
	var x, j recorder
	if err := decodeInto(&x, s, outer+xml+`</data>`); err != nil {
		t.Fatal(err)
	}
	if err := decodeInto(&j, s, json); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, x.lines); d != "" {
		t.Errorf("XML: %s", d)
	}
	if d := cmp.Diff(want, j.lines); d != "" {
		t.Errorf("JSON: %s", d)
	}
}

// decodeInto reads a JSON object, or an element around data, into sink.
func decodeInto(sink tree.Sink, s *yang.Schema, text string) error {
	if text[0] == '<' {
		x := NewXMLReader(strings.NewReader(text), XMLLimits{})
		if _, err := x.Next(); err != nil {
			return err
		}
		return DecodeXML(x, s, s.Root, sink, DecodeOptions{})
	}
	return DecodeJSON(strings.NewReader(text), s, s.Root, sink, DecodeOptions{})
}
