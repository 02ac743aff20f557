package alto

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/altoam/altoam/alto/schema/schematest"
)

// nasty are pieces of text that parsers have stumbled over.
var nasty = []string{
	"", "null", "true", "-0", "1e999", "-1E-999", "0.1e+1", "18446744073709551616", `""`, "[]", "{}", "[[]]", "[null]", `{"":{}}`, ",", ":", "{", "}", "[", "]", `"`, `\`, `\u0000`, `\ud800`, `\udc00`,
	"\x00", "\xff", "\xc0\xaf", "\ufeff", "\u2028", "/", "~0", "~1", ".", "..", "%00", "%2f", "#", "?", " ", "\n", "\r\n", "[0] ", "[-1] gt 1", "[99] le 1", "gt NaN", "eq 0x1p-2", "le 1_0", "ge inf",
	"ipv4:", "ipv6:", "ipv4:0.0.0.0", "ipv4:256.1.1.1", "ipv4:01.2.3.4", "ipv6:::", "ipv6:::ffff:192.0.2.1", "ipv6:fe80::1%eth0", "ipv4:192.0.2.0/33", "ipv6:::/129", ".ane:", "pid", ".pid", "priv:", "-1",
	"numerical", "ordinal", "array", "ane-path", "routingcost", "PID1", "srcs", "dsts", "pids", "endpoints", "properties", "input", "add", "remove", "resource-id", "tag", "constraints", "or-constraints",
	"multi-cost-types", "testable-cost-types", "calendared", "ane-property-names", "incremental-changes", "cost-type", "cost-mode", "cost-metric",
}

// garble changes a text in one place or a few.
func garble(r *rand.Rand, text string, others []example) string {
	b := []byte(text)
	span := func() (from, to int) {
		from = r.IntN(len(b) + 1)
		return from, from + r.IntN(min(len(b)-from, 1+r.IntN(40))+1)
	}
	for range 1 + r.IntN(1+r.IntN(3)) {
		from, to := span()
		switch r.IntN(9) {
		case 0:
			b = slices.Delete(b, from, to)
		case 1:
			b = slices.Insert(b, from, []byte(nasty[r.IntN(len(nasty))])...)
		case 2:
			b = slices.Replace(b, from, to, []byte(nasty[r.IntN(len(nasty))])...)
		case 3:
			b = slices.Insert(b, to, []byte(strings.Repeat(string(b[from:to]), 1+r.IntN(1+r.IntN(50))))...)
		case 4:
			other := others[r.IntN(len(others))].body
			at := r.IntN(len(other))
			b = slices.Replace(b, from, to, []byte(other[at:at+r.IntN(len(other)-at)])...)
		case 5:
			if from < len(b) {
				b[from] ^= 1 << r.IntN(8)
			}
		case 6: // an unknown member
			if at := strings.IndexByte(string(b[from:]), '{'); at >= 0 {
				b = slices.Insert(b, from+at+1, []byte(`"x":`+[]string{"-0", "1e999", "[[{}]]", `{"x":null}`}[r.IntN(4)]+",")...)
			}
		default: // a whole value of a member or element
			from = max(0, strings.LastIndexAny(string(b[:from]), ":,["))
			if end := strings.IndexAny(string(b[from:]), ",]}"); end > 0 && from+1 < from+end {
				b = slices.Replace(b, from+1, from+end, []byte(nasty[r.IntN(len(nasty))])...)
			}
		}
	}
	return string(b)
}

// controlOf returns the path that controls a stream that nobody reads, which is opened where
// there is none.
func controlOf(t *testing.T, x example) string {
	for at, st := range x.server.streams.byPath {
		if st.ended {
			st.leave()
		} else if strings.HasPrefix(at, x.path) {
			return at
		}
	}
	e := x.server.epoch.Load()
	n := e.snapshot.at(strings.TrimPrefix(x.path, "/"))
	params, pe := parseParameters([]byte(x.body))
	if pe != nil {
		t.Fatalf("%s: %+v", x.name, pe)
	}
	added, pe := e.snapshot.readSubstreams(n, params, netip.Addr{})
	if pe != nil {
		t.Fatalf("%s: %+v", x.name, pe)
	}
	return x.server.open(e, n, added, netip.Addr{}).path
}

// TestRandomRequests garbles the requests of the RFCs, and sometimes their headers and
// paths: no panic, no error of the server but its limits, and all responses fit their
// schemas. ALTOAM_REQUESTS is how many, from seed ALTOAM_SEED.
func TestRandomRequests(t *testing.T) {
	number := func(name string, other int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return other
	}
	seed, times := number("ALTOAM_SEED", 1), number("ALTOAM_REQUESTS", 5000)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	examples := rfcExamples(t)
	slices.SortFunc(examples, func(a, b example) int { return strings.Compare(a.name, b.name) })
	ended, cancel := context.WithCancel(context.Background())
	cancel() // update streams end as soon as they have begun
	statuses := make(map[int]int)
	for i := range times {
		x := examples[random.IntN(len(examples))]
		r := httptest.NewRequestWithContext(ended, http.MethodPost, "/", nil)
		r.URL.Path, r.RemoteAddr = x.path, "192.0.2.2:40000"
		r.Header.Set("Content-Type", x.media)
		if x.media == MediaUpdateParams && random.IntN(2) == 0 {
			r.URL.Path = controlOf(t, x)
		}
		body := garble(random, x.body, examples)
		switch random.IntN(20) {
		case 0:
			r.URL.Path = garble(random, r.URL.Path, examples)
		case 1:
			r.Method = []string{"GET", "HEAD", "PUT", "OPTIONS", "PATCH", "TRACE", "X"}[random.IntN(7)]
		case 2:
			name := []string{"Accept", "Accept-Encoding", "Content-Type", "Content-Encoding", "If-None-Match", "Authorization"}[random.IntN(6)]
			r.Header.Set(name, garble(random, "application/*;q=0.5, gzip, */*", examples))
		}
		r.Body, r.ContentLength = http.NoBody, 0
		if body != "" {
			r.Body = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)).Body
		}
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("request %d, %s %q with %q: %v", i, r.Method, r.URL.Path, body, p)
				}
			}()
			x.server.ServeHTTP(w, r)
		}()
		statuses[w.Code]++
		if w.Code >= 500 && w.Header().Get("Retry-After") == "" {
			t.Fatalf("request %d, %s %q with %q: status %d", i, r.Method, r.URL.Path, body, w.Code)
		}
		if media := w.Header().Get("Content-Type"); media != "" && w.Header().Get("Content-Encoding") == "" {
			if err := schematest.Check(media, w.Body.Bytes()); err != nil {
				t.Fatalf("request %d, %s %q with %q: %v\n%.2000s", i, r.Method, r.URL.Path, body, err, w.Body)
			}
		}
	}
	if statuses[200] < times/20 || statuses[400] < times/4 {
		t.Errorf("answers by status %v", statuses)
	}
	t.Logf("answers by status %v", statuses)
	for _, x := range examples {
		for _, st := range x.server.streams.byPath {
			st.leave()
		}
	}
}
