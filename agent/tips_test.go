package agent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// tipsOf is a TIPS "views" of net and rc with these parameters.
func tipsOf(params object) object {
	return object{"resource": list{object{
		"resource-id": "views", "resource-type": "altoam-tips:tips", "dependency": list{"net", "rc", "both"}, "altoam-tips:alto-tips-params": params,
	}}}
}

// recost gives the pair lan, world another cost.
func (l *lab) recost(value int) {
	l.Helper()
	l.must(l.merge(object{"data-source": list{static("campus", object{
		"cost-table": list{object{"metric": "routingcost", "mode": "numerical", "cost": list{cost("lan", "world", fmt.Sprint(value))}}},
	})}}))
}

// view is an AddTIPSResponse, or what an open view says of the next edge.
type view struct {
	URI     string `json:"tips-view-uri"`
	Summary struct {
		Graph struct {
			Start int            `json:"start-seq"`
			End   int            `json:"end-seq"`
			Edge  map[string]int `json:"start-edge-rec"`
		} `json:"updates-graph-summary"`
	} `json:"tips-view-summary"`
}

// openView opens a view of a resource.
func (l *lab) openView(request string, with ...func(*http.Request)) (v view) {
	l.Helper()
	status, body := l.request("POST", "tips/views", "application/alto-tipsparams+json", request, with...)
	if err := json.Unmarshal([]byte(body), &v); status != 200 || err != nil {
		l.Fatalf("open: %d %s", status, body)
	}
	return v
}

// edge fetches an update item.
func (l *lab) edge(v view, from, to int, with ...func(*http.Request)) (status int, body string) {
	l.Helper()
	path, ok := strings.CutPrefix(v.URI, l.base())
	if !ok {
		l.Fatalf("view at %s, base is %s", v.URI, l.base())
	}
	return l.get(fmt.Sprintf("%s/ug/%d/%d", path, from, to), with...)
}

func (l *lab) tipsFigure(leaf string) uint64 {
	l.Helper()
	return l.number(resourceStats("views") + "altoam-tips:tips-stats/" + leaf)
}

// TestTIPS has a client follow a cost map and a filtered one.
func TestTIPS(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(tipsOf(object{})))
	if _, ird := l.get("directory"); !strings.Contains(ird, `/tips/views","media-type":"application/alto-tips+json","accepts":"application/alto-tipsparams+json","capabilities":`+
		`{"incremental-change-media-types":{"both":"application/merge-patch+json,application/json-patch+json",`) {
		t.Errorf("IRD %s", ird)
	}
	v := l.openView(`{"resource-id":"rc"}`)
	if _, body := l.edge(v, 0, 1); body != l.body("costmap/rc") {
		t.Errorf("the snapshot is %s", body)
	}
	part := l.openView(`{"resource-id":"both","input":{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"pids":{"srcs":["lan"],"dsts":["world"]}}}`)
	answered := make(chan string)
	go func() {
		_, body := l.edge(v, 1, 2)
		answered <- body
	}()
	l.eventually("a request waits", func() bool { return l.tipsFigure("waiting-requests") == 1 })
	l.recost(9)
	if got := <-answered; got != `{"cost-map":{"lan":{"world":9}}}` {
		t.Errorf("the update is %s", got)
	}
	if status, body := l.edge(part, 1, 2); status != 200 || body != `{"cost-map":{"lan":{"world":9}}}` {
		t.Errorf("the update of the filtered map: %d %s", status, body)
	}
	for leaf, want := range map[string]uint64{"views": 2, "updates": 2, "waiting-requests": 0} {
		if got := l.tipsFigure(leaf); got != want {
			t.Errorf("%s %d, want %d", leaf, got, want)
		}
	}
	if l.tipsFigure("memory") == 0 {
		t.Error("the views hold nothing")
	}
	if got := l.scrape()["altoam_alto_tips_views views"]; got != 2 {
		t.Errorf("metric of views: %v", got)
	}
	if got := l.number(resourceStats("views") + "num-res-req"); got != 5 {
		t.Errorf("%d requests, want 5", got)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='map']"))
	l.recost(10)
	if status, _ := l.edge(v, 2, 3); status != 200 {
		t.Errorf("after another resource has gone: %d", status)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='views']"))
	if status, _ := l.edge(v, 2, 3); status != 404 {
		t.Errorf("after the TIPS has gone: %d", status)
	}
}

