package restconf

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"

	"github.com/altoam/altoam/yang"
)

// contract is the description that a server gives of itself.
type contract struct {
	t         testing.TB
	doc       map[string]any
	compiler  *jsonschema.Compiler
	compiled  map[string]*jsonschema.Schema
	templates []template
}

type template struct {
	path string
	re   *regexp.Regexp
}

// contractOf reads the descriptions of the resources below /data and of each datastore into one.
func contractOf(f *fixture) *contract {
	c := &contract{t: f.t, compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	for _, query := range []string{"", "?datastore=running", "?datastore=candidate", "?datastore=intended", "?datastore=operational"} {
		w := f.must(200, "GET /restconf/openapi.json"+query)
		doc, err := jsonschema.UnmarshalJSON(w.Body)
		if err != nil {
			f.t.Fatal(err)
		}
		if query == "" {
			c.doc = doc.(map[string]any)
			continue
		}
		for path, item := range doc.(map[string]any)["paths"].(map[string]any) {
			c.doc["paths"].(map[string]any)[path] = item
		}
		for kind, list := range doc.(map[string]any)["components"].(map[string]any) {
			maps.Copy(c.doc["components"].(map[string]any)[kind].(map[string]any), list.(map[string]any))
		}
	}
	if err := c.compiler.AddResource("mem:api", c.doc); err != nil {
		f.t.Fatal(err)
	}
	for path := range c.doc["paths"].(map[string]any) {
		text := "^"
		for i, part := range regexp.MustCompile(`\{[^}]*\}`).Split(path, -1) {
			if i > 0 {
				text += "[^/]*"
			}
			text += regexp.QuoteMeta(part)
		}
		c.templates = append(c.templates, template{path, regexp.MustCompile(text + "$")})
	}
	slices.SortFunc(c.templates, func(a, b template) int { return strings.Compare(a.path, b.path) })
	return c
}

// operation is the operation for a request; path is its template.
func (c *contract) operation(method, uri string) (op map[string]any, path string) {
	uri, _, _ = strings.Cut(uri, "?")
	uri = strings.ReplaceAll(strings.ReplaceAll(uri, "%3A", ":"), "/example-top:top/example-top:", "/example-top:top/")
	for _, tm := range c.templates {
		if tm.re.MatchString(uri) {
			item := c.doc["paths"].(map[string]any)[tm.path].(map[string]any)
			if op, _ = item[strings.ToLower(method)].(map[string]any); op != nil {
				return op, tm.path
			}
			path = tm.path
		}
	}
	return nil, path
}

// deref follows a reference.
func (c *contract) deref(v any) map[string]any {
	m := v.(map[string]any)
	r, ok := m["$ref"].(string)
	if !ok {
		return m
	}
	var at any = c.doc
	for _, k := range strings.Split(strings.TrimPrefix(r, "#/"), "/") {
		at = at.(map[string]any)[k]
	}
	return at.(map[string]any)
}

// body checks a body with what content, a Content Object, says of its media type.
func (c *contract) body(content map[string]any, contentType, text string) error {
	media, _, _ := mime.ParseMediaType(contentType)
	m, ok := content[media].(map[string]any)
	if !ok {
		return fmt.Errorf("no media type %s", media)
	}
	schema, ok := m["schema"].(map[string]any)
	if !ok || !strings.HasSuffix(media, "json") {
		return nil
	}
	r, ok := schema["$ref"].(string)
	if !ok {
		return nil
	}
	s := c.compiled[r]
	if s == nil {
		var err error
		if s, err = c.compiler.Compile("mem:api" + r); err != nil {
			c.t.Fatal(err)
		}
		c.compiled[r] = s
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// answer checks an answer with the operation op.
func (c *contract) answer(op map[string]any, w *httptest.ResponseRecorder) error {
	answers := op["responses"].(map[string]any)
	r, ok := answers[strconv.Itoa(w.Code)]
	if !ok {
		if w.Code < 400 {
			return fmt.Errorf("no status %d", w.Code)
		}
		r = answers["default"]
	}
	answer := c.deref(r)
	content, _ := answer["content"].(map[string]any)
	if w.Body.Len() == 0 {
		return nil
	}
	return c.body(content, w.Header().Get("Content-Type"), w.Body.String())
}

// TestContract sends the requests of all scenarios and checks the answers, and those
// requests that were done, with the description.
func TestContract(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	answers, requests := 0, 0
	c := contractOf(newFixture(t, nil))
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, nil)
		for _, x := range a.Files {
			name, isRequest := strings.CutSuffix(x.Name, " request")
			if !isRequest {
				continue
			}
			text := strings.TrimSuffix(string(x.Data), "\n")
			line, _, _ := strings.Cut(text, "\n")
			method, uri, _ := strings.Cut(line, " ")
			w := f.do(text)
			op, _ := c.operation(method, uri)
			if op == nil {
				if w.Code < 400 && method != http.MethodHead && method != http.MethodOptions {
					t.Errorf("%s, %s: %s is not described, and answers %d", file, name, line, w.Code)
				}
				continue
			}
			if err := c.answer(op, w); err != nil {
				t.Errorf("%s, %s: %s\n%d %s\n%v", file, name, line, w.Code, w.Body, err)
			}
			answers++
			if done, err := c.request(op, text, w.Code); err != nil {
				t.Errorf("%s, %s: %s\n%v", file, name, text, err)
			} else if done {
				requests++
			}
		}
	}
	if answers < 100 || requests < 20 {
		t.Errorf("only %d answers and %d bodies", answers, requests)
	}
}

// request checks the body of a request that was done.
func (c *contract) request(op map[string]any, text string, code int) (bool, error) {
	head, body, ok := strings.Cut(text, "\n\n")
	i := strings.Index(head, "Content-Type:")
	if code >= 400 || !ok || i < 0 || body == "" {
		return false, nil
	}
	contentType, _, _ := strings.Cut(head[i+len("Content-Type:"):], "\n")
	b, ok := op["requestBody"].(map[string]any)
	if !ok {
		return false, nil
	}
	return true, c.body(b["content"].(map[string]any), strings.TrimSpace(contentType), body)
}

// TestContractMethods compares the methods and parameters that are described with those that the server
// has.
func TestContractMethods(t *testing.T) {
	f := newFixture(t, nil)
	c := contractOf(f)
	for _, tm := range c.templates {
		res, ok := f.resolveAny(tm.path)
		if !ok {
			t.Errorf("%s: there is no such resource", tm.path)
			continue
		}
		item := c.doc["paths"].(map[string]any)[tm.path].(map[string]any)
		for method, m := range res.methods {
			op, described := item[strings.ToLower(method)].(map[string]any)
			if !described {
				if n := res.path.Schema(); method != http.MethodPost || slices.ContainsFunc(n.Data, func(c *yang.Node) bool { return c.Config && !c.IsKey }) {
					t.Errorf("%s: %s is not described", tm.path, method)
				}
				continue
			}
			delete(item, strings.ToLower(method))
			for _, p := range c.query(op) {
				if !slices.Contains(m.params, p) {
					t.Errorf("%s: %s does not take %s", tm.path, method, p)
				}
			}
		}
		delete(item, "parameters")
		for method := range item {
			t.Errorf("%s: %s is described, and there is no such method", tm.path, method)
		}
	}
}

// query are the names of the query parameters of an operation.
func (c *contract) query(op map[string]any) (names []string) {
	list, _ := op["parameters"].([]any)
	for _, p := range list {
		if p := c.deref(p); p["in"] == "query" {
			names = append(names, p["name"].(string))
		}
	}
	return names
}

// resolveAny resolves a template with some values for its parameters.
func (f *fixture) resolveAny(path string) (res resource, ok bool) {
	uri := ""
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		found := false
		for text := range spellings(segment) {
			find, rest, _ := f.server.route(uri + "/" + text)
			if r, err := find(f.server, rest); err == nil || !strings.Contains(segment, "{") || segment == "{stream}" && text == "NETCONF" {
				res, ok, found, uri = r, err == nil, true, uri+"/"+text
				break
			}
		}
		if !found {
			return res, false
		}
	}
	return res, ok
}

