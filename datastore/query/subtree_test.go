package query_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const company = `
module company {
  yang-version 1.1;
  namespace "urn:c";
  prefix c;
  identity role;
  identity boss { base role; }
  container top {
    leaf motto { type string; }
    list user {
      key "name";
      leaf name { type string; }
      leaf type { type string; default "user"; }
      leaf role { type identityref { base role; } }
      container info { leaf dept { type uint8; default 1; } leaf id { type uint8; } }
      leaf seen { config false; type string; }
      leaf-list group { type string; }
    }
    container empty { leaf x { type string; default "y"; } }
  }
  container other { presence "yes"; leaf z { type string; } }
}`

const staff = `{"company:top":{"motto":"go","user":[
 {"name":"ann","type":"superuser","role":"boss","info":{"dept":1,"id":1},"seen":"today","group":["a","b"]},
 {"name":"bob","info":{"id":2}},
 {"name":"eve","type":"user","info":{"dept":3,"id":3}}]},
 "company:other":{"z":"last"}}`

func parse(t testing.TB, schema *yang.Schema, text string) *tree.Tree {
	t.Helper()
	b := tree.NewBuilder(schema.Root)
	if err := codec.DecodeJSON(strings.NewReader(text), schema, schema.Root, b, codec.DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	out, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func show(t testing.TB, x *tree.Tree, o codec.EncodeOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := codec.EncodeJSON(&b, x, o); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func filter(t testing.TB, schema *yang.Schema, text string) *query.Filter {
	t.Helper()
	x := codec.NewXMLReader(strings.NewReader(`<filter xmlns:c="urn:c" xmlns:n="urn:nobody">`+text+`</filter>`), codec.XMLLimits{})
	if _, err := x.Next(); err != nil {
		t.Fatal(err)
	}
	f, err := query.ParseSubtree(x, schema)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSubtree(t *testing.T) {
	schema := dstest.Schema(t, company)
	data := parse(t, schema, staff)
	tests := []struct{ name, filter, want string }{
		{"empty filter", ``, `{}`},
		{"unknown namespace", `<top xmlns="urn:nobody"/>`, `{}`},
		{"unknown name", `<top xmlns="urn:c"><nothing/></top>`, `{}`},
		{"no namespace matches any", `<other xmlns=""/>`, `{"company:other":{"z":"last"}}`},
		{"selection of a container", `<other xmlns="urn:c"/>`, `{"company:other":{"z":"last"}}`},
		{"selection of a leaf", `<top xmlns="urn:c"><motto/></top>`, `{"company:top":{"motto":"go"}}`},
		{
			"two selections", `<top xmlns="urn:c"><motto/></top><other xmlns="urn:c"/>`,
			`{"company:top":{"motto":"go"},"company:other":{"z":"last"}}`,
		},
		{
			"leaf of every entry comes with its key", `<top xmlns="urn:c"><user><type/></user></top>`,
			`{"company:top":{"user":[{"name":"ann","type":"superuser"},{"name":"eve","type":"user"}]}}`,
		},
		{
			"content match selects the entry", `<top xmlns="urn:c"><user><name> bob </name></user></top>`,
			`{"company:top":{"user":[{"name":"bob","info":{"id":2}}]}}`,
		},
		{
			"content match and selection", `<top xmlns="urn:c"><user><name>ann</name><info><id/></info></user></top>`,
			`{"company:top":{"user":[{"name":"ann","info":{"id":1}}]}}`,
		},
		{
			"content match on no key", `<top xmlns="urn:c"><user><type>user</type></user></top>`,
			`{"company:top":{"user":[{"name":"eve","type":"user","info":{"dept":3,"id":3}}]}}`,
		},
		{
			"content match on a leaf-list", `<top xmlns="urn:c"><user><group>b</group><name/></user></top>`,
			`{"company:top":{"user":[{"name":"ann","group":["b"]}]}}`,
		},
		{"content match fails", `<top xmlns="urn:c"><user><name>zoe</name></user></top>`, `{}`},
		{"both matches must hold", `<top xmlns="urn:c"><user><name>ann</name><type>user</type></user></top>`, `{}`},
		{
			"two filters of one list are joined",
			`<top xmlns="urn:c"><user><name>bob</name></user><user><name>eve</name><type/></user></top>`,
			`{"company:top":{"user":[{"name":"bob","info":{"id":2}},{"name":"eve","type":"user"}]}}`,
		},
		{
			"identityref by namespace", `<top xmlns="urn:c"><user><role>c:boss</role><name/></user></top>`,
			`{"company:top":{"user":[{"name":"ann","role":"company:boss"}]}}`,
		},
		{"identityref of another namespace", `<top xmlns="urn:c"><user><role>n:boss</role></user></top>`, `{}`},
		{"attribute match", `<top xmlns="urn:c" c:a="1"/>`, `{}`},
		{
			"nested content match", `<top xmlns="urn:c"><user><info><dept>3</dept></info></user></top>`,
			`{"company:top":{"user":[{"name":"eve","info":{"dept":3,"id":3}}]}}`,
		},
		{
			"content match in a container, beside a list", `<top xmlns="urn:c"><motto>go</motto></top>`,
			`{"company:top":{"motto":"go","user":[` +
				`{"name":"ann","type":"superuser","role":"company:boss","info":{"dept":1,"id":1},"seen":"today","group":["a","b"]},` +
				`{"name":"bob","info":{"id":2}},{"name":"eve","type":"user","info":{"dept":3,"id":3}}]}}`,
		},
		{"content match in a container fails", `<top xmlns="urn:c"><motto>stop</motto></top>`, `{}`},
		{"value of the wrong type", `<top xmlns="urn:c"><user><info><dept>x</dept></info></user></top>`, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := filter(t, schema, tt.filter)
			if got := show(t, query.Subtree(data, f), codec.EncodeOptions{}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := show(t, query.Subtree(query.Coarse(data, f), f), codec.EncodeOptions{}); got != tt.want {
				t.Errorf("of the coarse part\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestSubtreeOfAnydata: what is inside has no schema, so it is shown whole.
func TestSubtreeOfAnydata(t *testing.T) {
	schema := dstest.Schema(t, `module notes { yang-version 1.1; namespace "urn:n"; prefix n;
		container top { leaf a { type string; } anydata note; anyxml old; } }`)
	data := parse(t, schema, `{"notes:top":{"a":"1","note":{"x:y":{"z":1}},"old":[1]}}`)
	tests := []struct{ name, filter, want string }{
		{"selected", `<top xmlns="urn:n"><note/></top>`, `{"notes:top":{"note":{"x:y":{"z":1}}}}`},
		{"looked into", `<top xmlns="urn:n"><note><y xmlns="urn:x" a="1"/></note></top>`, `{"notes:top":{"note":{"x:y":{"z":1}}}}`},
		{"anyxml looked into", `<top xmlns="urn:n"><old><y/></old></top>`, `{"notes:top":{"old":[1]}}`},
		{"compared with text", `<top xmlns="urn:n"><note>1</note><a/></top>`, `{}`},
		{"in an entry that does not match", `<top xmlns="urn:n"><a>2</a><note><y/></note></top>`, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := filter(t, schema, tt.filter)
			if got := show(t, query.Subtree(query.Coarse(data, f), f), codec.EncodeOptions{}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestSubtreeSharesWholes: what is selected whole is not copied.
func TestSubtreeSharesWholes(t *testing.T) {
	schema := dstest.Schema(t, company)
	data := parse(t, schema, staff)
	got := query.Subtree(data, filter(t, schema, `<top xmlns="urn:c"/>`))
	top := schema.Find("/company:top")
	if got.Root().Child(top) != data.Root().Child(top) {
		t.Error("the container was copied")
	}
}

func TestSubtreeDepth(t *testing.T) {
	schema := dstest.Schema(t, company)
	data := parse(t, schema, staff)
	tests := []struct {
		name, filter string
		depth        int
		want         string
	}{
		{"from the selected container", `<c:top/>`, 1, `{"company:top":{}}`},
		{
			"from the selected entries, which keep their keys", `<c:top><c:user/></c:top>`, 1,
			`{"company:top":{"user":[{"name":"ann"},{"name":"bob"},{"name":"eve"}]}}`,
		},
		{
			"from the matched entry", `<c:top><c:user><c:name>bob</c:name></c:user></c:top>`, 2,
			`{"company:top":{"user":[{"name":"bob","info":{}}]}}`,
		},
		{"leafs have no levels", `<c:top><c:motto/></c:top>`, 1, `{"company:top":{"motto":"go"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := filter(t, schema, tt.filter)
			f.Depth = tt.depth
			if got := show(t, query.Subtree(data, f), codec.EncodeOptions{}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
