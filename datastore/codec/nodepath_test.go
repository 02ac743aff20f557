package codec_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
)

// TestNodePath reads a path of an access-control rule with the prefixes of XML and
// writes it with declared ones; prefixes within values stay.
func TestNodePath(t *testing.T) {
	s := dstest.Schema(t, `module n { yang-version 1.1; namespace "urn:n"; prefix n; import ietf-netconf-acm { prefix nacm; }
	  augment /nacm:nacm { leaf note { type string; } } leaf top { type string; } }`)
	const in = `<nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm" xmlns:x="urn:n"><rule-list><name>l</name><rule><name>r</name>` +
		`<path>/x:top[x:k='x:y']/z[ n = $USER ]</path><action>deny</action></rule></rule-list></nacm>`
	read := func(text string) *tree.Tree {
		b := tree.NewBuilder(s.Root)
		x := codec.NewXMLReader(strings.NewReader("<d>"+text+"</d>"), codec.XMLLimits{})
		if _, err := x.Next(); err != nil {
			t.Fatal(err)
		}
		if err := codec.DecodeXML(x, s, s.Root, b, codec.DecodeOptions{}); err != nil {
			t.Fatal(err)
		}
		got, err := b.Tree()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	data := read(in)
	var json, out bytes.Buffer
	if err := codec.EncodeJSON(&json, data, codec.EncodeOptions{Schema: s}); err != nil {
		t.Fatal(err)
	}
	if want := `"path":"/n:top[n:k='x:y']/z[ n = $USER ]"`; !strings.Contains(json.String(), want) {
		t.Errorf("%s lacks %s", json.String(), want)
	}
	if err := codec.EncodeXML(&out, data, codec.EncodeOptions{Schema: s}); err != nil {
		t.Fatal(err)
	}
	if want := `<path xmlns:n="urn:n">/n:top[n:k='x:y']/z[ n = $USER ]</path>`; !strings.Contains(out.String(), want) {
		t.Errorf("%s lacks %s", out.String(), want)
	}
	if again := read(out.String()); !tree.Compare(data, again).Empty() {
		t.Error("what was written is read as something else")
	}
}
