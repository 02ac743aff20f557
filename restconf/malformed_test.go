package restconf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// malformedSeeds are correct requests of every kind; all edits are of what exists.
var malformedSeeds = []wire{
	{"GET", "/restconf/data/example-top:top/list1=a%2Cb,,c/list2=d,e/X", "depth=3&content=config", nil, ""},
	{"GET", "/restconf/data/example-jukebox:jukebox", "fields=library/artist(name;album/year);player&with-defaults=report-all", nil, ""},
	{"GET", "/restconf/ds/ietf-datastores:operational/example-top:defaults", "with-origin", nil, ""},
	{"GET", "/restconf/operations", "", nil, ""},
	{"GET", "/restconf/streams/NETCONF/json", "filter=%2Fevent%2Fseverity%3C4", nil, ""},
	{"DELETE", "/restconf/data/example-top:top/queue=a", "", nil, ""},
	{"POST", "/restconf/data/example-top:top", "insert=after&point=%2Fexample-top%3Atop%2Fqueue%3Da", asJSON, `{"example-top:queue": [{"id": "new"}]}`},
	{"POST", "/restconf/data/example-top:machine/wheel=a/spin", "", asJSON, `{"example-top:input": {"times": 300}}`},
	{"POST", "/restconf/operations/example-top:measure", "", asXML, `<input xmlns="http://example.com/ns/example-top"><times>300</times></input>`},
	{"PUT", "/restconf/data/example-top:defaults", "", asJSON, `{"example-top:defaults": {"colour": "red", "size": 3, "inner": {"depth": 2}, "day": ["wed"]}}`},
	{"PUT", "/restconf/data/example-jukebox:jukebox", "", asXML, `<jukebox xmlns="http://example.com/ns/example-jukebox"><player><gap>1.5</gap></player></jukebox>`},
	{"PUT", "/restconf/data", "", asJSON, `{"ietf-restconf:data": {"example-top:top": {"Y": [1, 2], "form": [{"kind": "example-more:square"}]}}}`},
	{"PATCH", "/restconf/data/example-top:top", "", asXML, `<top xmlns="http://example.com/ns/example-top"><Y>9</Y><names>x</names></top>`},
	{"PATCH", "/restconf/data/example-top:top", "", asJSON, `{"example-top:top": {"note": {"a": [1, {"b": [null]}]}, "example-more:extra": "y"}}`},
	{"PATCH", "/restconf/data/example-top:top", "", map[string]string{"Content-Type": yangPatchTypes[0]}, `{"ietf-yang-patch:yang-patch": ` +
		`{"patch-id": "p", "edit": [{"edit-id": "1", "operation": "move", "target": "/queue=b", "where": "before", "point": "/queue=a"}]}}`},
}

var (
	asJSON = map[string]string{"Content-Type": mediaTypes[inJSON]}
	asXML  = map[string]string{"Content-Type": mediaTypes[inXML]}
)

// wire is a request as a client would write it, right or wrong.
type wire struct {
	method, path, query string
	header              map[string]string
	body                string
}

func (w wire) with(name, value string) wire {
	header := map[string]string{name: value}
	for k, v := range w.header {
		if k != name {
			header[k] = v
		}
	}
	w.header = header
	return w
}

