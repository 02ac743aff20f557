package agent_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

const ours = "altoam-statistics:"

// TestAnswers has the leafs about what answers took: bytes are those on the wire.
func TestAnswers(t *testing.T) {
	l := newLab(t)
	l.clock.advance(time.Second)
	l.must(l.merge(campusServer()))
	plain := func(r *http.Request) { r.Header.Set("Accept-Encoding", "identity") }
	wire := 0
	for _, path := range []string{"networkmap/net", "networkmap/net", "costmap/rc", "directory", "nowhere"} {
		_, body := l.get(path, plain)
		wire += len(body)
	}
	_, filtered := l.request("POST", "networkmapfilter/net", "application/alto-networkmapfilter+json", `{"pids":["lan"]}`, plain)
	_, whole := l.get("networkmap/net", plain)
	for _, c := range []struct{ leaf, want string }{
		{serverStats + ours + "bytes-sent", strconv.Itoa(wire + len(filtered) + len(whole))},
		{serverStats + ours + "counters-since", map[bool]string{false: "2026-11-22T12:00:00Z", true: "2026-11-22T12:00:01Z"}[apart]}, // a process begins with the first configuration
		{serverStats + ours + "latency/count", "7"},
		{serverStats + ours + "latency/sum", "0.0"},
		{serverStats + ours + "latency/median", "0.953"},
		{serverStats + ours + "latency/percentile-95", "0.953"},
		{serverStats + ours + "latency/percentile-99", "0.953"},
		{serverStats + ours + "latency/bucket[upper-bound='0.953']/count", "7"},
		{serverStats + ours + "latency/bucket[upper-bound='1.134']/count", ""},
		{serverStats + ours + "other-client-requests", "0"},
		{resourceStats("net") + ours + "bytes-sent", strconv.Itoa(3*len(whole) + len(filtered))},
		{resourceStats("net") + ours + "counters-since", "2026-11-22T12:00:01Z"},
		{resourceStats("net") + ours + "latency/count", "4"},
		{resourceStats("net") + ours + "latency/bucket[upper-bound='0.953']/count", "4"},
		{resourceStats("map") + ours + "latency/count", "0"},
		{resourceStats("map") + ours + "latency/median", ""},
		{resourceStats("map") + ours + "bytes-sent", "0"},
	} {
		if got := l.operational(c.leaf); got != c.want {
			t.Errorf("%s: %q, expected %q", c.leaf, got, c.want)
		}
	}
}

// TestStreamBytes has those of an update stream count.
func TestStreamBytes(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	stop := l.open("net")
	defer stop()
	size := uint64(len(l.body("networkmap/net")))
	l.eventually("the map is sent", func() bool { return l.number(resourceStats("stream")+ours+"bytes-sent") > size })
	if n := l.number(resourceStats("stream") + ours + "latency/count"); n != 1 {
		t.Errorf("%d answers, expected that the stream is open to be one", n)
	}
}

// TestContent has what a resource serves: the tag that clients see, and the digest of what
// they get.
func TestContent(t *testing.T) {
	l := newLab(t)
	l.clock.advance(time.Second)
	l.must(l.merge(campusServer()))
	check := func(id, path, since string) {
		t.Helper()
		body := l.body(path)
		sum := sha256.Sum256([]byte(body))
		if got, want := l.operational(resourceStats(id)+ours+"digest"), hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: digest %s, expected %s", id, got, want)
		}
		tag := l.operational(resourceStats(id) + ours + "tag")
		if id == "net" {
			if vtag := l.vtag(path); tag != vtag {
				t.Errorf("%s: tag %s, expected %s", id, tag, vtag)
			}
		} else if status, _ := l.get(path, func(r *http.Request) { r.Header.Set("If-None-Match", `"`+tag+`"`) }); status != 304 {
			t.Errorf("%s: %d with the tag %s, expected 304", id, status, tag)
		}
		if got := l.operational(resourceStats(id) + ours + "last-change"); got != since {
			t.Errorf("%s: last change %s, expected %s", id, got, since)
		}
	}
	check("net", "networkmap/net", "2026-11-22T12:00:01Z")
	check("rc", "costmap/rc", "2026-11-22T12:00:01Z")
	check("map", "propmap/map", "2026-11-22T12:00:01Z")
	if got := l.operational(resourceStats("stream") + ours + "digest"); got != "" {
		t.Errorf("an update stream has the digest %s", got)
	}
	l.clock.advance(time.Second)
	l.must(l.merge(object{"resource": list{object{"resource-id": "map", "resource-type": "ietf-alto:property-map", "description": "x"}}}))
	l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", "198.51.100.0/24")}})}}))
	check("net", "networkmap/net", "2026-11-22T12:00:02Z")
	check("rc", "costmap/rc", "2026-11-22T12:00:02Z")
	check("map", "propmap/map", "2026-11-22T12:00:01Z")
}

