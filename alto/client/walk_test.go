package client

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// page is what a path answers.
type page struct {
	status int
	media  string
	body   string
}

func alto(kind, body string) page { return page{200, "application/alto-" + kind + "+json", body} }

// directory lists a network map, its filtered variant, a cost map, a stream, and a
// directory elsewhere.
const directory = `{"meta":{"cost-types":{"num":{"cost-mode":"numerical","cost-metric":"routingcost"}}},"resources":{
"net":{"uri":"net","media-type":"application/alto-networkmap+json"},
"some":{"uri":"/some","media-type":"application/alto-networkmap+json","accepts":"application/alto-networkmapfilter+json","uses":["net"]},
"rc":{"uri":"rc","media-type":"application/alto-costmap+json","uses":["net"],"capabilities":{"cost-type-names":["num"]}},
"ec":{"uri":"ec","media-type":"application/alto-endpointcost+json","accepts":"application/alto-endpointcostparams+json","capabilities":{"cost-type-names":["num"]}},
"stream":{"uri":"stream","media-type":"text/event-stream","accepts":"application/alto-updatestreamparams+json","uses":["net"]},
"elsewhere":{"uri":"http://192.0.2.1/directory","media-type":"application/alto-directory+json"}}}`

const vtag = `{"meta":{"vtag":{"resource-id":"net","tag":"a"}},"network-map":{}}`

func good() map[string]page {
	return map[string]page{
		"/directory": alto("directory", directory),
		"/net":       alto("networkmap", vtag),
		"/some":      alto("networkmap", vtag),
		"/rc":        alto("costmap", `{"meta":{"dependent-vtags":[{"resource-id":"net","tag":"a"}],"cost-type":{}},"cost-map":{}}`),
		"/ec":        alto("endpointcost", `{"meta":{"cost-type":{}},"endpoint-cost-map":{}}`),
	}
}

// serve answers with pages, which may be changed by seen.
func serve(t *testing.T, pages map[string]page, seen func(*http.Request)) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen != nil {
			seen(r)
		}
		p, ok := pages[r.URL.Path]
		if !ok {
			p = page{404, "text/plain", "no"}
		}
		w.Header().Set("Content-Type", p.media)
		w.WriteHeader(p.status)
		fmt.Fprint(w, p.body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/directory"
}

func local(e Entry) bool { return e.URI.Host != "192.0.2.1" }

func TestWalk(t *testing.T) {
	for _, c := range []struct {
		name, path string
		page       page
		want       string // ID and error of what is wrong; "" for nothing
	}{
		{"all right", "/directory", alto("directory", directory), ""},
		{"gone", "/rc", page{404, "text/plain", ""}, `rc: status 404 Not Found`},
		{"refused", "/ec", page{400, "application/alto-error+json", `{"meta":{"code":"E_SYNTAX"}}`}, `ec: status 400 Bad Request, E_SYNTAX`},
		{"another media type", "/net", page{200, "application/json", vtag}, `net: the answer is "application/json", not`},
		{"no JSON", "/net", alto("networkmap", `no`), "net: the answer cannot be read"},
		{"no object", "/net", alto("networkmap", `[]`), "net: the answer is no JSON object"},
		{"cut off", "/net", alto("networkmap", vtag[:len(vtag)-1]), "net: the answer cannot be read"},
		{"meta cut off", "/net", alto("networkmap", vtag[:20]), "net: its meta cannot be read"},
		{"two values", "/net", alto("networkmap", vtag+"{}"), "net: something follows"},
		{"another version", "/rc", alto("costmap", `{"meta":{"dependent-vtags":[{"resource-id":"net","tag":"b"}]}}`), `rc: it is of version "b" of resource "net", which has version "a"`},
		{"another version of the full map", "/some", alto("networkmap", strings.Replace(vtag, `"a"`, `"b"`, 1)), `some: it is of version "b"`},
		{"unknown dependency", "/rc", alto("costmap", `{"meta":{"dependent-vtags":[{"resource-id":"x","tag":"b"}]}}`), `rc: it is of a version of resource "x"`},
		{"unlisted dependency", "/directory", alto("directory", strings.Replace(directory, `"uses":["net"],"capa`, `"uses":["nowhere"],"capa`, 1)), `rc: it uses resource "nowhere"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			pages := good()
			pages[c.path] = c.page
			client := &Client{HTTP: http.DefaultClient}
			list, err := client.Walk(t.Context(), serve(t, pages, nil), local)
			if err != nil {
				t.Fatal(err)
			}
			var wrong []string
			skipped := 0
			for _, r := range list {
				if r.Err != nil {
					wrong = append(wrong, r.ID+": "+r.Err.Error())
				}
				if r.Skipped {
					skipped++
				}
			}
			if len(list) != 6 || skipped != 2 {
				t.Errorf("%d resources, %d skipped", len(list), skipped)
			}
			if c.want == "" && wrong != nil || c.want != "" && (len(wrong) != 1 || !strings.HasPrefix(wrong[0], c.want)) {
				t.Errorf("wrong: %q, want %q", wrong, c.want)
			}
		})
	}
}

// TestWalkMeetsChange: a map that changes between two requests is no failure.
func TestWalkMeetsChange(t *testing.T) {
	pages, asked := good(), 0
	uri := serve(t, pages, func(r *http.Request) {
		if r.URL.Path != "/rc" {
			return
		}
		if asked++; asked == 1 {
			for path, p := range pages {
				p.body = strings.ReplaceAll(p.body, `"tag":"a"`, `"tag":"b"`)
				pages[path] = p
			}
		}
	})
	list, err := (&Client{HTTP: http.DefaultClient}).Walk(t.Context(), uri, local)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if r.Err != nil {
			t.Errorf("%s: %v", r.ID, r.Err)
		}
	}
}

// TestWalkNowhere: without a directory there is nothing to walk.
func TestWalkNowhere(t *testing.T) {
	for body, want := range map[string]string{
		"{": "cannot be read", `{"resources":{"a":{"uri":":"}}}`: `resource "a"`,
	} {
		_, err := (&Client{HTTP: http.DefaultClient}).Walk(t.Context(), serve(t, map[string]page{"/directory": alto("directory", body)}, nil), local)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := (&Client{HTTP: http.DefaultClient}).Walk(t.Context(), "http://127.0.0.1:1/", local); err == nil {
		t.Error("nobody listens")
	}
}

// TestCredentials: a user's name and password come with every request.
func TestCredentials(t *testing.T) {
	uri := serve(t, good(), func(r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "ann" || password != "secret" {
			t.Errorf("%s: %q %q", r.URL, user, password)
		}
	})
	if _, err := (&Client{HTTP: http.DefaultClient, User: "ann", Password: "secret"}).Walk(t.Context(), uri, local); err != nil {
		t.Fatal(err)
	}
}

// FuzzAnswer reads any answer without a panic; what has no error is one JSON object.
func FuzzAnswer(f *testing.F) {
	f.Add(vtag)
	f.Add(`{"meta":{"dependent-vtags":[{}]},"meta":{}}`)
	f.Add(`{"x":[`)
	f.Fuzz(func(t *testing.T, text string) {
		var a Answer
		if a.read(strings.NewReader(text)) == nil && !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
			t.Errorf("%q was read", text)
		}
	})
}
