package agent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

const (
	serverStats = "/ietf-alto:alto/alto-server/ietf-alto-stats:server-level-stats/"
	resources   = "/ietf-alto:alto/alto-server/resource"
)

func resourceStats(id string) string {
	return resources + "[resource-id='" + id + "']/ietf-alto-stats:resource-level-stats/"
}

// number reads a leaf that must be there and a number.
func (l *lab) number(path string) uint64 {
	l.Helper()
	n, err := strconv.ParseUint(l.operational(path), 10, 64)
	if err != nil {
		l.Fatalf("%s: %v", path, err)
	}
	return n
}

// TestCounters has a test for each leaf that counts requests: the window is 10
// seconds here, and each request of another result.
func TestCounters(t *testing.T) {
	type count struct{ req, succ, fail, lastReq, lastSucc, lastFail uint64 }
	l := newLab(t)
	l.must(l.merge(with(campusServer(), object{"ietf-alto-stats:server-level-monitor-config": object{"time-window-size": 10}})))
	ask := func(succ, fail int) {
		for range succ {
			l.body("networkmap/net")
		}
		for range fail {
			if status, _ := l.get("networkmap/net", func(r *http.Request) { r.Header.Set("Accept", "text/plain") }); status != 406 {
				t.Fatalf("status %d, expected 406", status)
			}
		}
	}
	check := func(when string, want count) {
		t.Helper()
		for _, prefix := range []string{serverStats + "num-total-", resourceStats("net") + "num-res-"} {
			got := count{
				l.number(prefix + "req"), l.number(prefix + "succ"), l.number(prefix + "fail"),
				l.number(prefix + "last-req"), l.number(prefix + "last-succ"), l.number(prefix + "last-fail"),
			}
			if got != want {
				t.Errorf("%s, %s…: %+v, expected %+v", when, prefix, got, want)
			}
		}
	}
	check("at first", count{})
	ask(2, 1)
	check("after requests", count{3, 2, 1, 3, 2, 1})
	l.clock.advance(6 * time.Second)
	ask(1, 1)
	check("within the window", count{5, 3, 2, 5, 3, 2})
	l.clock.advance(6 * time.Second)
	check("when the first have left the window", count{5, 3, 2, 2, 1, 1})
	l.clock.advance(6 * time.Second)
	check("when all have left the window", count{5, 3, 2, 0, 0, 0})

	if got := l.number(resourceStats("rc") + "num-res-req"); got != 0 {
		t.Errorf("the cost map counts %d requests for another resource", got)
	}
	l.request("POST", "networkmapfilter/net", "application/alto-networkmapfilter+json", `{"pids":[]}`)
	if got := l.number(resourceStats("net") + "num-res-succ"); got != 4 {
		t.Errorf("%d successes, expected the filtered variant's to count too", got)
	}
	l.get("nowhere")
	if got := l.number(serverStats + "num-total-fail"); got != 3 {
		t.Errorf("%d failures, expected that of an unknown path to count", got)
	}
	l.must(l.merge(object{"ietf-alto-stats:server-level-monitor-config": object{"time-window-size": 3600}}))
	l.body("networkmap/net")
	l.clock.advance(3000 * time.Second)
	if got := l.number(serverStats + "num-total-last-req"); got != 3 {
		t.Errorf("%d requests in a window of an hour, expected 3", got)
	}
}

// TestTimestamps has the leafs of type yang:timestamp.
func TestTimestamps(t *testing.T) {
	l := newLab(t)
	l.clock.advance(5 * time.Second)
	l.must(l.merge(campusServer()))
	l.clock.advance(1500 * time.Millisecond)
	want := func(path string, centiseconds uint64) {
		t.Helper()
		if got := l.number(path); got != centiseconds {
			t.Errorf("%s: %d, expected %d", path, got, centiseconds)
		}
	}
	for _, prefix := range []string{serverStats, resourceStats("net"), resourceStats("cdn")} {
		want(prefix+"discontinuity-time", 500)
		want(prefix+"last-report-time", 650)
	}
	l.must(l.merge(object{"resource": list{object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "description": "x"}}}))
	want(resourceStats("net")+"discontinuity-time", 650)
	want(resourceStats("rc")+"discontinuity-time", 500)
	want(serverStats+"discontinuity-time", 500)
	l.clock.advance(time.Second)
	l.must(l.merge(object{"ietf-alto-stats:server-level-monitor-config": object{"time-window-size": 60}}))
	want(serverStats+"discontinuity-time", 750)
	want(resourceStats("rc")+"discontinuity-time", 500)
}

