package restconf

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/yang"
)

// keys are key values with every kind of character that paths, queries, JSON and XML
// treat in a way of their own.
var keys = []string{
	"", "x", "a/b", "a,b", "a=b", "a:b", "a b", " a ", "a+b", "a%b", "%2F", "%", "a;b", "a?b", "a#b", "[a]", "a&b=c", "@a", "a'b", `a"b`,
	`'a"`, `\`, "<a>", "a&amp;b", "..", ".", "../a", "é", "日本", "😀", "\u00a0", "a\tb", "a\nb", "~-_.", "!$()*", "example-top:x", "/",
}

// A resource made with any key is where Location says, encoded once, and its URI takes
// all methods.
func TestLocation(t *testing.T) {
	f := newFixture(t, nil)
	const top = "/restconf/data/example-top:top"
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {}}`)
	for _, key := range keys {
		text, err := json.Marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		k, escaped := string(text), strings.ReplaceAll(url.QueryEscape(key), "+", "%20")
		for _, c := range []struct{ uri, body, below, leaf string }{
			{top + "/queue=" + escaped, `{"example-top:queue": [{"id": ` + k + `}]}`, "/id", `{"example-top:id":` + k + `}`},
			{top + "/names=" + escaped, `{"example-top:names": [` + k + `]}`, "", `{"example-top:names":[` + k + `]}`},
			{
				top + "/list1=" + escaped + ",," + escaped,
				`{"example-top:list1": [{"key1": ` + k + `, "key2": "", "key3": ` + k + `, "list2": [{"key4": ` + k + `, "key5": "", "X": ` + k + `}]}]}`,
				"/list2=" + escaped + ",/X", `{"example-top:X":` + k + `}`,
			},
		} {
			w := f.must(201, "POST "+top+jsonBody+c.body)
			at, found := strings.CutPrefix(w.Header().Get("Location"), "http://example.com")
			if !found || at != c.uri {
				t.Errorf("%q: Location %q, want %q", key, w.Header().Get("Location"), c.uri)
			}
			f.must(409, "POST "+top+jsonBody+c.body)
			var got, want any
			if json.Unmarshal(f.must(200, "GET "+at+c.below).Body.Bytes(), &got) != nil || json.Unmarshal([]byte(c.leaf), &want) != nil || !like(want, got, false) {
				t.Errorf("%q: got %v, want %s", key, got, c.leaf)
			}
			f.must(200, "GET "+at+wantXML)
			f.must(204, "PUT "+at+jsonBody+c.body)
			f.must(204, "PATCH "+at+jsonBody+c.body)
			if strings.Contains(at, "queue=") {
				other := f.must(201, "POST "+top+"?insert=before&point="+url.QueryEscape(strings.TrimPrefix(at, "/restconf/data"))+jsonBody+
					`{"example-top:queue": [{"id": "beside"}]}`)
				f.must(204, "DELETE "+strings.TrimPrefix(other.Header().Get("Location"), "http://example.com"))
			}
			f.must(204, "DELETE "+at)
			f.must(404, "DELETE "+at)
		}
	}
}

