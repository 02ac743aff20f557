package restconf

import (
	"strings"
	"testing"
)

func TestQueryParameters(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {"queue": [{"id": "a"}], "names": ["n"], "Y": [1]}}`)
	const queue = jsonBody + `{"example-top:queue": [{"id": "b"}]}`
	for _, c := range []struct {
		request string
		code    int
		message string
	}{
		{"GET /restconf/data?depth=1", 200, ""},
		{"GET /restconf/data?depth=unbounded", 200, ""},
		{"GET /restconf/data?depth=65535&content=all", 200, ""},
		{"GET /restconf/data?", 200, ""},
		{"GET /restconf/data?depth=0", 400, "expected 1 to 65535 or unbounded"},
		{"GET /restconf/data?depth=65536", 400, "expected 1 to 65535"},
		{"GET /restconf/data?depth=+1", 400, "depth is"},
		{"GET /restconf/data?depth", 400, "depth is"},
		{"GET /restconf/data?depth=1&depth=1", 400, "depth is given twice"},
		{"GET /restconf/data?Depth=1", 400, "no parameter"},
		{"GET /restconf/data?colour=red", 400, "no parameter"},
		{"GET /restconf/data?content=state", 400, "expected config, nonconfig or all"},
		{"GET /restconf/data?content=nonconfig", 200, ""},
		{"GET /restconf/data?with-defaults=all", 400, "expected report-all"},
		{"GET /restconf/data?fields=example-top:top(Y;queue/id)", 200, ""},
		{"GET /restconf/data?fields=example-top%3Atop%28Y%3Bqueue%2Fid%29", 200, ""},
		{"GET /restconf/data?fields=top", 400, "no node top"},
		{"GET /restconf/data?fields=example-top:top(", 400, "fields parameter"},
		{"GET /restconf/data/example-top:top?fields=Z", 400, "no node Z"},
		{"GET /restconf/data?depth=%zz", 400, "not percent-encoded"},
		{"GET /restconf/data?filter=x", 400, "filter is not supported"},
		{"GET /restconf/data?insert=first", 400, "insert is not supported"},
		{"GET /restconf?depth=2", 200, ""},
		{"GET /restconf?content=all", 400, "content is not supported"},
		{"GET /restconf/operations?depth=2", 400, "depth is not supported"},
		{"GET /restconf/yang-library-version?depth=2", 400, "depth is not supported"},
		{"GET /.well-known/host-meta?depth=2", 400, "depth is not supported"},
		{"OPTIONS /restconf/data?depth=2", 400, "depth is not supported"},
		{"DELETE /restconf/data/example-top:top/Y=1?depth=2", 400, "depth is not supported"},
		{"DELETE /restconf/data/example-top:top/Y=1?insert=first", 400, "insert is not supported"},
		{"PATCH /restconf/data?insert=first" + jsonBody + `{"ietf-restconf:data": {}}`, 400, "insert is not supported"},
		{"PUT /restconf/data?insert=first" + jsonBody + `{"ietf-restconf:data": {}}`, 400, "not for the datastore"},
		{"POST /restconf/operations/example-top:measure?insert=first", 400, "insert is not supported"},
		{"POST /restconf/data/example-top:top?content=all" + queue, 400, "content is not supported"},
		{"POST /restconf/data/example-top:top?insert=middle" + queue, 400, "expected first, last, before or after"},
		{"POST /restconf/data/example-top:top?insert=before" + queue, 400, "point goes with"},
		{"POST /restconf/data/example-top:top?point=/example-top:top/queue=a" + queue, 400, "point goes with"},
		{"POST /restconf/data/example-top:top?insert=last&point=/example-top:top/queue=a" + queue, 400, "point goes with"},
		{"POST /restconf/data/example-top:top?insert=after&point=/example-top:top/queue" + queue, 400, "point must be another entry"},
		{"POST /restconf/data/example-top:top?insert=after&point=/example-top:top/names=n" + queue, 400, "point must be another entry"},
		{"POST /restconf/data/example-top:top?insert=after&point=/example-top:nothing" + queue, 400, "point: "},
		{"POST /restconf/data/example-top:top?insert=after&point=" + queue, 400, "point must be the path of an entry"},
		{"POST /restconf/data/example-top:top?insert=after&point=/example-top:machine/wheel=a/spin" + queue, 400, "point must be the path"},
		{"POST /restconf/data/example-top:top?insert=first" + jsonBody + `{"example-top:Y": [2]}`, 400, "ordered by user"},
		{"POST /restconf/data/example-top:top?insert=after&point=/restconf/data/example-top:top/queue=a" + queue, 201, ""},
	} {
		w := f.do(c.request)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.message) {
			t.Errorf("%s\n= %d %s\nwant %d %q", c.request, w.Code, w.Body, c.code, c.message)
		}
		if c.code == 400 && !strings.Contains(w.Body.String(), `"error-tag":"invalid-value"`) {
			t.Errorf("%s: %s", c.request, w.Body)
		}
	}
}
