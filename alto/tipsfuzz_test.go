package alto

import (
	"net/http/httptest"
	"testing"
	"time"
)

// FuzzTIPSParams sends requests to open a view and for the next edge: each is answered, and
// only a valid one opens a view.
func FuzzTIPSParams(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `{"resource-id":"cm"}`, `{"resource-id":"nm","tag":"t1"}`, `{"resource-id":"cm","tag":1}`, `{"resource-id":"part","input":{` + routingType + `}}`,
		`{"resource-id":"ec","input":{` + routingType + `,"endpoints":{"dsts":["ipv4:192.0.2.2"]}}}`, `{"resource-id":"cm","input":null}`,
		`{"resource-id":"part","input":{"a":1e400,` + routingType + `}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := serving(t, tipsConfig(t, nil))
		w := post(s, "/tips", MediaTIPSParams, body)
		if w.Code != 200 && w.Code != 400 || (w.Code == 200) != (len(s.views.byToken) == 1) {
			t.Fatalf("%q: status %d, %d views", body, w.Code, len(s.views.byToken))
		}
		if w.Code == 200 {
			o := readOpened(t, w, MediaTIPS)
			if e := o.Summary.Graph.Edge; e.From == 0 {
				o.item(t, s, e.From, e.To)
			}
			if again := post(s, "/tips", MediaTIPSParams, body); readOpened(t, again, MediaTIPS).URI != o.URI {
				t.Fatalf("%q has two views", body)
			}
		}
		cm := openTIPSView(t, s, `{"resource-id":"cm"}`)
		if w := post(s, cm.path()+"/ug", MediaTIPSParams, body); w.Code != 200 && w.Code != 400 {
			t.Fatalf("next edge, %q: status %d", body, w.Code)
		}
	})
}

// FuzzTIPSPath asks for what is below a view: only its two edges are there.
func FuzzTIPSPath(f *testing.F) {
	s := serving(f, tipsConfig(f, func(x *TIPS) { x.PollTimeout = time.Nanosecond }))
	o := openTIPSView(f, s, `{"resource-id":"cm"}`)
	recost(f, s, 2)
	o.item(f, s, 1, 2)
	for _, text := range []string{"", "/ug", "/ug/0/1", "/ug/1/2", "/ug/2/3", "/ug/01/2", "/ug/1/2/", "/ug//ug/1/2", "x/ug/1/2", "/ug/1/99999999999999999999", "/ug/-1/2", "/../ug/0/1", "/ug/0/1/ug/0/1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = o.path() + rest
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if there := rest == "/ug/0/1" || rest == "/ug/1/2"; (w.Code == 200) != there || w.Code >= 500 {
			t.Fatalf("%q: status %d", rest, w.Code)
		}
	})
}
