package alto

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func httpConfig(t testing.TB) Config {
	var lines []string
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("pid%d 10.%d.0.0/16", i, i))
	}
	m := networkMap(t, "", append(lines, "rest 0.0.0.0/0")...)
	return Config{
		BaseURI: "https://alto.example.com/v1", ServerName: "altoam", MaxBody: 100, MaxPairs: 4, CostTypes: rfcCostTypes,
		Resources: []*Resource{
			{ID: "big:map@1", Service: FullNetworkMap{Map: m}},
			{ID: "part", Service: FilteredNetworkMap{"big:map@1"}},
			{ID: "ec", Service: EndpointCosts{Map: m, Offers: []CostOffer{{"num-hop", costs(t, []string{"rest"}, 3)}}}},
		},
	}
}

func TestHTTP(t *testing.T) {
	s := serving(t, httpConfig(t))
	const filter, mapPath = "/v1/networkmapfilter/part", "/v1/networkmap/big%3Amap%401"
	tests := []struct {
		name, method, path string
		header             http.Header
		body               string
		status             int
		want               http.Header
	}{
		{"directory", "GET", "/v1/directory", nil, "", 200, http.Header{"Content-Type": {MediaDirectory}, "Server": {"altoam"}}},
		{"base is the directory too", "GET", "/v1/", nil, "", 200, http.Header{"Content-Type": {MediaDirectory}}},
		{"base without its slash", "GET", "/v1", nil, "", 200, http.Header{"Content-Type": {MediaDirectory}}},
		{"longer than the base", "GET", "/v1x", nil, "", 404, nil},
		{"outside the base", "GET", "/directory", nil, "", 404, http.Header{"Server": {"altoam"}}},
		{"unknown", "GET", "/v1/networkmap/none", nil, "", 404, http.Header{"Content-Length": {"0"}}},
		{"escaped", "GET", mapPath, nil, "", 200, http.Header{"Content-Type": {MediaNetworkMap}, "Cache-Control": {"no-cache"}}},
		{"unescaped", "GET", "/v1/networkmap/big:map@1", nil, "", 200, nil},
		{"POST to a GET resource", "POST", mapPath, nil, "{}", 405, http.Header{"Allow": {"GET, HEAD, OPTIONS"}}},
		{"PUT", "PUT", mapPath, nil, "{}", 405, nil},
		{"GET of a POST resource", "GET", filter, nil, "", 405, http.Header{"Allow": {"POST, OPTIONS"}}},
		{"HEAD of a POST resource", "HEAD", filter, nil, "", 405, nil},
		{"OPTIONS", "OPTIONS", filter, nil, "", 204, http.Header{"Allow": {"POST, OPTIONS"}}},
		{"accept exactly", "GET", mapPath, http.Header{"Accept": {MediaNetworkMap + "," + MediaError}}, "", 200, nil},
		{"accept all", "GET", mapPath, http.Header{"Accept": {"text/html, */*;q=0.1"}}, "", 200, nil},
		{"accept another", "GET", mapPath, http.Header{"Accept": {MediaCostMap}}, "", 406, nil},
		{"refuse explicitly", "GET", mapPath, http.Header{"Accept": {"*/*, " + MediaNetworkMap + ";q=0"}}, "", 406, nil},
		{"no content type", "POST", filter, nil, `{"pids":[]}`, 415, http.Header{"Accept": {MediaNetworkMapFilter}}},
		{"wrong content type", "POST", filter, http.Header{"Content-Type": {"application/json"}}, `{"pids":[]}`, 415, nil},
		{"content type with charset", "POST", filter, http.Header{"Content-Type": {MediaNetworkMapFilter + "; charset=utf-8"}}, `{"pids":["pid1"]}`, 200, nil},
		{"encoded body", "POST", filter, http.Header{"Content-Type": {MediaNetworkMapFilter}, "Content-Encoding": {"gzip"}}, `{}`, 415, nil},
		{"large body", "POST", filter, http.Header{"Content-Type": {MediaNetworkMapFilter}}, `{"pids":["` + strings.Repeat("x", 100) + `"]}`, 413, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := exchange(s, tt.method, tt.path, tt.header, tt.body)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d", w.Code, tt.status)
			}
			for key, values := range tt.want {
				if got := w.Header().Get(key); got != values[0] {
					t.Errorf("%s: %q, want %q", key, got, values[0])
				}
			}
		})
	}
}

