package agent_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// streamWith is the update stream of campusServer with these parameters.
func streamWith(params object, dependencies ...any) object {
	return object{"resource": list{object{
		"resource-id": "stream", "resource-type": "ietf-alto:update", "dependency": append(list{}, dependencies...),
		"alto-update-params": object{"altoam-algorithm-on-change:on-change": object{}, "altoam-update-stream:streams": params},
	}}}
}

// patched are the formats of the changes of a resource.
func patched(id string, types ...any) object {
	return object{"incremental-change": list{object{"resource-id": id, "media-type": append(list{}, types...)}}}
}

const (
	mergePatchType = "application/merge-patch+json"
	jsonPatchType  = "application/json-patch+json"
)

// dialStream sends a request for a stream and returns the answer's status and lines; it
// ends with the test.
func (l *lab) dialStream(add string) (status string, lines *bufio.Scanner, conn *net.TCPConn) {
	l.Helper()
	address := strings.TrimPrefix(l.base(), "http://")
	address, _, _ = strings.Cut(address, "/")
	c, err := net.Dial("tcp", address)
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	r, err := http.NewRequest(http.MethodPost, l.base()+"updates/stream", strings.NewReader(`{"add":{`+add+`}}`))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/alto-updatestreamparams+json")
	if err := r.Write(c); err != nil {
		l.Fatal(err)
	}
	lines = bufio.NewScanner(c)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() {
		l.Fatalf("no answer: %v", lines.Err())
	}
	return strings.TrimPrefix(lines.Text(), "HTTP/1.1 "), lines, c.(*net.TCPConn)
}

// untilLine reads on to the line that begins so and returns it.
func (l *lab) untilLine(lines *bufio.Scanner, prefix string) string {
	l.Helper()
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return lines.Text()
		}
	}
	l.Fatalf("no line %q (%v)", prefix, lines.Err())
	return ""
}

const ofNet = `"n":{"resource-id":"net"}`

// TestStreamParams changes all but the formats while a stream is open.
func TestStreamParams(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(streamWith(object{"stream-control": false, "keep-alive-interval": 1, "max-streams": 2, "max-substreams": 1}, "net", "rc")))
	if _, ird := l.get("directory"); !strings.Contains(ird, `"support-stream-control":false`) {
		t.Errorf("IRD %s", ird)
	}
	status, lines, _ := l.dialStream(ofNet)
	if status != "200 OK" {
		t.Fatalf("status %s", status)
	}
	if line := l.untilLine(lines, "data: "); line != `data: {"control-uri":null}` {
		t.Errorf("first event %s", line)
	}
	l.untilLine(lines, ":")
	if status, _, _ := l.dialStream(ofNet + `,"m":{"resource-id":"net"}`); status != "503 Service Unavailable" {
		t.Errorf("two substreams: %s", status)
	}
	l.dialStream(ofNet)
	if status, _, _ := l.dialStream(ofNet); status != "503 Service Unavailable" {
		t.Errorf("a third stream: %s", status)
	}

	l.must(l.merge(streamWith(object{"stream-control": true, "max-streams": 3, "max-substreams": 2})))
	status, controlled, _ := l.dialStream(ofNet + `,"m":{"resource-id":"net"}`)
	if line := l.untilLine(controlled, "data: "); status != "200 OK" || !strings.HasPrefix(line, `data: {"control-uri":"/updates/stream/`) {
		t.Errorf("%s, first event %s", status, line)
	}
}

// TestStreamMaxBehind lets a client not read, whose stream ends when the bound becomes
// that of three changes.
func TestStreamMaxBehind(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(streamWith(object{"max-behind": 1000}, "net", "rc", "map")))
	_, lines, conn := l.dialStream(`"m":{"resource-id":"map","incremental-changes":false}`)
	_ = conn.SetReadBuffer(4 << 10)
	l.untilLine(lines, "event: application/alto-propmap+json,m")
	change := func(i int) {
		value := fmt.Sprint(i) + strings.Repeat("x", 400<<10)
		l.must(l.merge(object{"data-source": list{static("campus", object{"entity": list{
			object{"domain": "ipv4", "name": "192.0.2.1", "property": list{object{"name": "rack", "value": value}}},
		}})}}))
	}
	open := func() uint64 { return l.number(resourceStats("stream") + "upd-stream-stats/num-upd-stream") }
	for i := range 30 {
		change(i)
	}
	if got := open(); got != 1 {
		t.Fatalf("%d streams are open", got)
	}
	l.must(l.merge(streamWith(object{"max-behind": 3})))
	l.eventually("the stream of the client that does not read ends", func() bool {
		change(100 + int(time.Now().UnixNano()%1000))
		return open() == 0
	})
}

// TestStreamPatches has the formats of the changes of a resource, which the IRD tells.
func TestStreamPatches(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	change := func(i int) {
		l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", fmt.Sprintf("198.51.%d.0/24", i))}})}}))
	}
	for i, tt := range []struct {
		params    object
		announced string // "": not
		event     string
	}{
		{object{}, mergePatchType + "," + jsonPatchType, mergePatchType},
		{patched("net", jsonPatchType), jsonPatchType, jsonPatchType},
		{patched("net", mergePatchType), mergePatchType, mergePatchType},
		{patched("net"), "", "application/alto-networkmap+json"},
	} {
		l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='stream']"))
		l.must(l.merge(streamWith(tt.params, "net", "rc")))
		_, ird := l.get("directory")
		if tt.announced != "" {
			tt.announced = `"net":"` + tt.announced + `","net-filtered":"` + tt.announced + `",`
		}
		if want := `"incremental-change-media-types":{` + tt.announced + `"rc":"` + mergePatchType + "," + jsonPatchType + `",`; !strings.Contains(ird, want) {
			t.Errorf("%v: no %s in %s", tt.params, want, ird)
		}
		_, lines, _ := l.dialStream(ofNet)
		l.untilLine(lines, "event: application/alto-networkmap+json,n")
		change(i)
		if got, want := l.untilLine(lines, "event: "), "event: "+tt.event+",n"; got != want {
			t.Errorf("%v: %s, want %s", tt.params, got, want)
		}
	}
	l.refusal(l.merge(streamWith(patched("km"))), rpcerr.DataMissing, "/resource[resource-id='stream']/alto-update-params/altoam-update-stream:streams/incremental-change[resource-id='km']/resource-id", "km")
}
