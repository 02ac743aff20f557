package alto

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/alto/schema/schematest"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// vector is an exchange of an RFC, kept as txtar with the files request (request
// line and headers), request.json, media (of the response) and response.json.
type vector struct {
	method, path string
	header       http.Header
	body         string
	media        string
	response     string
}

func readVector(t testing.TB, name string) vector {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	v := vector{header: make(http.Header)}
	for _, f := range archive.Files {
		text := strings.TrimSpace(string(f.Data))
		switch f.Name {
		case "request":
			lines := strings.Split(text, "\n")
			v.method, v.path, _ = strings.Cut(lines[0], " ")
			for _, line := range lines[1:] {
				key, value, _ := strings.Cut(line, ": ")
				v.header.Set(key, value)
			}
		case "request.json":
			v.body = text
		case "media":
			v.media = text
		case "response.json":
			v.response = text
		}
	}
	return v
}

func (v vector) check(t *testing.T, s *Server) {
	t.Helper()
	if media := v.header.Get("Content-Type"); media != "" {
		if err := schematest.Check(media, []byte(v.body)); err != nil {
			t.Errorf("request: %v", err)
		}
	}
	w := exchange(s, v.method, v.path, v.header, v.body)
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: status %d, body %s", v.method, v.path, w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != v.media {
		t.Errorf("Content-Type %q, want %q", got, v.media)
	}
	if diff := cmp.Diff(decode(t, v.response), decode(t, w.Body.String())); diff != "" {
		t.Errorf("%s %s: response differs (-want +got):\n%s", v.method, v.path, diff)
	}
}

func exchange(s http.Handler, method, path string, header http.Header, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.2:40000"
	for key, values := range header {
		r.Header[key] = values
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if method != http.MethodHead {
		requireSchema(w)
	}
	return w
}

// post sends parameters of a media type.
func post(s http.Handler, path, media, body string) *httptest.ResponseRecorder {
	return exchange(s, http.MethodPost, path, http.Header{"Content-Type": {media}}, body)
}

func get(s http.Handler, path string) *httptest.ResponseRecorder {
	return exchange(s, http.MethodGet, path, nil, "")
}

func decode(t rapid.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// networkMap builds a map from "PID prefix prefix…" lines.
func networkMap(t testing.TB, tag string, lines ...string) *NetworkMap {
	t.Helper()
	m, err := NewNetworkMap(pidsOf(lines...))
	if err == nil && tag != "" {
		m, err = m.WithTag(tag)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func pidsOf(lines ...string) []PID {
	var pids []PID
	for _, line := range lines {
		words := strings.Fields(line)
		p := PID{Name: words[0]}
		for _, w := range words[1:] {
			p.Prefixes = append(p.Prefixes, netip.MustParsePrefix(w))
		}
		pids = append(pids, p)
	}
	return pids
}

// costs builds a matrix; a negative number stands for a missing cell.
func costs(t testing.TB, pids []string, cells ...float64) *CostMatrix {
	t.Helper()
	for i, c := range cells {
		if c < 0 {
			cells[i] = NoCost()
		}
	}
	m, err := NewCostMatrix(pids, cells)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// properties builds a property map from "DOMAIN NAME PROPERTY=JSON…" lines.
func properties(t testing.TB, lines ...string) *PropertyMap {
	t.Helper()
	m, err := NewPropertyMap(entitiesOf(lines...))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func entitiesOf(lines ...string) []Entity {
	var entities []Entity
	for _, line := range lines {
		words := strings.Fields(line)
		e := Entity{Domain: words[0], Name: words[1]}
		for _, w := range words[2:] {
			name, value, _ := strings.Cut(w, "=")
			e.Properties = append(e.Properties, Property{name, jsontext.Value(value)})
		}
		entities = append(entities, e)
	}
	return entities
}

func snapshot(t testing.TB, c Config) *Snapshot {
	t.Helper()
	s, err := NewSnapshot(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serving(t testing.TB, c Config) *Server {
	t.Helper()
	s := NewServer(nil)
	s.Publish(snapshot(t, c))
	return s
}
