package openapi

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/altoam/altoam/yang"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// testSchema implements the modules, built in or of testdata, and what RESTCONF needs.
func testSchema(t testing.TB, modules ...string) *yang.Schema {
	t.Helper()
	var o yang.Options
	for _, m := range append([]string{"ietf-datastores", "ietf-restconf", "ietf-yang-patch", "altoam-commit"}, modules...) {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: m})
	}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), os.DirFS("testdata/yang")), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shop(t testing.TB) *yang.Schema { return testSchema(t, "example-shop", "example-annex") }

func generate(t testing.TB, o Options) []byte {
	t.Helper()
	if o.Datastores == nil {
		o.Datastores = []string{"running", "operational"}
	}
	text, err := Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// description is a generated description, to validate instances with.
type description struct {
	t        testing.TB
	doc      any
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

func described(t testing.TB, text []byte) *description {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("mem:openapi", doc); err != nil {
		t.Fatal(err)
	}
	return &description{t, doc, c, map[string]*jsonschema.Schema{}}
}

// schema is the schema component of that name.
func (d *description) schema(name string) *jsonschema.Schema {
	d.t.Helper()
	s := d.compiled[name]
	if s == nil {
		var err error
		if s, err = d.compiler.Compile("mem:openapi#/components/schemas/" + name); err != nil {
			d.t.Fatal(name, err)
		}
		d.compiled[name] = s
	}
	return s
}

// check validates text, JSON.
func (d *description) check(name, text string) error {
	d.t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		d.t.Fatalf("%v: %s", err, text)
	}
	return d.schema(name).Validate(v)
}

// at is the part of the description that the keys lead to, nil for none.
func (d *description) at(keys ...string) any {
	v := d.doc
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}