// TestClientStatistics counts by auth-client, as far as the configuration allows.
func TestClientStatistics(t *testing.T) {
	l := newLab(t)
	user := func(id string) object {
		return object{"user-id": id, "basic": object{"username": id, "password": object{"hashed-password": hashOf(id)}}}
	}
	client := func(id string) object {
		return object{"client-id": id + "-client", "http-auth-client": object{"user-id": id}}
	}
	stack := httpStack(0)
	stack["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{user("anne"), user("bert"), user("carl")}}}}
	l.must(l.merge(with(campusServer(), object{
		"listen":      object{"http": stack},
		"auth-client": list{client("anne"), client("bert"), client("carl")},
		"role":        list{object{"role-name": "inner", "client": list{"anne-client"}}},
		"ietf-alto-stats:server-level-monitor-config": object{"time-window-size": 10, ours + "max-clients": 2},
	})))
	l.must(l.merge(object{"resource": list{object{"resource-id": "map", "resource-type": "ietf-alto:property-map", "accepted-role": list{"inner"}}}}))
	as := func(name string) {
		for _, path := range []string{"propmap/map", "directory", "networkmap/net"} {
			l.get(path, func(r *http.Request) { r.SetBasicAuth(name, name) })
		}
	}
	check := func(id string, want ...string) {
		t.Helper()
		at := "/ietf-alto:alto/alto-server/auth-client[client-id='" + id + "-client']/" + ours + "client-level-stats/"
		for i, leaf := range []string{"requests", "succeeded", "failed", "last-requests", "last-succeeded", "last-failed", "counters-since"} {
			if got := l.operational(at + leaf); got != want[min(i, len(want)-1)] {
				t.Errorf("%s of %s: %q, expected %q", leaf, id, got, want[min(i, len(want)-1)])
			}
		}
	}
	check("anne", "")
	as("anne")
	as("")
	l.clock.advance(11 * time.Second)
	as("bert")
	as("carl")
	as("anne")
	check("anne", "4", "4", "0", "2", "2", "0", "2026-11-22T12:00:00Z")
	check("bert", "2", "1", "1", "2", "1", "1", "2026-11-22T12:00:11Z")
	check("carl", "")
	if n := l.number(serverStats + ours + "other-client-requests"); n != 2 {
		t.Errorf("%d requests of other clients, expected 2", n)
	}
	values := l.scrape()
	for series, want := range map[string]float64{
		"altoam_alto_client_requests_total anne-client received": 4, "altoam_alto_client_requests_total bert-client failed": 1,
		"altoam_alto_other_client_requests_total": 2,
	} {
		if values[series] != want {
			t.Errorf("%s is %g, expected %g", series, values[series], want)
		}
	}
	l.must(l.merge(object{"ietf-alto-stats:server-level-monitor-config": object{ours + "max-clients": 3}}))
	as("carl")
	check("carl", "2", "1", "1", "2", "1", "1", "2026-11-22T12:00:11Z")
	l.must(l.delete("/ietf-alto:alto/alto-server/auth-client[client-id='bert-client']"))
	if _, known := l.scrape()["altoam_alto_client_requests_total bert-client failed"]; known {
		t.Error("a client that is deleted is counted still")
	}
}

// scrape returns the samples of all metrics by name and values of labels.
func (l *lab) scrape() map[string]float64 {
	l.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.agent)
	families, err := registry.Gather()
	l.must(err)
	samples := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, p := range m.GetLabel() {
				name += " " + p.GetValue()
			}
			samples[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return samples
}

// TestAnswerMetrics has histograms, bytes and content of the server and its resources.
func TestAnswerMetrics(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	body := l.body("networkmap/net")
	sum := sha256.Sum256([]byte(body))
	l.clock.advance(time.Second)
	samples := l.scrape()
	for series, want := range map[string]float64{
		"altoam_alto_server_response_seconds":                                                          1,
		"altoam_alto_server_response_bytes_total":                                                      float64(len(body)),
		"altoam_alto_resource_response_seconds net":                                                    1,
		"altoam_alto_resource_response_bytes_total net":                                                float64(len(body)),
		"altoam_alto_resource_response_bytes_total rc":                                                 0,
		"altoam_alto_resource_change_timestamp_seconds net":                                            1795348800,
		"altoam_alto_resource_info " + hex.EncodeToString(sum[:]) + " net " + l.vtag("networkmap/net"): 1,
	} {
		if got, there := samples[series]; got != want || !there {
			t.Errorf("%s is %g, expected %g", series, got, want)
		}
	}
	if _, there := samples["altoam_alto_resource_response_seconds rc"]; there {
		t.Error("a resource that nobody has asked for has a histogram")
	}
}

// TestNativeHistogram has the buckets of both kinds add up.
func TestNativeHistogram(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.body("networkmap/net")
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.agent)
	families, err := registry.Gather()
	l.must(err)
	for _, f := range families {
		if !strings.HasSuffix(f.GetName(), "_response_seconds") {
			continue
		}
		h := f.GetMetric()[0].GetHistogram()
		buckets := map[string]int{"altoam_alto_server_response_seconds": 10, "altoam_alto_resource_response_seconds": 4}[f.GetName()]
		if f.GetType() != dto.MetricType_HISTOGRAM || h.GetSchema() != 2 || h.GetZeroCount() != 1 || len(h.GetBucket()) != buckets || h.GetBucket()[0].GetCumulativeCount() != 1 {
			t.Errorf("%s: %v", f.GetName(), h)
		}
	}
}

// TestExactWhileReconfigured has clients ask while the configuration changes.
func TestExactWhileReconfigured(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	const clients, requests = 8, 50
	var asking sync.WaitGroup
	for range clients {
		asking.Go(func() {
			for range requests {
				l.get("networkmap/net")
			}
		})
	}
	for i := range 10 {
		l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", fmt.Sprintf("198.51.100.%d/32", i))}})}}))
	}
	asking.Wait()
	for _, leaf := range []string{
		serverStats + "num-total-req", serverStats + "num-total-succ", serverStats + "num-total-last-req", resourceStats("net") + "num-res-req",
		resourceStats("net") + "num-res-last-succ", serverStats + ours + "latency/count", resourceStats("net") + ours + "latency/count",
	} {
		if got := l.number(leaf); got != clients*requests {
			t.Errorf("%s is %d, expected %d", leaf, got, clients*requests)
		}
	}
	if n := l.number(resourceStats("net") + "num-res-upd"); n != 10 {
		t.Errorf("%d updates, expected 10", n)
	}
}