func TestMaxPairs(t *testing.T) {
	c := httpConfig(t)
	c.MaxBody = 0
	s := serving(t, c)
	ask := func(n int) int {
		var dsts []string
		for i := range n {
			dsts = append(dsts, fmt.Sprintf(`"ipv4:192.0.2.%d"`, i))
		}
		return post(s, "/v1/endpointcost/ec", MediaEndpointCostParams,
			`{"cost-type":{"cost-mode":"numerical","cost-metric":"hopcount"},"endpoints":{"dsts":[`+strings.Join(dsts, ",")+`]}}`).Code
	}
	if got := ask(4); got != 200 {
		t.Errorf("4 pairs: status %d", got)
	}
	if got := ask(5); got != 413 {
		t.Errorf("5 pairs: status %d, want 413", got)
	}
}

func TestNoSnapshot(t *testing.T) {
	w := get(NewServer(nil), "/directory")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
}

func TestConditionalAndCompressed(t *testing.T) {
	s := serving(t, httpConfig(t))
	for _, path := range []string{"/v1/networkmap/big:map@1", "/v1/directory"} {
		t.Run(path, func(t *testing.T) {
			plain := get(s, path)
			head := exchange(s, http.MethodHead, path, nil, "")
			if head.Body.Len() != 0 || head.Header().Get("Content-Length") != plain.Header().Get("Content-Length") {
				t.Errorf("HEAD: %d bytes, headers %v", head.Body.Len(), head.Header())
			}
			if got := fmt.Sprint(plain.Body.Len()); got != plain.Header().Get("Content-Length") {
				t.Errorf("Content-Length %s, want %s", plain.Header().Get("Content-Length"), got)
			}
			packed := exchange(s, http.MethodGet, path, http.Header{"Accept-Encoding": {"br, gzip;q=0.5"}}, "")
			if plain.Body.Len() >= minCompressed {
				checkPacked(t, packed.Body, plain.Body.String())
				if packed.Header().Get("ETag") == plain.Header().Get("ETag") {
					t.Error("both encodings have one strong entity tag")
				}
			}
			for _, tag := range []string{plain.Header().Get("ETag"), packed.Header().Get("ETag"), `"x", W/` + plain.Header().Get("ETag"), "*"} {
				w := exchange(s, http.MethodGet, path, http.Header{"If-None-Match": {tag}}, "")
				if w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") == "" {
					t.Errorf("If-None-Match %s: status %d, %d bytes", tag, w.Code, w.Body.Len())
				}
			}
			if w := exchange(s, http.MethodGet, path, http.Header{"If-None-Match": {`"other"`}}, ""); w.Code != http.StatusOK {
				t.Errorf("another tag: status %d", w.Code)
			}
		})
	}
	if w := exchange(s, http.MethodGet, "/v1/networkmap/big:map@1", http.Header{"Accept-Encoding": {"gzip;q=0, *"}}, ""); w.Header().Get("Content-Encoding") != "" {
		t.Error("gzip sent to a client that refuses it")
	}
	if w := exchange(s, http.MethodPost, "/v1/networkmapfilter/part",
		http.Header{"Accept-Encoding": {"gzip"}, "Content-Type": {MediaNetworkMapFilter}}, `{"pids":[]}`); w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("ETag") != "" {
		t.Errorf("POST: headers %v", w.Header())
	}
}

func checkPacked(t *testing.T, packed io.Reader, want string) {
	t.Helper()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != want {
		t.Errorf("gzip holds %d bytes (%v), want %d", len(got), err, len(want))
	}
}