func (w wire) text() string {
	var b strings.Builder
	b.WriteString(w.method + " " + w.path)
	if w.query != "" {
		b.WriteString("?" + w.query)
	}
	b.WriteString(" HTTP/1.1\r\nHost: localhost\r\n")
	if _, given := w.header["Authorization"]; !given {
		b.WriteString("Authorization: Basic YWRtaW46c2VjcmV0\r\n")
	}
	for name, value := range w.header {
		b.WriteString(name + ": " + value + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(w.body), w.body)
	return b.String()
}

// wreck makes a request wrong. codes are the statuses that it may then end with; with
// none it may have become anything, a correct request too.
type wreck struct {
	name  string
	make  func(r *rand.Rand, w wire) wire
	codes []int
}

// splice puts text in the place of a few bytes somewhere in s.
func splice(r *rand.Rand, s, text string) string {
	at := r.IntN(len(s) + 1)
	return s[:at] + text + s[min(len(s), at+r.IntN(3)):]
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

var wrecks = []wreck{
	{"path: a node too many", func(r *rand.Rand, w wire) wire {
		w.path += "/" + pick(r, "nothing", "example-top:nothing", "nobody:x", "%F0%9F%98%80", "x=1", "..")
		return w
	}, []int{400, 404}},
	{"path: an empty segment", func(r *rand.Rand, w wire) wire {
		w.path += pick(r, "/", "//", "/%20/")
		return w
	}, []int{400, 404}},
	{"path: encoded badly", func(r *rand.Rand, w wire) wire {
		w.path += pick(r, "%ff", "%C0%80", "%ED%A0%80", "=%ff", ",%ff")
		return w
	}, []int{400, 404}},
	{"path: anything", func(r *rand.Rand, w wire) wire {
		w.path = w.path[:10] + splice(r, w.path[10:], pick(r, "/", "=", ",", ":", "%2F", "%00", "%25", "..", "//", "x", "[", "'", "\"", ";", "@", "é"))
		return w
	}, nil},
	{"query: unknown", func(r *rand.Rand, w wire) wire {
		w.query = strings.TrimPrefix(w.query+"&"+pick(r, "nothing", "x=y", "%20=1", "Depth=1", "depth%00=1"), "&")
		return w
	}, []int{400}},
	{"query: wrong", func(r *rand.Rand, w wire) wire {
		w.query = strings.TrimPrefix(w.query+"&"+pick(r, "depth=0", "depth=x", "content=none", "insert=up", "fields=(", "fields=;", "with-defaults=",
			"point=%2Fx", "%zz", "%ff=1", "start-time=now", "filter=//[", "with-origin=1", "dry-run=2"), "&")
		return w
	}, []int{400}},
	{"query: anything", func(r *rand.Rand, w wire) wire {
		w.query = splice(r, w.query, pick(r, "&", "=", ";", "%", "(", ")", "/", "%2F", "%00"))
		return w
	}, nil},
	{"method", func(r *rand.Rand, w wire) wire {
		w.method = pick(r, "BREW", "TRACE", "get", "MOVE", "PROPFIND")
		return w
	}, []int{405}},
	{"Accept", func(r *rand.Rand, w wire) wire {
		return w.with("Accept", pick(r, "text/html", "nonsense", ";;", "application/yang-data+json;q=0", "application/json", "*/*;q=2"))
	}, []int{406}},
	{"Content-Type", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		return w.with("Content-Type", pick(r, "", "text/plain", "application/json", "application/yang-data+json;charset=latin1", "/", ";", "a/b;c=\"", "application/yang-data"))
	}, []int{415}},
	{"the other encoding", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		if strings.HasSuffix(w.header["Content-Type"], "json") {
			return w.with("Content-Type", strings.Replace(w.header["Content-Type"], "json", "xml", 1))
		}
		return w.with("Content-Type", strings.Replace(w.header["Content-Type"], "xml", "json", 1))
	}, []int{400}},
	{"body: cut", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		w.body = w.body[:1+r.IntN(len(w.body)-1)]
		return w
	}, []int{400}},
	{"body: more behind", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		w.body += pick(r, "{}", "x", "<x/>", w.body, "\x00", "]", "}", "<")
		return w
	}, []int{400}},
	{"body: no text", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		at := strings.IndexAny(w.body, "{>") + 1
		w.body = w.body[:at] + pick(r, "\xff", "\xc0\x80", "\x00", "\x1b", "\xed\xa0\x80") + w.body[at:]
		return w
	}, []int{400}},
	{"body: an unknown node", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		name := pick(r, "nothing", "example-top:nothing", "nobody:x", "", ":", "a:b:c")
		if at := strings.IndexByte(w.body, '>'); strings.HasSuffix(w.header["Content-Type"], "xml") {
			w.body = w.body[:at+1] + "<" + name + "/>" + w.body[at+1:]
		} else {
			w.body = `{"` + name + `": 1, ` + w.body[1:]
		}
		return w
	}, []int{400}},
	{"body: deep", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		n := 300 + r.IntN(3000)
		if w.body = strings.Repeat(pick(r, "[", `{"a":`), n); strings.HasSuffix(w.header["Content-Type"], "xml") {
			w.body = strings.Repeat("<a>", n)
		}
		return w
	}, []int{400, 413}},
	{"body: anything", func(r *rand.Rand, w wire) wire {
		w = w.needsBody(r)
		w.body = splice(r, w.body, pick(r, "{", "}", "[", "]", ",", ":", "\"", "\\", "<", ">", "&", "1e999", "null", "\\ud800", "xmlns", "</", "<!--", "-", "é", "\t"))
		return w
	}, nil},
	{"conditions", func(r *rand.Rand, w wire) wire {
		w.method, w.path, w.query, w.body = "DELETE", "/restconf/data/example-top:top", "", ""
		return w.with("If-Match", pick(r, `"1"`, "nonsense", `W/"x"`, `"a", "b"`, "**", "", `"`))
	}, []int{412}},
	{"our header fields", func(r *rand.Rand, w wire) wire {
		w.method, w.path, w.query, w.body = "DELETE", "/restconf/data/example-top:top", "", ""
		return w.with(headerBase, pick(r, "-1", "x", "99999999999999999999", "1.5", "\xff"))
	}, []int{400}},
	{"no user", func(r *rand.Rand, w wire) wire {
		return w.with("Authorization", pick(r, "", "Basic", "Basic !", "Basic YTpi", "Bearer x", "Digest a=b"))
	}, []int{401}},
}

