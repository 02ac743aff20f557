package restconf

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// allow puts restconf-cors into running.
func (f *fixture) allow(content string) {
	f.t.Helper()
	if w := f.do("PUT /restconf/data/altoam-restconf:restconf-cors" + jsonBody + `{"altoam-restconf:restconf-cors":{` + content + `}}`); w.Code >= 300 {
		f.t.Fatal(w.Code, w.Body)
	}
}

const (
	preflight = "OPTIONS /restconf/data\nAuthorization:\nAccess-Control-Request-Method: PATCH\nOrigin: "
	friend    = "https://ui.example.com:8080"
	stranger  = "https://evil.example.com"
)

// allowing are the header fields of an answer that tell a browser what it may do.
func allowing(h http.Header) (names []string) {
	for _, n := range slices.Sorted(maps.Keys(h)) {
		if strings.HasPrefix(n, "Access-Control-") {
			names = append(names, n)
		}
	}
	return names
}

func TestCORSIsOff(t *testing.T) {
	for _, modules := range [][]string{nil, {policyModule}} {
		f := newFixture(t, nil, modules...)
		if w := f.must(401, preflight+friend); len(allowing(w.Header())) > 0 {
			t.Error(w.Header())
		}
		if w := f.must(200, "GET /restconf\nOrigin: "+friend); len(allowing(w.Header())) > 0 || strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Origin") {
			t.Error(w.Header())
		}
	}
}

func TestCORS(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	f.allow(`"origin":["` + friend + `"],"max-age":60`)
	h := f.must(204, preflight+friend).Header()
	if h.Get("Access-Control-Allow-Origin") != friend || h.Get("Access-Control-Max-Age") != "60" || h.Get("Access-Control-Allow-Credentials") != "" ||
		!strings.Contains(h.Get("Access-Control-Allow-Methods"), "PATCH") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") ||
		!slices.Contains(h.Values("Vary"), "Origin") {
		t.Error(h)
	}
	for _, refused := range []string{stranger, "null", "https://ui.example.com", friend + ".evil.com", "HTTPS://ui.example.com:8080"} {
		if w := f.must(401, preflight+refused); len(allowing(w.Header())) > 0 || !slices.Contains(w.Header().Values("Vary"), "Origin") {
			t.Errorf("%s: %v", refused, w.Header())
		}
	}
	f.must(401, strings.ReplaceAll(preflight, "Access-Control-Request-Method: PATCH\n", "")+friend) // no preflight
	f.must(200, "OPTIONS /restconf/data\nOrigin: "+friend)

	for _, request := range []string{"GET /restconf", "GET /restconf/nothing", "GET /restconf\nAuthorization:", "POST /restconf/data\nContent-Type: application/yang-data+json"} {
		if h := f.do(request + "\nOrigin: " + friend).Header(); h.Get("Access-Control-Allow-Origin") != friend || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("%s: %v", request, h)
		}
		if h := f.do(request + "\nOrigin: " + stranger).Header(); len(allowing(h)) > 0 {
			t.Errorf("%s of a stranger: %v", request, h)
		}
		if h := f.do(request).Header(); len(allowing(h)) > 0 || !slices.Contains(h.Values("Vary"), "Origin") {
			t.Errorf("%s of nobody: %v", request, h)
		}
	}

	f.allow(`"origin":["` + friend + `"],"credentials":true`)
	if h := f.must(204, preflight+friend).Header(); h.Get("Access-Control-Allow-Credentials") != "true" {
		t.Error(h)
	}
	f.allow(`"origin":["*"]`)
	h = f.must(200, "GET /restconf\nOrigin: "+stranger).Header()
	if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" || slices.Contains(h.Values("Vary"), "Origin") {
		t.Error(h)
	}
	for _, bad := range []string{`"origin":["*"],"credentials":true`, `"origin":["ui.example.com"]`, `"origin":["https://ui.example.com/"]`, `"origin":["https://UI.example.com"]`, `"origin":["null"]`} {
		if w := f.do("PUT /restconf/data/altoam-restconf:restconf-cors" + jsonBody + `{"altoam-restconf:restconf-cors":{` + bad + `}}`); w.Code < 400 {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}

// TestForeignPages has requests that a browser sends without asking first.
func TestForeignPages(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	const reset = "POST /restconf/operations/example-top:measure"
	try := func(name string, want int, header string) {
		t.Helper()
		if w := f.do(reset + header); w.Code != want {
			t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, want)
		}
	}
	cross := "\nSec-Fetch-Site: cross-site\nOrigin: "
	json := "\nContent-Type: application/yang-data+json"
	try("no browser", 200, "")
	try("a page of this server", 200, "\nSec-Fetch-Site: same-origin\nOrigin: https://example.com")
	try("a page of this server, an old browser", 200, "\nOrigin: https://example.com")
	try("a stranger", 403, cross+stranger)
	try("a stranger, with what browsers ask for", 403, cross+stranger+json)
	try("a stranger, an old browser", 403, "\nOrigin: "+stranger)
	f.must(200, "GET /restconf"+cross+stranger)
	f.allow(`"origin":["` + friend + `"]`)
	try("a friend whom the browser did not ask for", 403, cross+friend)
	try("a friend as a form", 403, cross+friend+"\nContent-Type: text/plain")
	try("a friend", 200, cross+friend+json)
	try("still a stranger", 403, cross+stranger+json)
	f.allow(`"origin":["` + friend + `"],"credentials":true`)
	try("a friend with credentials", 200, cross+friend)
	f.allow(`"origin":["*"]`)
	try("anybody, unasked", 403, cross+stranger)
	try("anybody", 200, cross+stranger+json)
}
