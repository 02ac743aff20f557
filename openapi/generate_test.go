package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/altoam/altoam/yang"
)

// TestGolden compares descriptions with those of testdata.
func TestGolden(t *testing.T) {
	s := shop(t)
	for name, o := range map[string]Options{
		"shop":     {Schema: s, Modules: []string{"example-shop"}},
		"annex":    {Schema: s, Modules: []string{"example-annex"}, Root: "/api", Version: "7"},
		"observed": {Schema: s, Modules: []string{"example-annex"}, Datastore: "operational"},
	} {
		file := "testdata/" + name + ".golden"
		got := lines(t, generate(t, o), name != "annex")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: %s", file, cmp.Diff(string(want), got))
		}
	}
}

// lines are those of a golden file; short ones have nothing of operations but their names.
func lines(t *testing.T, text []byte, short bool) string {
	var doc map[string]json.RawMessage
	var components, paths map[string]map[string]json.RawMessage
	err := json.Unmarshal(text, &doc)
	err2 := json.Unmarshal(doc["components"], &components)
	err3 := json.Unmarshal(doc["paths"], &paths)
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	delete(doc, "components")
	delete(doc, "paths")
	var out []string
	for name, v := range doc {
		out = append(out, name+" "+string(v))
	}
	for kind, list := range components {
		for name, v := range list {
			if kind != schemas && kind != parameters || strings.HasPrefix(name, "example-") || strings.HasPrefix(name, "data") {
				out = append(out, kind+" "+name+" "+string(v))
			}
		}
	}
	for path, item := range paths {
		for method, v := range item {
			if short {
				v = nil
			}
			out = append(out, path+" "+method+" "+string(v))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n") + "\n"
}

func TestDeterministic(t *testing.T) {
	a, b := generate(t, Options{Schema: shop(t)}), generate(t, Options{Schema: shop(t)})
	if !bytes.Equal(a, b) {
		t.Error("two descriptions of the same modules differ")
	}
}

func TestErrors(t *testing.T) {
	bare, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS()), yang.Options{Implement: []yang.ModuleSpec{{Name: "ietf-system"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Schema: bare}, "does not implement ietf-restconf"},
		{Options{Schema: shop(t), Modules: []string{"nothing"}}, "no module nothing"},
		{Options{Schema: shop(t), Modules: []string{"ietf-yang-types"}}, "no module ietf-yang-types"},
		{Options{Schema: shop(t), Datastore: "startup"}, "no datastore startup"},
	} {
		if _, err := Generate(c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// builtin are modules of all sorts.
var builtin = []string{"ietf-alto", "ietf-alto-stats", "ietf-system", "ietf-netconf-server", "ietf-truststore", "ietf-keystore", "ietf-yang-library", "ietf-netconf"}

// TestStructure holds descriptions against the structure of OpenAPI 3.1 and against
// what its text says besides.
func TestStructure(t *testing.T) {
	meta := readStructure(t)
	for name, o := range map[string]Options{
		"shop":        {Schema: shop(t)},
		"builtin":     {Schema: testSchema(t, "ietf-system", "ietf-truststore")},
		"one":         {Schema: testSchema(t, builtin...), Modules: []string{"ietf-system"}},
		"operational": {Schema: testSchema(t, builtin...), Modules: []string{"ietf-alto"}, Datastore: "operational"},
	} {
		t.Run(name, func(t *testing.T) {
			d := described(t, generate(t, o))
			if err := meta.Validate(d.doc); err != nil {
				t.Error(err)
			}
			for _, fault := range d.faults() {
				t.Error(fault)
			}
			components, _ := d.at("components", "schemas").(map[string]any)
			for name := range components {
				d.schema(name)
			}
		})
	}
}

func readStructure(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("testdata/structure.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFaults shows that the checks of TestStructure find something.
func TestFaults(t *testing.T) {
	text := string(generate(t, Options{Schema: shop(t), Modules: []string{"example-annex"}}))
	meta := readStructure(t)
	for _, c := range []struct{ name, from, to string }{
		{"parameter without schema", `"in":"query"`, `"in":"cookie"`},
		{"unknown member", `"operationId"`, `"operationID"`},
		{"no description", `"description":"The resource"`, `"describe":"The resource"`},
		{"dangling reference", `"#/components/responses/304"`, `"#/components/responses/305"`},
		{"operationId twice", `"operationId":"put.data"`, `"operationId":"get.data"`},
		{"parameter that is not in the template", `"name":"kind","in":"path"`, `"name":"sort","in":"path"`},
	} {
		if !strings.Contains(text, c.from) {
			t.Fatalf("%s: nothing to spoil", c.name)
		}
		d := described(t, []byte(strings.Replace(text, c.from, c.to, 1)))
		if meta.Validate(d.doc) == nil && len(d.faults()) == 0 {
			t.Errorf("%s: nobody sees it", c.name)
		}
	}
}

var parameterOf = regexp.MustCompile(`\{([^}]*)\}`)

// faults are references that lead nowhere, operationIds that are not unique, and
// templates that do not have the parameters they say, or are the same.
func (d *description) faults() (out []string) {
	d.walk(d.doc, func(r string) {
		if d.at(strings.Split(strings.TrimPrefix(r, "#/"), "/")...) == nil {
			out = append(out, "nothing is at "+r)
		}
	})
	ids, templates := map[any]bool{}, map[string]bool{}
	paths, _ := d.at("paths").(map[string]any)
	for path, item := range paths {
		if same := parameterOf.ReplaceAllString(path, "{}"); templates[same] {
			out = append(out, path+" is there under another name")
		} else {
			templates[same] = true
		}
		var names, declared []string
		for _, m := range parameterOf.FindAllStringSubmatch(path, -1) {
			names = append(names, m[1])
		}
		for key, v := range item.(map[string]any) {
			if key == "parameters" {
				declared = d.inPath(v)
				continue
			}
			op := v.(map[string]any)
			if id := op["operationId"]; ids[id] {
				out = append(out, fmt.Sprint("twice: ", id))
			} else {
				ids[id] = true
			}
		}
		if !slices.Equal(names, declared) {
			out = append(out, fmt.Sprintf("%s has the parameters %q", path, declared))
		}
	}
	return out
}

func (d *description) inPath(params any) (names []string) {
	for _, p := range params.([]any) {
		r, _ := p.(map[string]any)["$ref"].(string)
		v, _ := d.at(strings.Split(strings.TrimPrefix(r, "#/"), "/")...).(map[string]any)
		if v["in"] == "path" {
			names = append(names, v["name"].(string))
		}
	}
	return names
}

func (d *description) walk(v any, visit func(ref string)) {
	switch v := v.(type) {
	case map[string]any:
		if r, ok := v["$ref"].(string); ok {
			visit(r)
		}
		for _, x := range v {
			d.walk(x, visit)
		}
	case []any:
		for _, x := range v {
			d.walk(x, visit)
		}
	}
}