// spellings are texts for a segment of a template.
func spellings(segment string) iter.Seq[string] {
	return func(yield func(string) bool) { spell(segment, yield) }
}

func spell(segment string, yield func(string) bool) bool {
	at := regexp.MustCompile(`\{[^}]*\}`).FindStringIndex(segment)
	if at == nil {
		return yield(segment)
	}
	for _, v := range []string{"1", "a", "", "NETCONF", "ietf-datastores:running", "example-top:round", "json", "https:%2F%2Fa.example", "example-jukebox", "2026-11-22", "2026-11-22T00:00:00Z", "ES256", "true"} {
		if !spell(segment[:at[0]]+v+segment[at[1]:], yield) {
			return false
		}
	}
	return true
}

func TestOpenAPI(t *testing.T) {
	f := newFixture(t, nil)
	whole := f.must(200, "GET /restconf/openapi.json")
	if ct := whole.Header().Get("Content-Type"); ct != "application/json" {
		t.Error(ct)
	}
	tag := whole.Header().Get("ETag")
	f.must(304, "GET /restconf/openapi.json\nIf-None-Match: "+tag)
	f.must(304, "GET /restconf/openapi.json\nIf-None-Match: W/"+tag)
	f.must(200, "GET /restconf/openapi.json\nIf-None-Match: \"other\"")
	one := f.must(200, "GET /restconf/openapi.json?module=example-top")
	switch {
	case one.Header().Get("ETag") == tag:
		t.Error("another description has the same tag")
	case !bytes.Contains(one.Body.Bytes(), []byte("/restconf/data/example-top:top")):
		t.Error("example-top is not described")
	case bytes.Contains(one.Body.Bytes(), []byte("/restconf/data/example-jukebox:")):
		t.Error("example-jukebox is described")
	}
	below := f.must(200, "GET /restconf/openapi.json?module=example-top&datastore=operational").Body.String()
	if !strings.Contains(below, "/restconf/ds/ietf-datastores:operational/example-top:top") || strings.Contains(below, "/restconf/data/example-top:top") {
		t.Error("not those of operational")
	}
	for _, module := range []string{"example-jukebox", "example-top", "example-more", "ietf-restconf", "ietf-origin", "nc-notifications", "example-mod", "example-rules", "altoam-commit", "ietf-datastores"} {
		f.must(200, "GET /restconf/openapi.json?module="+module)
	}
	if n := len(f.server.descriptions.made); n > mostDescriptions {
		t.Errorf("%d descriptions are kept", n)
	}
	f.must(400, "GET /restconf/openapi.json?module=nothing")
	f.must(400, "GET /restconf/openapi.json?datastore=startup")
	f.must(400, "GET /restconf/openapi.json?depth=1")
	f.must(405, "PUT /restconf/openapi.json"+jsonBody+"{}")
	f.must(406, "GET /restconf/openapi.json\nAccept: application/yang-data+xml")
	f.must(401, "GET /restconf/openapi.json\nAuthorization:")
	f.must(404, "GET /restconf/openapi.json/x")
}

