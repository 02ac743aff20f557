package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
)

func TestDepth(t *testing.T) {
	schema := dstest.Schema(t, company)
	data := parse(t, schema, `{"company:top":{"motto":"go","user":[{"name":"ann","info":{"id":1}}]}}`)
	top := tree.Path{{Schema: schema.Find("/company:top")}}
	tests := []struct {
		name  string
		at    tree.Path
		depth int
		want  string
	}{
		{"unbounded", nil, 0, `{"company:top":{"motto":"go","user":[{"name":"ann","info":{"id":1}}]}}`},
		{"one level below the root", nil, 1, `{"company:top":{}}`},
		{"the container alone", top, 1, `{"company:top":{}}`},
		{"and its children; entries keep their keys", top, 2, `{"company:top":{"motto":"go","user":[{"name":"ann"}]}}`},
		{"and theirs", top, 3, `{"company:top":{"motto":"go","user":[{"name":"ann","info":{}}]}}`},
		{"deep enough", top, 9, `{"company:top":{"motto":"go","user":[{"name":"ann","info":{"id":1}}]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(t, query.Depth(data, tt.at, tt.depth), codec.EncodeOptions{}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestOfContent(t *testing.T) {
	schema := dstest.Schema(t, company)
	data := parse(t, schema, staff)
	tests := []struct {
		name    string
		content query.Content
		want    string
	}{
		{"nonconfig", query.NonConfig, `{"company:top":{"user":[{"name":"ann","seen":"today"}]}}`},
		{
			"config", query.Config, `{"company:top":{"motto":"go","user":[{"name":"ann","type":"superuser","role":"company:boss",` +
				`"info":{"dept":1,"id":1},"group":["a","b"]},{"name":"bob","info":{"id":2}},` +
				`{"name":"eve","type":"user","info":{"dept":3,"id":3}}]},"company:other":{"z":"last"}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(t, query.OfContent(data, tt.content), codec.EncodeOptions{}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if query.OfContent(data, query.All) != data {
		t.Error("all is not the tree itself")
	}
}

func TestFields(t *testing.T) {
	schema := dstest.Schema(t, company)
	data := parse(t, schema, staff)
	top := tree.Path{{Schema: schema.Find("/company:top")}}
	tests := []struct{ name, fields, want string }{
		{"a leaf", "motto", `{"company:top":{"motto":"go"}}`},
		{"a path", "user/info/id", `{"company:top":{"user":[{"name":"ann","info":{"id":1}},{"name":"bob","info":{"id":2}},{"name":"eve","info":{"id":3}}]}}`},
		{"a group", "user(seen;info/dept)", `{"company:top":{"user":[{"name":"ann","info":{"dept":1},"seen":"today"},{"name":"bob","info":{}},{"name":"eve","info":{"dept":3}}]}}`},
		{"twice", "user/name;motto;user/info/id;motto", `{"company:top":{"motto":"go","user":[{"name":"ann","info":{"id":1}},{"name":"bob","info":{"id":2}},{"name":"eve","info":{"id":3}}]}}`},
		{"some of it and all of it", "user/info/id;user/info", `{"company:top":{"user":[{"name":"ann","info":{"dept":1,"id":1}},{"name":"bob","info":{"id":2}},{"name":"eve","info":{"dept":3,"id":3}}]}}`},
		{"with module", "company:motto", `{"company:top":{"motto":"go"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := query.ParseFields(tt.fields)
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Apply(data, top)
			if err != nil {
				t.Fatal(err)
			}
			if text := show(t, got, codec.EncodeOptions{}); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
	for _, bad := range []string{"", ";", "a;", "a(", "a(b", "a)", "a//b", "a/", ":a", "a:", "(a)", "a(b)c"} {
		if _, err := query.ParseFields(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	for _, unknown := range []string{"nothing", "user/nothing", "user;user/nothing", "motto/x"} {
		f, err := query.ParseFields(unknown)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Apply(data, top); err == nil {
			t.Errorf("%s, which the schema does not have, was accepted", unknown)
		}
	}
}

// A long expression costs its length once, not for each entry.
func TestFieldsMany(t *testing.T) {
	schema := dstest.Schema(t, company)
	data := parse(t, schema, staff)
	f, err := query.ParseFields(strings.Repeat("user/info/id;", 50000) + "motto")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := f.Apply(data, tree.Path{{Schema: schema.Find("/company:top")}}); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
	if _, err := query.ParseFields(strings.Repeat("x", 1<<20) + "("); len(err.Error()) > 1000 {
		t.Errorf("the message has %d bytes", len(err.Error()))
	}
}

func FuzzParseFields(f *testing.F) {
	for _, s := range []string{"a", "a;b(c;d/e)", "m:a/b(", "((((", ";"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, text string) { _, _ = query.ParseFields(text) })
}
