package codec

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
)

const pageModuleText = `module p {
  yang-version 1.1; namespace "urn:p"; prefix p;
  container top {
    list item { key id; leaf id { type string; } leaf-list tag { type string; } list part { key n; leaf n { type uint8; } } }
    leaf-list word { type string; ordered-by user; default w; }
    leaf one { type string; }
  }
}`

const pageData = `{"p:top":{"item":[{"id":"a","tag":["x","y","z"],"part":[{"n":1},{"n":2}]},{"id":"b","tag":["x"]},{"id":"c"}],"word":["v","w"],"one":"1"}}`

func TestPageAnnotations(t *testing.T) {
	s := dstest.Schema(t, pageModuleText)
	b := tree.NewBuilder(s.Root)
	if err := DecodeJSON(strings.NewReader(pageData), s, s.Root, b, DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	data, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	top := data.Root().Child(s.Find("/p:top"))
	next, previous := "Yg==", ""
	page := &Page{Remaining: 2, Next: &next, Previous: &previous}
	tests := []struct {
		name, list string // "" for the whole tree
		o          EncodeOptions
		json, xml  string
	}{
		{
			"list", "item",
			EncodeOptions{Page: page},
			`{"p:item":[{"@":{"ietf-list-pagination:remaining":2,"ietf-list-pagination:previous":"","ietf-list-pagination:next":"Yg=="},"id":"a",`,
			`<item xmlns="urn:p" xmlns:lp="urn:ietf:params:xml:ns:yang:ietf-list-pagination" lp:remaining="2" lp:previous="" lp:next="Yg=="><id>a</id>`,
		},
		{
			"leaf-list", "word",
			EncodeOptions{Page: &Page{Remaining: -1, Locale: "C"}},
			`{"p:word":["v","w"],"@p:word":[{"ietf-list-pagination:remaining":"unknown","ietf-list-pagination:locale":"C"}]}`,
			`<word xmlns="urn:p" xmlns:lp="urn:ietf:params:xml:ns:yang:ietf-list-pagination" lp:remaining="unknown" lp:locale="C">v</word><word xmlns="urn:p">w</word>`,
		},
		{
			"sublists", "",
			EncodeOptions{SublistLimit: 1},
			`{"p:top":{"item":[{"@":{"ietf-list-pagination:remaining":2},"id":"a","tag":["x"],"@tag":[{"ietf-list-pagination:remaining":2}],` +
				`"part":[{"@":{"ietf-list-pagination:remaining":1},"n":1}]}],"word":["v"],"@word":[{"ietf-list-pagination:remaining":1}],"one":"1"}}`,
			`<top xmlns="urn:p" xmlns:lp="urn:ietf:params:xml:ns:yang:ietf-list-pagination"><item lp:remaining="2"><id>a</id><tag lp:remaining="2">x</tag>` +
				`<part lp:remaining="1"><n>1</n></part></item><word lp:remaining="1">v</word><one>1</one></top>`,
		},
		{
			"sublists that are short enough", "",
			EncodeOptions{SublistLimit: 3},
			pageData, `<top xmlns="urn:p" xmlns:lp="urn:ietf:params:xml:ns:yang:ietf-list-pagination"><item><id>a</id><tag>x</tag>`,
		},
		{
			"beside another annotation", "item",
			EncodeOptions{Page: page, Origin: true},
			`{"p:item":[{"@":{"ietf-origin:origin":"ietf-origin:system","ietf-list-pagination:remaining":2,`, `or:origin="or:system" lp:remaining="2"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var json, xml bytes.Buffer
			if tt.list == "" {
				if err := EncodeJSON(&json, data, tt.o); err != nil {
					t.Fatal(err)
				}
				if err := EncodeXML(&xml, data, tt.o); err != nil {
					t.Fatal(err)
				}
			} else {
				nodes := slices.Collect(top.Entries(s.Find("/p:top/" + tt.list)))
				nodes[0] = nodes[0].WithOrigin(tree.OriginSystem)
				if err := EncodeJSONNodes(&json, slices.Values(nodes), tt.o); err != nil {
					t.Fatal(err)
				}
				if err := EncodeXMLNodes(&xml, slices.Values(nodes), tt.o); err != nil {
					t.Fatal(err)
				}
			}
			if !strings.Contains(json.String(), tt.json) {
				t.Errorf("got  %s\nwant %s", &json, tt.json)
			}
			if !strings.Contains(xml.String(), tt.xml) {
				t.Errorf("got  %s\nwant %s", &xml, tt.xml)
			}
		})
	}
}