// TestContractBroken shows that TestContract sees answers that are not as described.
func TestContractBroken(t *testing.T) {
	f := newFixture(t, nil)
	c := contractOf(f)
	f.must(201, "PUT /restconf/data/example-top:top/Y=7"+jsonBody+`{"example-top:Y":[7]}`)
	op, _ := c.operation("GET", "/restconf/data/example-top:top/Y=7")
	for _, broken := range []struct {
		code        int
		media, body string
	}{
		{200, mediaTypes[inJSON], `{"example-top:Y":[7]}`},
		{200, mediaTypes[inJSON], `{"example-top:Y":["7"]}`},
		{200, mediaTypes[inJSON], `{"Y":[7]}`},
		{200, "text/plain", `{"example-top:Y":[7]}`},
		{202, mediaTypes[inJSON], `{"example-top:Y":[7]}`},
		{404, mediaTypes[inJSON], `{"example-top:Y":[7]}`},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", broken.media)
		w.WriteHeader(broken.code)
		w.Body.WriteString(broken.body)
		if err := c.answer(op, w); (err == nil) != (broken.code == 200 && broken.media == mediaTypes[inJSON] && strings.Contains(broken.body, "example-top:Y\":[7]")) {
			t.Errorf("%v: %v", broken, err)
		}
	}
	if op, path := c.operation("DELETE", "/restconf/data/example-top:top/Y"); op != nil || path == "" {
		t.Error("DELETE of a whole leaf-list is described")
	}
}
