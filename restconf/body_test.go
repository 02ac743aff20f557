package restconf

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// Every body that is refused leaves running as it is; each has a twin that is taken.
func TestBodies(t *testing.T) {
	const ns = ` xmlns="http://example.com/ns/example-top"`
	const data = `<data xmlns="urn:ietf:params:xml:ns:yang:ietf-restconf">`
	for _, c := range []struct {
		name, request string
		code          int
		tag, path     string
	}{
		{"put JSON", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:top": {}}`, 201, "", ""},
		{"put no body", "PUT /restconf/data/example-top:top" + jsonBody, 400, "invalid-value", ""},
		{"put nothing", "PUT /restconf/data/example-top:top" + jsonBody + `{}`, 400, "invalid-value", ""},
		{"put two", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:top": {}, "example-top:machine": {}}`, 400, "invalid-value", ""},
		{"put another", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:machine": {}}`, 400, "invalid-value", "/example-top:top"},
		{"put without module", "PUT /restconf/data/example-top:top" + jsonBody + `{"top": {}}`, 400, "unknown-element", ""},
		{"put unknown module", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-tip:top": {}}`, 400, "unknown-namespace", ""},
		{"put state", "PUT /restconf/data/example-top:machine" + jsonBody + `{"example-top:machine": {"temperature": 1}}`, 400, "unknown-element", "/example-top:machine/temperature"},
		{"put wrong type", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:top": {"Y": ["x"]}}`, 400, "invalid-value", "/example-top:top/Y"},
		{"put no JSON", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:top": {}`, 400, "malformed-message", ""},
		{"put an array", "PUT /restconf/data/example-top:top" + jsonBody + `[]`, 400, "malformed-message", ""},
		{"put more behind", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:top": {}} {}`, 400, "malformed-message", ""},
		{"put entry", "PUT /restconf/data/example-top:top/queue=a" + jsonBody + `{"example-top:queue": [{"id": "a"}]}`, 201, "", ""},
		{"put entry without key", "PUT /restconf/data/example-top:top/queue=a" + jsonBody + `{"example-top:queue": [{}]}`, 400, "missing-element", "/example-top:top/queue"},
		{"put two entries", "PUT /restconf/data/example-top:top/queue=a" + jsonBody + `{"example-top:queue": [{"id": "a"}, {"id": "b"}]}`, 400, "invalid-value", "/example-top:top"},
		{"put the same entry twice", "PUT /restconf/data/example-top:top/queue=a" + jsonBody + `{"example-top:queue": [{"id": "a"}, {"id": "a"}]}`, 400, "bad-element", "/example-top:top/queue[id='a']"},
		{"put a whole list", "PUT /restconf/data/example-top:top/queue" + jsonBody + `{"example-top:queue": [{"id": "a"}]}`, 405, "operation-not-supported", "/example-top:top/queue"},
		{"put an entry without module", "PUT /restconf/data/example-top:top/queue=a" + jsonBody + `{"queue": [{"id": "a"}]}`, 400, "unknown-element", "/example-top:top"},
		{"post without module", "POST /restconf/data/example-top:top" + jsonBody + `{"queue": [{"id": "q"}]}`, 400, "unknown-element", "/example-top:top"},
		{"patch without module", "PATCH /restconf/data/example-top:top/queue=x" + jsonBody + `{"queue": [{"id": "x"}]}`, 400, "unknown-element", "/example-top:top"},
		{"put another value", "PUT /restconf/data/example-top:top/Y=1" + jsonBody + `{"example-top:Y": [2]}`, 400, "invalid-value", "/example-top:top/Y[.='1']"},
		{"put below nothing", "PUT /restconf/data/example-top:machine/wheel=a/size" + jsonBody + `{"example-top:size": 1}`, 404, "invalid-value", "/example-top:machine/wheel[name='a']"},

		{"put XML", "PUT /restconf/data/example-top:top" + xmlBody + `<top` + ns + `><Y>1</Y></top>`, 201, "", ""},
		{"put XML with the rest", "PUT /restconf/data/example-top:top" + xmlBody + `<?xml version="1.0" encoding="UTF-8"?><!-- - --><top` + ns + "/>\n<!-- - -->\n", 201, "", ""},
		{"put two in XML", "PUT /restconf/data/example-top:top" + xmlBody + `<top` + ns + `/><top` + ns + `/>`, 400, "malformed-message", ""},
		{"put another namespace", "PUT /restconf/data/example-top:top" + xmlBody + `<top xmlns="urn:none"/>`, 400, "unknown-namespace", ""},
		{"put no namespace", "PUT /restconf/data/example-top:top" + xmlBody + `<top/>`, 400, "unknown-namespace", ""},
		{"put no XML", "PUT /restconf/data/example-top:top" + xmlBody + `<top` + ns + `>`, 400, "malformed-message", ""},
		{"put a document type", "PUT /restconf/data/example-top:top" + xmlBody + `<!DOCTYPE top [<!ENTITY a "b">]><top` + ns + `/>`, 400, "malformed-message", ""},
		{"put text", "PUT /restconf/data/example-top:top" + xmlBody + `<top` + ns + `>text</top>`, 400, "bad-element", "/example-top:top"},

		{"put all", "PUT /restconf/data" + jsonBody + ` { "ietf-restconf:data" : {"example-top:top": {"names": ["}", "\"{"]}} } `, 204, "", ""},
		{"put all, nothing", "PUT /restconf/data" + jsonBody + `{"ietf-restconf:data":{}}`, 204, "", ""},
		{"put all, not in data", "PUT /restconf/data" + jsonBody + `{"example-top:top": {}}`, 400, "unknown-element", ""},
		{"put all, data of nobody", "PUT /restconf/data" + jsonBody + `{"data": {}}`, 400, "unknown-element", ""},
		{"put all, and more", "PUT /restconf/data" + jsonBody + `{"ietf-restconf:data": {}, "x": 1}`, 400, "malformed-message", ""},
		{"put all, not closed", "PUT /restconf/data" + jsonBody + `{"ietf-restconf:data": {}`, 400, "malformed-message", ""},
		{"put all, no object", "PUT /restconf/data" + jsonBody + `{"ietf-restconf:data": []}`, 400, "malformed-message", ""},
		{"put all, empty object", "PUT /restconf/data" + jsonBody + `{}`, 400, "malformed-message", ""},
		{"put all, no name", "PUT /restconf/data" + jsonBody + `{"` + strings.Repeat("x", 300), 400, "malformed-message", ""},
		{"put all, end in the name", "PUT /restconf/data" + jsonBody + `{"x`, 400, "malformed-message", ""},
		{"put all in XML", "PUT /restconf/data" + xmlBody + data + `<top` + ns + `/></data>`, 204, "", ""},
		{"put all in XML, not in data", "PUT /restconf/data" + xmlBody + `<top` + ns + `/>`, 400, "unknown-element", ""},
		{"put an operation", "PUT /restconf/data/example-top:top" + xmlBody + `<top` + ns + ` xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"><Y nc:operation="delete"/></top>`, 400, "unknown-attribute", "/example-top:top/Y"},
		{"put an operation in JSON", "PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:top": {"@": {"ietf-netconf:operation": "delete"}}}`, 400, "unknown-attribute", "/example-top:top"},
		{"put an insert", "PUT /restconf/data/example-top:top" + xmlBody + `<top` + ns + ` xmlns:y="urn:ietf:params:xml:ns:yang:1"><names y:insert="first">a</names></top>`, 400, "unknown-attribute", "/example-top:top/names"},
		{"put an origin, which is passed over", "PUT /restconf/data/example-top:top" + xmlBody + `<top` + ns + ` xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin" or:origin="or:learned"/>`, 201, "", ""},
		{"patch all", "PATCH /restconf/data" + jsonBody + `{"ietf-restconf:data":{"example-top:top":{"Y":[5]}}}`, 204, "", ""},
		{"patch nothing", "PATCH /restconf/data" + jsonBody, 400, "invalid-value", ""},
		{"patch what is not there", "PATCH /restconf/data/example-top:top/queue=z" + jsonBody + `{"example-top:queue":[{}]}`, 404, "invalid-value", "/example-top:top/queue[id='z']"},
		{"patch with another key", "PATCH /restconf/data/example-top:top/queue=z" + jsonBody + `{"example-top:queue":[{"id":"y"}]}`, 400, "invalid-value", "/example-top:top/queue[id='z']"},

		{"post", "POST /restconf/data" + jsonBody + `{"example-top:top": {"Y": [1]}}`, 201, "", ""},
		{"post two", "POST /restconf/data" + jsonBody + `{"example-top:top": {}, "example-top:machine": {}}`, 400, "invalid-value", ""},
		{"post nothing", "POST /restconf/data" + jsonBody, 400, "invalid-value", ""},
		{"post to a list", "POST /restconf/data/example-top:top/queue" + jsonBody + `{"example-top:queue":[{"id":"y"}]}`, 405, "operation-not-supported", "/example-top:top/queue"},
		{"post below nothing", "POST /restconf/data/example-top:machine/wheel=a" + jsonBody + `{"example-top:size": 1}`, 404, "invalid-value", "/example-top:machine/wheel[name='a']"},
		{"post a key", "POST /restconf/data/example-top:machine/wheel=a" + jsonBody + `{"example-top:name": "b"}`, 404, "invalid-value", "/example-top:machine/wheel[name='a']"},

		{"delete a list", "DELETE /restconf/data/example-top:top/queue", 405, "operation-not-supported", "/example-top:top/queue"},
		{"delete nothing", "DELETE /restconf/data/example-top:top", 404, "invalid-value", "/example-top:top"},

		{"call with the wrong envelope", "POST /restconf/operations/example-top:measure" + jsonBody + `{"input": {}}`, 400, "unknown-element", ""},
		{"call with the wrong element", "POST /restconf/operations/example-top:measure" + xmlBody + `<measure` + ns + `/>`, 400, "unknown-element", ""},
		{"call with another parameter", "POST /restconf/operations/example-top:measure" + jsonBody + `{"example-top:input": {"often": 1}}`, 400, "unknown-element", "/example-top:input"},
		{"call of the wrong type", "POST /restconf/operations/example-top:measure" + xmlBody + `<input` + ns + `><times>often</times></input>`, 400, "invalid-value", "/example-top:input/times"},
		{"call", "POST /restconf/operations/example-top:measure" + xmlBody + `<input` + ns + `><times>3</times></input>`, 200, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, nil)
			w := f.do(c.request + "\n")
			if w.Code != c.code {
				t.Fatalf("%s\n= %d %s, want %d", c.request, w.Code, w.Body, c.code)
			}
			if c.tag == "" {
				return
			}
			if f.store.Running().Head.Revision != 0 {
				t.Error("running changed")
			}
			tag, path := firstError(t, f.do(strings.Replace(c.request, "\n", wantJSON+"\n", 1)).Body.Bytes())
			if tag != c.tag || path != c.path {
				t.Errorf("%s at %q, want %s at %q: %s", tag, path, c.tag, c.path, w.Body)
			}
		})
	}
}

// firstError is tag and path of the first error of a body in JSON.
func firstError(t testing.TB, body []byte) (tag, path string) {
	t.Helper()
	var doc struct {
		Errors struct {
			Error []map[string]any `json:"error"`
		} `json:"ietf-restconf:errors"`
	}
	if err := json.Unmarshal(body, &doc); err != nil || len(doc.Errors.Error) == 0 {
		t.Fatalf("no errors: %v in %s", err, body)
	}
	e := doc.Errors.Error[0]
	tag, _ = e["error-tag"].(string)
	path, _ = e["error-path"].(string)
	return tag, path
}

func TestUnwrap(t *testing.T) {
	read := func(text string) (string, error) {
		r, err := unwrap(bufio.NewReaderSize(strings.NewReader(text), 16), "m:n")
		if err != nil {
			return "", err
		}
		b, err := io.ReadAll(r)
		return string(b), err
	}
	for _, c := range []struct{ text, want string }{
		{`{"m:n":{}}`, `       {} `},
		{"{ \"m:n\" :\n {\"a\":[{}]} }\n", "          {\"a\":[{}]}  \n"},
		{`{"m:n":{"a\"}":"\\"}}`, `       {"a\"}":"\\"} `},
		{`{"m:n":1,"x":2}`, `       1,"x":2 `},
		{`{"m:n":{}}}`, `       {} }`},
	} {
		got, err := read(c.text)
		if strings.TrimLeft(got, " \n") != strings.TrimLeft(c.want, " ") || len(got) != len(c.text) || err != nil {
			t.Errorf("%q = %q, %v", c.text, got, err)
		}
	}
	for _, text := range []string{``, `{`, `[`, `{"m:n"`, `{"m:x":1}`, `{"m:n" 1}`, `{1:2}`, `{"m:n":{}`, `{}`} {
		if got, err := read(text); err == nil {
			t.Errorf("%q = %q", text, got)
		}
	}
}

// What unwrap gives is the member's value, for whatever is JSON.
func FuzzUnwrap(f *testing.F) {
	for _, text := range []string{`{"m:n":{}}`, `{"m:n":{"a":[{"b":"}]\\"}]}}`, `{"m:n":"\""}`, ` { "m:n" : [1,{}] } `, `{"m:n":{},"m:o":1}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var doc map[string]json.RawMessage
		valid := json.Unmarshal([]byte(text), &doc) == nil
		r, err := unwrap(bufio.NewReaderSize(strings.NewReader(text), 16), "m:n")
		if err != nil {
			return
		}
		got, err := io.ReadAll(r)
		if err == nil && len(got) != len(text) {
			t.Fatalf("%q: %d bytes became %d", text, len(text), len(got))
		}
		want, ok := doc["m:n"]
		if !valid || !ok || len(doc) != 1 || strings.Count(text, `"m:n"`) != 1 {
			return
		}
		if err != nil || strings.TrimSpace(string(got)) != strings.TrimSpace(string(want)) {
			t.Fatalf("%q = %q, %v; want %q", text, got, err, want)
		}
	})
}