// Keys that are no strings have one form in URIs, but more are read.
func TestKeyTypes(t *testing.T) {
	f := newFixture(t, nil)
	const top = "/restconf/data/example-top:top"
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {}}`)
	for _, c := range []struct {
		body, at string
		same     []string
	}{
		{`{"example-top:form": [{"kind": "round"}]}`, "/form=example-top%3Around", []string{"/form=round", "/form=example-top:round", "/example-top:form=%72ound"}},
		{`{"example-top:form": [{"kind": "example-more:square"}]}`, "/form=example-more%3Asquare", []string{"/form=example-more:square"}},
		{`{"example-top:Y": [7]}`, "/Y=7", []string{"/Y=%37", "/Y=+7", "/Y=07"}},
		{`{"example-more:mixed": [{"id": 7}]}`, "/example-more:mixed=7", []string{"/example-more%3Amixed=7"}},
		{`{"example-more:mixed": [{"id": "7 and more"}]}`, "/example-more:mixed=7%20and%20more", nil},
	} {
		w := f.must(201, "POST "+top+jsonBody+c.body)
		if at := w.Header().Get("Location"); at != "http://example.com"+top+c.at {
			t.Errorf("%s: Location %s", c.body, at)
		}
		for _, uri := range append(c.same, c.at) {
			f.must(200, "GET "+top+uri)
		}
		f.must(204, "DELETE "+top+c.at)
		for _, uri := range append(c.same, c.at) {
			f.must(404, "GET "+top+uri)
		}
	}
}

// What has no name of its own, or no schema below it.
func TestUnnamed(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:machine": {"wheel": [{"name": "a/b,c"}]}}`)
	const machine = "/restconf/data/example-top:machine"
	for request, want := range map[string]string{
		"GET " + machine + "/event": `{"example-top:event":[{"text":"started"},{"text":"stopped"}]}`,
		"POST " + machine + "/wheel=a%2Fb%2Cc/spin" + jsonBody + `{"example-top:input": {"times": 3}}`:                                                `{"example-top:output":{"turns":"3"}}`,
		"POST " + machine + "/wheel=a%2Fb%2Cc/spin" + wantXML + xmlBody + `<input xmlns="http://example.com/ns/example-top"><times>3</times></input>`: `<output xmlns="http://example.com/ns/example-top"><turns xmlns="http://example.com/ns/example-top">3</turns></output>`,
	} {
		if got := strings.TrimSpace(f.must(200, request).Body.String()); got != want {
			t.Errorf("%s\n= %s, want %s", request, got, want)
		}
	}
	f.must(400, "GET "+machine+"/event=1")
	f.must(404, "POST "+machine+"/wheel=a/spin"+jsonBody+`{"example-top:input": {"times": 3}}`)
	f.must(400, "POST "+machine+"/wheel/spin"+jsonBody+`{"example-top:input": {"times": 3}}`)

	const note = "/restconf/data/example-top:top/note"
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {}}`)
	for _, body := range []string{`{"example-top:note":{"a":[1,{"b":[null]}],"c":"\"é<&"}}`, `{"example-top:note":{}}`} {
		w := f.do("PUT " + note + jsonBody + body)
		if got := strings.TrimSpace(f.must(200, "GET "+note).Body.String()); w.Code >= 300 || got != body {
			t.Errorf("%d, %s, want %s", w.Code, got, body)
		}
	}
	f.must(404, "GET "+note+"/a")
	f.must(405, "POST "+note+jsonBody+`{"example-top:a": 1}`)
	f.must(204, "PUT "+note+xmlBody+`<note xmlns="http://example.com/ns/example-top"><a xmlns="urn:a" b="c">d</a></note>`)
	if got := f.must(200, "GET "+note+wantXML).Body.String(); !strings.Contains(got, `<a xmlns="urn:a" b="c">d</a>`) {
		t.Error(got)
	}
	f.must(204, "DELETE "+note)
	f.must(404, "GET "+note)
}

// A key comes back from its URI whatever it is.
func TestLocationProperty(t *testing.T) {
	f := newFixture(t, nil)
	list := f.server.schema.Find("/example-top:top/queue")
	rapid.Check(t, func(t *rapid.T) {
		var v yang.Value
		key := rapid.String().Filter(func(text string) bool {
			var err error
			v, err = list.Keys[0].Type.Parse(text, nil)
			return err == nil
		}).Draw(t, "key")
		uri := "/example-top:top/queue=" + strings.ReplaceAll(url.QueryEscape(key), "+", "%20")
		path, _, err := parsePath(f.server.schema, uri)
		if err != nil || path[1].Keys[0] != v || string(path.AppendURI(nil)) != uri {
			t.Fatalf("%q: %s, %v", key, path, err)
		}
	})
}