// TestTIPSParams changes each parameter while a view is open.
func TestTIPSParams(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(tipsOf(object{"retention": 2, "max-views": 1, "poll-timeout": 1, "poll-ahead": 3})))
	v := l.openView(`{"resource-id":"rc"}`)
	follow := func(from, to int) (status int) {
		for n := from; n < to; n++ {
			l.recost(100 + n)
			status, _ = l.edge(v, n, n+1)
		}
		return status
	}
	open := func() int {
		status, _ := l.request("POST", "tips/views", "application/alto-tipsparams+json", `{"resource-id":"net"}`)
		return status
	}
	if status := follow(1, 8); status != 200 {
		t.Fatalf("update: %d", status)
	}
	if status, _ := l.edge(v, 1, 2); status != 410 {
		t.Errorf("retention 2, an update that is 6 old: %d, want 410", status)
	}
	began := time.Now()
	if status, _ := l.edge(v, 10, 11); status != 425 || time.Since(began) < 900*time.Millisecond {
		t.Errorf("poll-ahead 3, poll-timeout 1: %d after %s", status, time.Since(began))
	}
	if status, _ := l.edge(v, 11, 12); status != 425 {
		t.Errorf("poll-ahead 3, the fourth to come: %d", status)
	}
	if status := open(); status != 429 {
		t.Errorf("max-views 1: %d", status)
	}
	l.must(l.merge(tipsOf(object{"retention": 20, "max-views": 3, "max-memory": "1"})))
	if status := open(); status != 429 {
		t.Errorf("max-memory 1: %d", status)
	}
	l.must(l.merge(tipsOf(object{"max-memory": "1000000", "max-waiting": 1, "poll-timeout": 60})))
	if status := open(); status != 200 {
		t.Errorf("enough views and memory: %d", status)
	}
	follow(8, 20)
	if status, _ := l.edge(v, 10, 11); status != 200 {
		t.Errorf("retention 20, an update that is 10 old: %d", status)
	}
	waits := make(chan int)
	go func() {
		status, _ := l.edge(v, 20, 21)
		waits <- status
	}()
	l.eventually("a request waits", func() bool { return l.tipsFigure("waiting-requests") == 1 })
	if status, _ := l.edge(v, 20, 21); status != 429 {
		t.Errorf("max-waiting 1: %d", status)
	}
	l.recost(200)
	if status := <-waits; status != 200 {
		t.Errorf("the one that waits: %d", status)
	}
	l.must(l.merge(tipsOf(object{"view-idle-timeout": 30})))
	l.clock.advance(29 * time.Second)
	if status, _ := l.edge(v, 20, 21); status != 200 {
		t.Errorf("view-idle-timeout 30, after 29 s: %d", status)
	}
	l.clock.advance(31 * time.Second)
	if status, _ := l.edge(v, 20, 21); status != 404 {
		t.Errorf("view-idle-timeout 30, after 31 s: %d", status)
	}
}

// TestTIPSPatches has updates in the formats that are configured.
func TestTIPSPatches(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	formats := func(types ...any) object {
		return tipsOf(object{"incremental-change": list{object{"resource-id": "rc", "media-type": append(list{}, types...)}}})
	}
	l.must(l.merge(formats("application/json-patch+json")))
	if _, ird := l.get("directory"); !strings.Contains(ird, `"rc":"application/json-patch+json"`) {
		t.Errorf("IRD %s", ird)
	}
	v := l.openView(`{"resource-id":"rc"}`)
	l.recost(9)
	if _, body := l.edge(v, 1, 2); body != `[{"op":"replace","path":"/cost-map/lan/world","value":9}]` {
		t.Errorf("JSON patch: %s", body)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='views']/altoam-tips:alto-tips-params/incremental-change[resource-id='rc']/media-type[.='application/json-patch+json']"))
	l.recost(10)
	if _, body := l.edge(v, 2, 3); body != l.body("costmap/rc") {
		t.Errorf("no patch: %s", body)
	}
	if _, ird := l.get("directory"); !strings.Contains(ird, `json"}},"uses":["both","net","net-filtered","rc","rc-filtered"]`) || strings.Count(ird, `"rc":"application/`) != 1 || strings.Count(ird, `"rc-filtered":"application/`) != 1 {
		t.Errorf("IRD %s", ird)
	}
}

