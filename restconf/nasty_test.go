package restconf

import (
	"strings"
	"testing"
)

// TestNasty sends what is known to break servers. Each is refused in the way it should
// be, or found to be harmless.
func TestNasty(t *testing.T) {
	const top, ns = "/restconf/data/example-top:top", ` xmlns="http://example.com/ns/example-top"`
	long := strings.Repeat("x", 1<<20)
	json := func(path, body string) wire {
		return wire{method: "PATCH", path: path, body: body}.with("Content-Type", mediaTypes[inJSON])
	}
	xml := func(body string) wire {
		return wire{method: "PATCH", path: top, body: body}.with("Content-Type", mediaTypes[inXML])
	}
	get := func(path, query string) wire { return wire{method: "GET", path: path, query: query} }
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {"queue": [{"id": "a"}], "Y": [7]}}`)
	before := f.store.Running()
	for _, c := range []struct {
		name string
		wire wire
		code int
		tag  string
	}{
		{"dots", get("/restconf/data/..", ""), 400, "invalid-value"},
		{"dots below", get(top+"/../../../etc/passwd", ""), 404, "invalid-value"},
		{"dots, encoded", get(top+"/%2e%2e", ""), 404, "invalid-value"},
		{"dots of a module", get("/restconf/yang/..%2f..%2fetc%2fpasswd", ""), 404, "invalid-value"},
		{"another root", get("/restconf/../restconf/data", ""), 404, "invalid-value"},
		{"two slashes", get("//restconf/data", ""), 404, "invalid-value"},
		{"NUL", get("/restconf/data/%00", ""), 400, "invalid-value"},
		{"NUL in a key", get(top+"/queue=%00", ""), 400, "invalid-value"},
		{"overlong UTF-8", get(top+"/queue=%C0%AF", ""), 400, "invalid-value"},
		{"a surrogate", get(top+"/queue=%ED%A0%80", ""), 400, "invalid-value"},
		{"a million nodes", get("/restconf/data"+strings.Repeat("/a:b", 1<<18), ""), 404, "invalid-value"},
		{"a million slashes", get(top+strings.Repeat("/", 1<<20), ""), 400, "invalid-value"},
		{"a million keys", get(top+"/list1="+strings.Repeat(",", 1<<20), ""), 400, "invalid-value"},
		{"a long key", get(top+"/queue="+long, ""), 404, "invalid-value"},
		{"a long name", get(top+"/"+long, ""), 404, "invalid-value"},
		{"a number out of range", get(top+"/Y=18446744073709551616", ""), 400, "invalid-value"},
		{"a number with an exponent", get(top+"/Y=1e3", ""), 400, "invalid-value"},
		{"a number with a space", get(top+"/Y=%207", ""), 400, "invalid-value"},
		{"XPath", get(top+"/queue[id='a']", ""), 404, "invalid-value"},
		{"a matrix parameter", get(top+";x=1", ""), 404, "invalid-value"},
		{"a template", get(top+"/%7B%7B7*7%7D%7D", ""), 404, "invalid-value"},
		{"fields without end", get(top, "fields="+strings.Repeat("a(", 1<<16)), 400, "invalid-value"},
		{"a million fields", get(top, "fields="+strings.Repeat("Y;", 1<<18)+"Y"), 200, ""},
		{"depth of more than 65535", get(top, "depth=65536"), 400, "invalid-value"},
		{"depth in Arabic digits", get(top, "depth=%D9%A3"), 400, "invalid-value"},
		{"a million parameters", get(top, strings.Repeat("depth=1&", 1<<17)), 400, "invalid-value"},
		{"a form's space", get(top, "content=config+"), 400, "invalid-value"},
		{"a deep filter", get("/restconf/streams/NETCONF/json", "filter="+strings.Repeat("(", 1<<16)), 400, "invalid-value"},

		{"arrays without end", json(top, strings.Repeat("[", 1<<20)), 400, "malformed-message"},
		{"deep in anydata", json(top, `{"example-top:top": {"note": {"a": `+strings.Repeat("[", 1<<20)+`}}}`), 400, ""},
		{"objects without end", json(top, strings.Repeat(`{"example-top:top":`, 1<<16)), 400, ""},
		{"a member twice", json(top, `{"example-top:top": {"names": ["x"], "names": ["y"]}}`), 400, "malformed-message"},
		{"a member twice, once escaped", json(top, `{"example-top:top": {"names": ["x"], "\u006eames": ["y"]}}`), 400, "malformed-message"},
		{"a member twice, once with its module", json(top, `{"example-top:top": {"names": ["x"], "example-top:names": ["y"]}}`), 400, "malformed-message"},
		{"half a surrogate", json(top, `{"example-top:top": {"names": ["\ud800"]}}`), 400, "malformed-message"},
		{"NUL, escaped", json(top, `{"example-top:top": {"names": ["\u0000"]}}`), 400, "invalid-value"},
		{"no character", json(top, `{"example-top:top": {"names": ["\uffff"]}}`), 400, "invalid-value"},
		{"a byte order mark", json(top, "\ufeff"+`{"example-top:top": {}}`), 400, "malformed-message"},
		{"UTF-16", json(top, "{\x00\"\x00a\x00\"\x00:\x00{\x00}\x00}\x00"), 400, "malformed-message"},
		{"a comment", json(top, `{"example-top:top": {} /* none */}`), 400, "malformed-message"},
		{"single quotes", json(top, `{'example-top:top': {}}`), 400, "malformed-message"},
		{"a comma too many", json(top, `{"example-top:top": {"names": ["x",]}}`), 400, "malformed-message"},
		{"not a number", json(top, `{"example-top:top": {"Y": [NaN]}}`), 400, "malformed-message"},
		{"a large exponent", json(top, `{"example-top:top": {"Y": [1e999999999]}}`), 400, "invalid-value"},
		{"a number of a million digits", json(top, `{"example-top:top": {"Y": [`+strings.Repeat("1", 1<<20)+`]}}`), 400, "invalid-value"},
		{"null", json(top, `{"example-top:top": null}`), 400, "invalid-value"},
		{"null for a list", json(top, `{"example-top:top": {"queue": null}}`), 400, "invalid-value"},
		{"an object for a list", json(top, `{"example-top:top": {"queue": {"id": "x"}}}`), 400, "invalid-value"},
		{"null for an entry", json(top, `{"example-top:top": {"queue": [null]}}`), 400, "invalid-value"},
		{"text for a number", json(top, `{"example-top:top": {"Y": ["7"]}}`), 400, "invalid-value"},
		{"a prototype", json(top, `{"example-top:top": {"__proto__": {}}}`), 400, "unknown-element"},
		{"an empty name", json(top, `{"": {}}`), 400, "unknown-element"},
		{"cut in a string", json(top, `{"example-top:top": {"names": ["x`), 400, "malformed-message"},
		{"cut in an escape", json(top, `{"example-top:top": {"names": ["\u00`), 400, "malformed-message"},

		{"a billion laughs", xml(`<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><top` + ns + `><names>&b;</names></top>`), 400, "malformed-message"},
		{"an external entity", xml(`<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><top` + ns + `><names>&a;</names></top>`), 400, "malformed-message"},
		{"an unknown entity", xml(`<top` + ns + `><names>&nbsp;</names></top>`), 400, "malformed-message"},
		{"elements without end", xml(`<top` + ns + `><note>` + strings.Repeat("<a>", 1<<18)), 413, "too-big"},
		{"an undeclared prefix", xml(`<t:top/>`), 400, "malformed-message"},
		{"an attribute twice", xml(`<top` + ns + ns + `/>`), 400, "malformed-message"},
		{"a character reference that is none", xml(`<top` + ns + `><names>&#0;</names></top>`), 400, "malformed-message"},
		{"UTF-16 by declaration", xml(`<?xml version="1.0" encoding="UTF-16"?><top` + ns + `/>`), 400, "malformed-message"},
		{"other tags", xml(`<top` + ns + `></Top>`), 400, "malformed-message"},
		{"elements in a leaf", xml(`<top` + ns + `><names><b>x</b></names></top>`), 400, ""},
		{"text only", xml("top"), 400, "malformed-message"},
		{"no text at all", xml(" "), 400, "malformed-message"},
	} {
		w := f.send(c.wire.with("Accept", mediaTypes[inJSON]+", "+eventMedia))
		switch {
		case w == nil:
			t.Errorf("%s: not read", c.name)
			continue
		case f.store.Running() != before:
			t.Fatalf("%s: running changed", c.name)
		case w.Code != c.code:
			t.Errorf("%s = %d %.300s, want %d", c.name, w.Code, w.Body, c.code)
			continue
		case w.Code < 400:
			continue
		}
		if err := isErrors(w); err != nil {
			t.Errorf("%s: %.300s: %v", c.name, w.Body, err)
			continue
		}
		if w.Body.Len() > 2000+len(c.wire.path) {
			t.Errorf("%s: an answer of %d bytes", c.name, w.Body.Len())
		}
		if c.tag == "" {
			continue
		}
		if tag, _ := firstError(t, w.Body.Bytes()); tag != c.tag {
			t.Errorf("%s: %s, want %s: %.300s", c.name, tag, c.tag, w.Body)
		}
	}
}