// TestSizes has the leafs about what a resource holds.
func TestSizes(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	for _, c := range []struct {
		leaf string
		want uint64
	}{
		{resourceStats("net") + "network-map-stats/num-map-pid", 2},
		{resourceStats("props") + "endpoint-prop-stats/num-map-entry", 4 + 2}, // prefixes of the map, entities
		{resourceStats("map") + "property-map-stats/num-map-entry", 2},
		{resourceStats("cdn") + "cdni-stats/num-base-obj", 1},
	} {
		if got := l.number(c.leaf); got != c.want {
			t.Errorf("%s: %d, expected %d", c.leaf, got, c.want)
		}
	}
	// The encoding of a network map is what a client gets.
	body := l.body("networkmap/net")
	encoded := l.number(resourceStats("net") + "res-enc-size")
	if want := uint64(len(body)); encoded != want {
		t.Errorf("res-enc-size is %d, expected %d", encoded, want)
	}
	if memory := l.number(resourceStats("net") + "res-mem-size"); memory <= encoded {
		t.Errorf("res-mem-size is %d with %d bytes of encoding", memory, encoded)
	}
	for _, wrong := range []string{resourceStats("rc") + "network-map-stats/num-map-pid", resourceStats("net") + "property-map-stats/num-map-entry"} {
		if got := l.operational(wrong); got != "" {
			t.Errorf("%s is %s", wrong, got)
		}
	}
	before := l.number(resourceStats("net") + "res-mem-size")
	l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("third", "198.51.100.0/24")}})}}))
	if got := l.number(resourceStats("net") + "network-map-stats/num-map-pid"); got != 3 {
		t.Errorf("num-map-pid is %d after one was added", got)
	}
	if after := l.number(resourceStats("net") + "res-mem-size"); after <= before {
		t.Errorf("res-mem-size went from %d to %d", before, after)
	}
}

// TestUpdates counts the versions of a resource.
func TestUpdates(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	updates := func(id string) uint64 { return l.number(resourceStats(id) + "num-res-upd") }
	if n := updates("net"); n != 0 {
		t.Errorf("%d updates of a new resource", n)
	}
	l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", "198.51.100.0/24")}})}}))
	if net, costs, properties := updates("net"), updates("rc"), updates("map"); net != 1 || costs != 1 || properties != 0 {
		t.Errorf("updates of network, cost and property map: %d, %d, %d, expected 1, 1, 0", net, costs, properties)
	}
	l.must(l.merge(object{"resource": list{object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "description": "x"}}}))
	if n := updates("net"); n != 1 {
		t.Errorf("%d updates after a change of description, expected 1", n)
	}
}

// TestSelection reads the state of one entry only.
func TestSelection(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	p := l.path(resources + "[resource-id='net']")
	got, err := l.session().Read(ctx, datastore.Operational, datastore.Selection{Under: []tree.Path{p}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want bool
	}{
		{resourceStats("net") + "num-res-req", true},
		{resourceStats("rc") + "num-res-req", false},
		{serverStats + "num-total-req", false},
		{"/ietf-alto:alto/alto-server/data-source[source-id='campus']/altoam-source:source-state/records", false},
	} {
		if there := got.Find(l.path(c.path)) != nil; there != c.want {
			t.Errorf("%s: there is %v, expected %v", c.path, there, c.want)
		}
	}
	l.must(l.delete("/ietf-alto:alto"))
	if got := l.operational(serverStats + "num-total-req"); got != "" {
		t.Errorf("statistics without a server: %s requests", got)
	}
}

// open opens an update stream about resources until the function it returns is called.
func (l *lab) open(ids ...string) (stop func()) {
	l.Helper()
	add := object{}
	for _, id := range ids {
		add["of-"+id] = object{"resource-id": id}
	}
	content, err := json.Marshal(object{"add": add})
	if err != nil {
		l.Fatal(err)
	}
	until, cancel := context.WithCancel(ctx)
	r, err := http.NewRequestWithContext(until, http.MethodPost, l.base()+"updates/stream", bytes.NewReader(content))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/alto-updatestreamparams+json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != 200 {
		l.Fatalf("no stream: %v, %+v", err, resp)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, resp.Body) // ends with an error when the client goes
		resp.Body.Close()
	}()
	return func() {
		cancel()
		<-read
	}
}

// TestStreams has the leafs about update streams: one has a control message and two
// maps, the other a control message and one map.
func TestStreams(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(with(campusServer(), object{"ietf-alto-stats:server-level-monitor-config": object{"time-window-size": 10}})))
	leafs := []string{
		"num-upd-stream", "num-upd-msg-total", "num-upd-msg-max", "num-upd-msg-min", "num-upd-msg-avg",
		"num-upd-msg-total-last", "num-upd-msg-max-last", "num-upd-msg-min-last", "num-upd-msg-avg-last",
	}
	check := func(when string, want ...uint64) {
		t.Helper()
		var got []uint64
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && !slices.Equal(got, want); time.Sleep(5 * time.Millisecond) {
			got = got[:0]
			for _, leaf := range leafs {
				got = append(got, l.number(resourceStats("stream")+"upd-stream-stats/"+leaf))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%q are\n%v, expected\n%v", when, leafs, got, want)
		}
	}
	check("without a stream", 0, 0, 0, 0, 0, 0, 0, 0, 0)
	stopBoth := l.open("net", "rc")
	check("with one stream", 1, 3, 3, 3, 3, 3, 3, 3, 3)
	stopOne := l.open("net")
	check("with two streams", 2, 5, 3, 2, 2, 5, 3, 2, 2)
	l.clock.advance(11 * time.Second)
	check("when the window has passed", 2, 5, 3, 2, 2, 0, 0, 0, 0)
	l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", "198.51.100.0/24")}})}}))
	check("after an update", 2, 8, 5, 3, 4, 3, 2, 1, 1)
	stopBoth()
	check("when the first is closed", 1, 3, 3, 3, 3, 1, 1, 1, 1)
	stopOne()
	check("when all are closed", 0, 0, 0, 0, 0, 0, 0, 0, 0)
}