// seed is one of the seeds. An edit has a precondition that does not hold.
func seed(r *rand.Rand) wire {
	return malformedSeeds[r.IntN(len(malformedSeeds))].with("If-Unmodified-Since", "Thu, 26 Jan 2017 20:56:30 GMT")
}

// needsBody is a seed that has a body: w, if it does.
func (w wire) needsBody(r *rand.Rand) wire {
	for w.body == "" {
		w = seed(r)
	}
	return w
}

// TestMalformed sends requests that went wrong: each is refused with the status it
// should be and the errors of RFC 8040 Section 7.1, and running stays as it is. Edits
// that were left correct fail for their precondition.
func TestMalformed(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {"queue": [{"id": "a"}, {"id": "b"}], "Y": [7]}}`)
	f.must(204, "PATCH /restconf/data"+jsonBody+`{"ietf-restconf:data": {"example-top:machine": {"wheel": [{"name": "a"}]}, "example-jukebox:jukebox": {}}}`)
	before := f.store.Running()
	r := rand.New(rand.NewPCG(8040, 8072))
	refused, unread := 0, 0
	for refused < 10_000 {
		for _, x := range wrecks {
			w := x.make(r, seed(r))
			answer := f.send(w)
			switch {
			case answer == nil: // net/http answers with 400 itself
				unread++
				continue
			case len(x.codes) > 0 && !slices.Contains(x.codes, answer.Code):
				t.Fatalf("%s: %s\n= %d %s", x.name, w.text(), answer.Code, answer.Body)
			case answer.Code >= 500 || f.store.Running() != before:
				t.Fatalf("%s: %s\n= %d %s; running is at %d", x.name, w.text(), answer.Code, answer.Body, f.store.Running().Head.Revision)
			case answer.Code >= 400:
				refused++
				if err := isErrors(answer); err != nil {
					t.Fatalf("%s: %s\n= %d %s: %v", x.name, w.text(), answer.Code, answer.Body, err)
				}
			}
		}
	}
	if unread > refused/10 || len(f.store.Sessions()) != 0 {
		t.Errorf("%d requests were not read, %d refused; %d sessions are left", unread, refused, len(f.store.Sessions()))
	}
}

// send sends w as net/http reads it; nil where net/http does not take it. Streams end
// at once.
func (f *fixture) send(w wire) *httptest.ResponseRecorder {
	f.server.EndStreams()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(w.text())))
	if err != nil {
		return nil
	}
	out := httptest.NewRecorder()
	f.server.ServeHTTP(out, r)
	return out
}

// isErrors tells what is wrong with the body of an error.
func isErrors(w *httptest.ResponseRecorder) error {
	type report struct {
		Type    string `json:"error-type" xml:"error-type"`
		Tag     string `json:"error-tag" xml:"error-tag"`
		Message string `json:"error-message" xml:"error-message"`
	}
	var errs []report
	body, err := w.Body.Bytes(), error(nil)
	patched := bytes.Contains(body, []byte("yang-patch-status"))
	switch typ := w.Header().Get("Content-Type"); {
	case patched:
		return nil
	case typ == mediaTypes[inJSON]:
		var doc map[string]map[string][]report
		err = json.Unmarshal(body, &doc)
		errs = doc["ietf-restconf:errors"]["error"]
	case typ == mediaTypes[inXML]:
		var doc struct {
			XMLName xml.Name `xml:"urn:ietf:params:xml:ns:yang:ietf-restconf errors"`
			Error   []report `xml:"error"`
		}
		err = xml.Unmarshal(body, &doc)
		errs = doc.Error
	default:
		return fmt.Errorf("Content-Type %q", typ)
	}
	if err != nil || len(errs) == 0 {
		return fmt.Errorf("no errors: %w", err)
	}
	for _, e := range errs {
		if e.Tag == "" || e.Type == "" || e.Message == "" || strings.Contains(e.Message, io.ErrUnexpectedEOF.Error()) {
			return fmt.Errorf("an error of %+v", e)
		}
	}
	return nil
}
