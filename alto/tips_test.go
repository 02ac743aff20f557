package alto

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tipsConfig has a TIPS "tips" at /tips over a network map, its cost map, a filtered cost
// map and endpoint costs; "cdni" is not covered.
func tipsConfig(t testing.TB, change func(*TIPS)) Config {
	c := updateConfig(t, nil)
	tips := TIPS{Covers: []string{"cm", "nm", "part", "ec"}}
	if change != nil {
		change(&tips)
	}
	cells := costs(t, threePIDs, 1, 5, 10, 5, 1, 15, 20, 15, -1)
	c.Resources = append(
		c.Resources,
		&Resource{ID: "ec", Path: "ec", Service: EndpointCosts{Map: rfcNetworkMap(t, "t1"), Offers: []CostOffer{{"num-routing", cells}}}},
		&Resource{ID: "tips", Path: "tips", Service: tips},
	)
	return c
}

// recost publishes the cost map with another first cell.
func recost(t testing.TB, s *Server, first float64) {
	t.Helper()
	republish(t, s, replace(&Resource{ID: "cm", Path: "cm", Service: FullCostMap{"nm", "num-routing", costs(t, threePIDs, first, 5, 10, 5, 1, 15, 20, 15, -1)}}))
}

// opened is an AddTIPSResponse.
type opened struct {
	URI     string `json:"tips-view-uri"`
	Summary struct {
		Graph struct {
			Start int `json:"start-seq"`
			End   int `json:"end-seq"`
			Edge  struct {
				From int `json:"seq-i"`
				To   int `json:"seq-j"`
			} `json:"start-edge-rec"`
		} `json:"updates-graph-summary"`
	} `json:"tips-view-summary"`
}

// numbers are start-seq, end-seq, seq-i and seq-j.
func (o opened) numbers() [4]int {
	g := o.Summary.Graph
	return [4]int{g.Start, g.End, g.Edge.From, g.Edge.To}
}

func (o opened) path() string { return pathOf(o.URI) }

func readOpened(t testing.TB, w *httptest.ResponseRecorder, media string) (o opened) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != media {
		t.Fatalf("status %d, type %q: %s (%v)", w.Code, w.Header().Get("Content-Type"), w.Body, err)
	}
	return o
}

func openTIPSView(t testing.TB, s http.Handler, body string) opened {
	t.Helper()
	return readOpened(t, post(s, "/tips", MediaTIPSParams, body), MediaTIPS)
}

func nextEdge(t testing.TB, s http.Handler, o opened, body string) [4]int {
	t.Helper()
	return readOpened(t, post(s, o.path()+"/ug", MediaTIPSParams, body), MediaMergePatch).numbers()
}

// item fetches an update item that is there.
func (o opened) item(t testing.TB, s http.Handler, from, to int) *httptest.ResponseRecorder {
	t.Helper()
	w := get(s, fmt.Sprintf("%s/ug/%d/%d", o.path(), from, to))
	if w.Code != http.StatusOK {
		t.Fatalf("edge %d to %d: status %d, %s", from, to, w.Code, w.Body)
	}
	return w
}

