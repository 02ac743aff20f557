package codec

import (
	"strings"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// moduleA has every type and kind of node, and moduleB what comes from another
// namespace: nodes, identities and a prefix that both use.
const moduleA = `module codec-a {
  yang-version 1.1; namespace "urn:example:a"; prefix c;
  identity shape;
  identity round { base shape; }
  container all {
    leaf i8 { type int8; } leaf i16 { type int16; } leaf i32 { type int32; } leaf i64 { type int64; }
    leaf u8 { type uint8 { range "0..100"; } } leaf u16 { type uint16; } leaf u32 { type uint32; } leaf u64 { type uint64; }
    leaf dec { type decimal64 { fraction-digits 3; } }
    leaf flag { type boolean; }
    leaf none { type empty; }
    leaf text { type string; }
    leaf short { type string { length "1..3" { error-app-tag "too-odd"; error-message "Three at most."; } } }
    leaf colour { type enumeration { enum red; enum "a <b> & 'c' \"d\""; } }
    leaf options { type bits { bit up; bit down; bit left; } }
    leaf blob { type binary; }
    leaf kind { type identityref { base shape; } }
    leaf where { type instance-identifier { require-instance false; } }
    leaf either { type union { type uint8; type enumeration { enum auto; } type boolean; type identityref { base shape; } type string; } }
    leaf ref { type leafref { path "/c:item/c:name"; require-instance false; } }
    leaf-list tag { type string; }
    leaf-list number { type uint64; ordered-by user; }
    leaf-list kinds { type identityref { base shape; } }
    choice way { case one { leaf first { type string; } } case two { container second { leaf x { type int32; } } } }
    container gone { presence "kept when empty"; }
    container plain { leaf inner { type string; } }
  }
  list item {
    key "name kind";
    leaf value { type string; }
    leaf kind { type identityref { base shape; } }
    leaf name { type string; }
    list nested { key id; ordered-by user; leaf id { type uint32; } leaf text { type string; } }
  }
  anydata stuff;
  anyxml free;
  container state {
    config false;
    leaf up { type boolean; }
    list event { leaf code { type int32; } leaf text { type string; } }
    leaf-list seen { type string; }
  }
  rpc reset { input { leaf delay { type uint16; } container more { leaf x { type string; } } } output { leaf ok { type boolean; } } }
  notification alarm { leaf code { type int32; } }
}`

const moduleB = `module codec-b {
  yang-version 1.1; namespace "urn:example:b"; prefix c;
  import codec-a { prefix a; }
  identity square { base a:shape; }
  augment "/a:all" { leaf text { type string; } container extra { leaf deep { type string; } leaf kind { type identityref { base a:shape; } } } }
  augment "/a:item" { leaf weight { type decimal64 { fraction-digits 1; } } action poke { input { leaf hard { type boolean; } } } }
  container other { leaf name { type string; } }
}`

// schemaOf compiles the test modules once; a fault of theirs fails the test.
func schemaOf(t testing.TB) *yang.Schema {
	t.Helper()
	compiled.Do(func() { compiledSchema = dstest.Schema(t, moduleA, moduleB) })
	if compiledSchema == nil {
		t.Fatal("the test modules do not compile")
	}
	return compiledSchema
}

var (
	compiled       sync.Once
	compiledSchema *yang.Schema
)

// fromXML builds a tree from inner XML; its default namespace is that of codec-a.
func fromXML(t testing.TB, text string) (*tree.Tree, error) {
	t.Helper()
	s := schemaOf(t)
	return buildXML(s, s.Root, text, DecodeOptions{})
}

func buildXML(s *yang.Schema, parent *yang.Node, text string, o DecodeOptions) (*tree.Tree, error) {
	x := NewXMLReader(strings.NewReader(`<data xmlns="urn:example:a">`+text+`</data>`), XMLLimits{})
	if _, err := x.Next(); err != nil {
		return nil, err
	}
	b := tree.NewBuilder(parent)
	if err := DecodeXML(x, s, parent, b, o); err != nil {
		return nil, err
	}
	if _, err := x.Next(); err != nil {
		return nil, err
	}
	return b.Tree()
}

func buildJSON(s *yang.Schema, parent *yang.Node, text string, o DecodeOptions) (*tree.Tree, error) {
	b := tree.NewBuilder(parent)
	if err := DecodeJSON(strings.NewReader(text), s, parent, b, o); err != nil {
		return nil, err
	}
	return b.Tree()
}

func fromJSON(t testing.TB, text string) (*tree.Tree, error) {
	t.Helper()
	s := schemaOf(t)
	return buildJSON(s, s.Root, text, DecodeOptions{})
}

func toXML(t testing.TB, tr *tree.Tree, o EncodeOptions) string {
	t.Helper()
	var b strings.Builder
	if err := EncodeXML(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func toJSON(t testing.TB, tr *tree.Tree, o EncodeOptions) string {
	t.Helper()
	var b strings.Builder
	if err := EncodeJSON(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