// TestTIPSRoles has views that not everyone may use, whoever knows their URI.
func TestTIPSRoles(t *testing.T) {
	l := newLab(t)
	server, stack := campusServer(), httpStack(0)
	user := func(id string) object {
		return object{"user-id": id, "basic": object{"username": id, "password": object{"hashed-password": hashOf(id)}}}
	}
	stack["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{user("anne"), user("bert")}}}}
	server["listen"] = object{"http": stack}
	server["auth-client"] = list{
		object{"client-id": "anne", "http-auth-client": object{"user-id": "anne"}}, object{"client-id": "bert", "http-auth-client": object{"user-id": "bert"}},
	}
	server["role"] = list{object{"role-name": "inner", "client": list{"anne"}}, object{"role-name": "outer", "client": list{"bert"}}}
	l.must(l.merge(server))
	closed := tipsOf(object{})
	closed["resource"].(list)[0].(object)["accepted-role"] = list{"inner"}
	l.must(l.merge(closed))
	as := func(name string) func(*http.Request) { return func(r *http.Request) { r.SetBasicAuth(name, name) } }
	v := l.openView(`{"resource-id":"rc"}`, as("anne"))
	nobody := func(*http.Request) {}
	for _, c := range []struct {
		who  string
		as   func(*http.Request)
		want int
	}{{"anne", as("anne"), 200}, {"bert", as("bert"), 403}, {"nobody", nobody, 401}} {
		if status, _ := l.edge(v, 0, 1, c.as); status != c.want {
			t.Errorf("%s: %d, want %d", c.who, status, c.want)
		}
		if status, _ := l.request("POST", strings.TrimPrefix(v.URI, l.base())+"/ug", "application/alto-tipsparams+json", `{"resource-id":"rc"}`, c.as); status != c.want {
			t.Errorf("%s, next edge: %d, want %d", c.who, status, c.want)
		}
	}
	waits := make(chan int)
	go func() {
		status, _ := l.edge(v, 1, 2, as("anne"))
		waits <- status
	}()
	l.eventually("a request waits", func() bool { return l.tipsFigure("waiting-requests") == 1 })
	l.must(l.delete("/ietf-alto:alto/alto-server/role[role-name='inner']/client[.='anne']"))
	if status := <-waits; status != 403 {
		t.Errorf("who waits when access is withdrawn: %d, want 403", status)
	}
}

// TestTIPSRefused has configurations that cannot be.
func TestTIPSRefused(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	tips := func(dependency ...any) object {
		return object{"resource": list{object{"resource-id": "views", "resource-type": "altoam-tips:tips", "dependency": append(list{}, dependency...)}}}
	}
	l.refusal(l.merge(tips()), rpcerr.InvalidValue, "/resource[resource-id='views']/dependency", "at least one")
	l.refusal(l.merge(tips("stream")), rpcerr.InvalidValue, "/resource[resource-id='views']/dependency[.='stream']", "no updates")
	l.refusal(l.merge(tips("elsewhere")), rpcerr.InvalidValue, "/resource[resource-id='views']/dependency[.='elsewhere']", "no updates")
	l.must(l.merge(tips("rc")))
	l.refusal(l.merge(object{"resource": list{object{
		"resource-id": "views", "resource-type": "altoam-tips:tips", "altoam-tips:alto-tips-params": object{"incremental-change": list{object{"resource-id": "net"}}},
	}}}), rpcerr.DataMissing, "/resource[resource-id='views']/altoam-tips:alto-tips-params/incremental-change[resource-id='net']/resource-id", "")
	if err := l.merge(object{"resource": list{object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "altoam-tips:alto-tips-params": object{"retention": 3}}}}); err == nil {
		t.Error("a network map has parameters of a TIPS")
	}
}