func TestTIPSView(t *testing.T) {
	s := serving(t, tipsConfig(t, nil))
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	if o.numbers() != [4]int{1, 1, 0, 1} || !strings.HasPrefix(o.URI, "http://example.com/tips/") {
		t.Errorf("a view of one version: %+v", o)
	}
	first := get(s, "/cm")
	w := o.item(t, s, 0, 1)
	if w.Body.String() != first.Body.String() || w.Header().Get("Content-Type") != MediaCostMap {
		t.Errorf("the snapshot is %q: %s", w.Header().Get("Content-Type"), w.Body)
	}
	recost(t, s, 2)
	tag := strings.Trim(first.Header().Get("ETag"), `"`)
	if got := openTIPSView(t, s, `{"resource-id":"cm","unknown":1,"tag":"`+tag+`"}`); got.numbers() != [4]int{1, 2, 1, 2} || got.URI != o.URI {
		t.Errorf("for a client with the first version: %+v", got)
	}
	w = o.item(t, s, 1, 2)
	patched := applyMerge(decode(t, first.Body.String()), decode(t, w.Body.String()))
	if diff := cmp.Diff(decode(t, get(s, "/cm").Body.String()), patched); diff != "" || w.Header().Get("Content-Type") != MediaMergePatch {
		t.Errorf("after the patch of type %q (-want +got):\n%s", w.Header().Get("Content-Type"), diff)
	}
	if got := nextEdge(t, s, o, `{"resource-id":"cm"}`); got[1] != 2 || got[2] != 0 {
		t.Errorf("the next edge of a client that has nothing: %v", got)
	}
	now := strings.Trim(get(s, "/cm").Header().Get("ETag"), `"`)
	if got := nextEdge(t, s, o, `{"resource-id":"cm","tag":"`+now+`"}`); got != [4]int{1, 2, 2, 3} {
		t.Errorf("the next edge at the end: %v", got)
	}
	if got := openTIPSView(t, s, `{"resource-id":"nm","tag":"t1"}`); got.numbers() != [4]int{1, 1, 1, 2} {
		t.Errorf("with the tag of the network map: %v", got.numbers())
	}
	republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t1")}}))
	recost(t, s, 2)
	if got := openTIPSView(t, s, `{"resource-id":"cm"}`); got.numbers()[1] != 2 {
		t.Errorf("the same content is another version: %v", got.numbers())
	}
}

// TestTIPSViewsAreShared has clients that want the same, and others.
func TestTIPSViewsAreShared(t *testing.T) {
	s := serving(t, tipsConfig(t, nil))
	input := func(srcs string) string {
		return `{"resource-id":"part","input":{"pids":{"srcs":` + srcs + `,"dsts":[]},` + routingType + `}}`
	}
	a := openTIPSView(t, s, input(`["PID1"]`))
	if b := openTIPSView(t, s, `{"input":{ `+routingType+`, "pids":{"dsts":[],"srcs":["PID1"]} },"resource-id":"part"}`); b.URI != a.URI {
		t.Error("the same input in another order has another view")
	}
	if b := openTIPSView(t, s, input(`["PID2"]`)); b.URI == a.URI {
		t.Error("another input has the same view")
	}
	if b := openTIPSView(t, s, `{"resource-id":"cm"}`); b.URI == a.URI {
		t.Error("another resource has the same view")
	}
	endpoints := func(from string) string {
		r := httptest.NewRequest("POST", "/tips", strings.NewReader(`{"resource-id":"ec","input":{`+routingType+`,"endpoints":{"dsts":["ipv4:192.0.2.2"]}}}`))
		r.RemoteAddr = from
		r.Header.Set("Content-Type", MediaTIPSParams)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return readOpened(t, w, MediaTIPS).URI
	}
	if endpoints("192.0.2.1:1") == endpoints("198.51.100.1:1") || endpoints("192.0.2.1:1") != endpoints("192.0.2.1:2") {
		t.Error("costs from the client are to be shared by the requests of one client alone")
	}
	republish(t, s, replace(&Resource{ID: "part", Path: "part", Service: FilteredCostMap{
		NetworkMap: "nm", Offers: []CostOffer{{"num-routing", costs(t, threePIDs, 7, 5, 10, 5, 1, 15, 20, 15, -1)}},
	}}))
	want := decode(t, post(s, "/part", MediaCostMapFilter, `{"pids":{"srcs":["PID1"],"dsts":[]},`+routingType+`}`).Body.String())
	had := decode(t, a.item(t, s, 0, 1).Body.String())
	if diff := cmp.Diff(want, applyMerge(had, decode(t, a.item(t, s, 1, 2).Body.String()))); diff != "" {
		t.Errorf("after the step of a filtered map (-want +got):\n%s", diff)
	}
	if other := openTIPSView(t, s, input(`["PID2"]`)); other.numbers()[1] != 1 {
		t.Errorf("a part that stays has another version: %v", other.numbers())
	}
}

func TestTIPSConfig(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*TIPS)
		field  Field // "": accepted
	}{
		{"as it is", func(*TIPS) {}, ""},
		{"without what costs use", func(x *TIPS) { x.Covers = []string{"cm"} }, ""},
		{"nothing", func(x *TIPS) { x.Covers = nil }, FieldCovers},
		{"the unknown", func(x *TIPS) { x.Covers = []string{"y"} }, FieldCovers},
		{"itself", func(x *TIPS) { x.Covers = []string{"tips"} }, FieldCovers},
		{"update streams", func(x *TIPS) { x.Covers = []string{"up"} }, FieldCovers},
		{"the same twice", func(x *TIPS) { x.Covers = []string{"cm", "cm"} }, FieldCovers},
		{"formats of another", func(x *TIPS) { x.Patches = map[string]PatchFormats{"cdni": MergePatch} }, FieldCovers},
		{"negative retention", func(x *TIPS) { x.Retention = -1 }, FieldLimits},
		{"negative time", func(x *TIPS) { x.PollTimeout = -1 }, FieldLimits},
	} {
		_, err := NewSnapshot(nil, tipsConfig(t, tt.change))
		var got *ConfigError
		if errors.As(err, &got); (err == nil) != (tt.field == "") || err != nil && (got.Resource != "tips" || got.Field != tt.field) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestTIPSPollsWithoutAnswer has a client that gives up and one whose socket is closed.
func TestTIPSPollsWithoutAnswer(t *testing.T) {
	s := serving(t, tipsConfig(t, nil))
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	draining := make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), drainingKey{}, draining))
	ask := func(ctx context.Context) <-chan int {
		answered := make(chan int, 1)
		go func() {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest("GET", o.path()+"/ug/1/2", nil).WithContext(ctx))
			answered <- w.Code
		}()
		return answered
	}
	gone := ask(ctx)
	waitingFor(t, s, 1)
	cancel()
	if code := <-gone; code != clientGone {
		t.Errorf("who gives up: status %d", code)
	}
	closed := ask(context.WithValue(t.Context(), drainingKey{}, draining))
	waitingFor(t, s, 1)
	close(draining)
	if code := <-closed; code != http.StatusServiceUnavailable {
		t.Errorf("whose socket is closed: status %d", code)
	}
	waitingFor(t, s, 0)
}

func TestTIPSErrors(t *testing.T) {
	s := serving(t, tipsConfig(t, nil))
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	view := o.path()
	for _, tt := range []struct{ path, body, want string }{
		{"/tips", ``, `{"meta":{"code":"E_SYNTAX","syntax-error":"request body is empty"}}`},
		{"/tips", `{}`, `{"meta":{"code":"E_MISSING_FIELD","field":"resource-id"}}`},
		{"/tips", `{"resource-id":7}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"resource-id"}}`},
		{"/tips", `{"resource-id":"cdni"}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"resource-id","value":"cdni"}}`},
		{"/tips", `{"resource-id":"tips"}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"resource-id","value":"tips"}}`},
		{"/tips", `{"resource-id":"nm","tag":1}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"tag"}}`},
		{"/tips", `{"resource-id":"part"}`, `{"meta":{"code":"E_MISSING_FIELD","field":"cost-type"}}`},
		{"/tips", `{"resource-id":"part","input":[]}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"input"}}`},
		{"/tips", `{"resource-id":"part","input":{` + routingType + `,"pids":{}}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"pids/srcs"}}`},
		{view + "/ug", `{}`, `{"meta":{"code":"E_MISSING_FIELD","field":"resource-id"}}`},
		{view + "/ug", `{"resource-id":"nm"}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"resource-id","value":"nm"}}`},
		{view + "/ug", `{"resource-id":"cm","input":{"a":1}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"input","value":"{\"a\":1}"}}`},
	} {
		w := post(s, tt.path, MediaTIPSParams, tt.body)
		if got := w.Body.String(); w.Code != 400 || w.Header().Get("Content-Type") != MediaError || tt.body != "" && got != tt.want {
			t.Errorf("%s: status %d, %s, want %s", tt.body, w.Code, got, tt.want)
		}
	}
	if n := len(s.views.byToken); n != 1 {
		t.Errorf("%d views after errors, want 1", n)
	}
}

// TestTIPSStatus has the statuses of RFC 9569 Section 7.2 and those of HTTP.
func TestTIPSStatus(t *testing.T) {
	s := serving(t, tipsConfig(t, func(x *TIPS) { x.Retention, x.PollTimeout = 2, time.Millisecond }))
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	for n := 2; n <= 9; n++ { // versions 5 to 9 remain
		recost(t, s, float64(n))
		if got := nextEdge(t, s, o, `{"resource-id":"cm"}`); got[1] != n {
			t.Fatalf("%v after %d versions", got, n)
		}
	}
	start := nextEdge(t, s, o, `{"resource-id":"cm"}`)[0]
	if start != 7 {
		t.Errorf("start-seq %d, want 7", start)
	}
	ask := func(method, path string, header http.Header) int { return exchange(s, method, path, header, "").Code }
	for _, tt := range []struct {
		method, edge string
		want         int
	}{
		{"GET", "/ug/0/7", 200},
		{"GET", "/ug/7/8", 200},
		{"HEAD", "/ug/8/9", 200},
		{"GET", "/ug/7/9", 200},
		{"GET", "/ug/0/6", 410},
		{"GET", "/ug/6/7", 410},
		{"GET", "/ug/3/4", 410},
		{"GET", "/ug/6/9", 410},
		{"GET", "/ug/9/10", 425},
		{"GET", "/ug/10/11", 425},
		{"GET", "/ug/0/11", 425},
		{"GET", "/ug/8/10", 404},
		{"GET", "/ug/0/10", 404},
		{"GET", "/ug/8/8", 404},
		{"GET", "/ug/9/8", 404},
		{"GET", "/ug/07/8", 404},
		{"GET", "/ug/7", 404},
		{"GET", "/ug/7/8/9", 404},
		{"GET", "/ug/-1/8", 404},
		{"GET", "/ug/a/b", 404},
		{"GET", "/ug/", 404},
		{"GET", "/ugh", 404},
		{"GET", "", 404},
		{"GET", "/ug/9223372036854775807/9223372036854775808", 404},
		{"GET", "/ug", 405},
		{"POST", "/ug/7/8", 405},
		{"DELETE", "/ug/7/8", 405},
		{"OPTIONS", "/ug/7/8", 204},
		{"OPTIONS", "/ug", 204},
	} {
		if got := ask(tt.method, o.path()+tt.edge, nil); got != tt.want {
			t.Errorf("%s %s: status %d, want %d", tt.method, tt.edge, got, tt.want)
		}
	}
	if got := ask("GET", o.path()+"x/ug/7/8", nil); got != 404 {
		t.Errorf("another token: status %d", got)
	}
	if got := ask("GET", o.path()+"/ug/7/8", http.Header{"Accept": {MediaCostMap}}); got != 415 {
		t.Errorf("a client that takes no patch: status %d", got)
	}
	if got := ask("GET", o.path()+"/ug/0/9", http.Header{"Accept": {MediaCostMap}}); got != 200 {
		t.Errorf("a client that takes cost maps: status %d", got)
	}
	if w := get(s, o.path()+"x/ug/7/8"); w.Header().Get("Content-Type") != MediaError {
		t.Errorf("404 of type %q", w.Header().Get("Content-Type"))
	}
	if got := post(s, o.path()+"/ug", "application/json", `{"resource-id":"cm"}`).Code; got != 415 {
		t.Errorf("parameters of another type: status %d", got)
	}
}
