package alto

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// from makes a GET request of an address.
func from(client, path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(client), 4000).String()
	return r
}

func refused(s *Server, l Limit) (n uint64) {
	s.Limited(func(limit Limit, requests uint64) {
		if limit == l {
			n = requests
		}
	})
	return n
}

// TestRequestsPerSecond has clients that come too often, each by itself.
func TestRequestsPerSecond(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := NewServer(func() time.Time { return now })
	snapshot, err := NewSnapshot(nil, Config{Limits: Limits{RequestsPerSecond: 2}, Resources: []*Resource{
		{ID: "m", Path: "m", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.Publish(snapshot)
	for i, x := range []struct {
		after  time.Duration
		client string
		want   int
	}{
		{0, "192.0.2.1", 200},
		{0, "192.0.2.1", 200},
		{0, "192.0.2.1", 503},
		{0, "192.0.2.2", 200},
		{400 * time.Millisecond, "192.0.2.1", 503},
		{100 * time.Millisecond, "192.0.2.1", 200},
		{0, "192.0.2.1", 503},
		{time.Hour, "192.0.2.1", 200},
		{0, "192.0.2.1", 200},
		{0, "192.0.2.1", 503},
		{0, "2001:db8::1", 200},
		{0, "2001:db8::2", 200},
		{0, "2001:db8::3", 503}, // of the same client
		{0, "2001:db8:0:1::1", 200},
	} {
		now = now.Add(x.after)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, from(x.client, "/m"))
		if w.Code != x.want || (w.Header().Get("Retry-After") == "1") != (x.want == 503) {
			t.Errorf("request %d: %d, Retry-After %q; expected %d", i+1, w.Code, w.Header().Get("Retry-After"), x.want)
		}
	}
	if n := refused(s, LimitRequestsPerSecond); n != 5 {
		t.Errorf("%d were counted, expected 5", n)
	}
	if stats := s.Stats(); stats.Total.Failed != 5 || stats.Total.Requests != 14 {
		t.Errorf("statistics %+v", stats.Total)
	}
}

// slow is a client that takes its answer when it is told to.
type slow struct {
	*httptest.ResponseRecorder
	began, take chan struct{}
}

func (w slow) Write(b []byte) (int, error) {
	w.began <- struct{}{}
	<-w.take
	return w.ResponseRecorder.Write(b)
}

// TestRequestsAtOnce has two requests of one client that are not answered yet.
func TestRequestsAtOnce(t *testing.T) {
	for _, x := range []struct {
		limit       Limit
		limits      Limits
		same, other int
	}{
		{noLimit, Limits{}, 200, 200},
		{noLimit, Limits{Requests: 3, RequestsPerClient: 3}, 200, 200},
		{LimitRequestsPerClient, Limits{RequestsPerClient: 2}, 503, 200},
		{LimitRequests, Limits{Requests: 2}, 503, 503},
	} {
		s := serving(t, Config{Limits: x.limits, Resources: []*Resource{
			{ID: "m", Path: "m", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
		}})
		began, take := make(chan struct{}, 10), make(chan struct{})
		var clients sync.WaitGroup
		for range 2 {
			clients.Go(func() {
				s.ServeHTTP(slow{httptest.NewRecorder(), began, take}, from("192.0.2.1", "/m"))
			})
		}
		<-began
		<-began
		answer := func(client string) int {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, from(client, "/m"))
			return w.Code
		}
		if same, other := answer("192.0.2.1"), answer("192.0.2.2"); same != x.same || other != x.other {
			t.Errorf("%+v: %d for the client, %d for another; expected %d, %d", x.limits, same, other, x.same, x.other)
		}
		close(take)
		clients.Wait()
		if code := answer("192.0.2.1"); code != 200 {
			t.Errorf("%+v: %d once they have been answered", x.limits, code)
		}
		if x.limit != noLimit && refused(s, x.limit) == 0 {
			t.Errorf("%+v: not counted", x.limits)
		}
	}
}

// filterConfig adds a filtered cost map.
func filterConfig(t *testing.T, c Config) Config {
	t.Helper()
	pids := []string{"PID1", "PID2"}
	c.CostTypes = []CostType{{Name: "num", Mode: "numerical", Metric: "routingcost"}}
	c.Resources = []*Resource{
		{ID: "m", Path: "m", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
		{ID: "f", Path: "filtered", Service: FilteredCostMap{NetworkMap: "m", Offers: []CostOffer{{"num", costs(t, pids, 1, 2, 3, 4)}}}},
	}
	return c
}

// TestPairs has a filtered cost map with as many pairs as may be, and one more.
func TestPairs(t *testing.T) {
	for pairs, want := range map[int]int{4: 200, 3: 413} {
		s := serving(t, filterConfig(t, Config{MaxPairs: pairs}))
		w := exchange(s, http.MethodPost, "/filtered", http.Header{"Content-Type": {MediaCostMapFilter}},
			`{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"pids":{"srcs":["PID1","PID2"],"dsts":["PID1","PID2"]}}`)
		if w.Code != want || (refused(s, LimitPairs) == 1) != (want == 413) {
			t.Errorf("4 pairs of %d: %d, expected %d: %s", pairs, w.Code, want, w.Body)
		}
	}
	s := serving(t, filterConfig(t, Config{MaxBody: 10}))
	w := exchange(s, http.MethodPost, "/filtered", http.Header{"Content-Type": {MediaCostMapFilter}}, `{"cost-type":{}}`+strings.Repeat(" ", 9))
	if w.Code != 413 || refused(s, LimitBody) != 1 {
		t.Errorf("a large body: %d", w.Code)
	}
}

// TestBudgetsForget demands that clients that nothing is known of any more take no
// memory, and that as much ends as began.
func TestBudgetsForget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b budgets
		l := Limits{RequestsPerClient: rapid.IntRange(0, 3).Draw(t, "per client"), RequestsPerSecond: rapid.IntRange(0, 3).Draw(t, "per second")}
		now := time.Unix(1e9, 0)
		active := map[netip.Addr][]func(){}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			client := netip.AddrFrom4([4]byte{192, 0, 2, rapid.Byte().Draw(t, "client") % 4})
			if open := active[client]; len(open) > 0 && rapid.Bool().Draw(t, "end") {
				open[0]()
				active[client] = open[1:]
				continue
			}
			end, exceeded := b.begin(client, l, now)
			if l.RequestsPerClient > 0 && (len(active[client]) >= l.RequestsPerClient) != (exceeded == LimitRequestsPerClient) {
				t.Fatalf("%d active of %d: %s", len(active[client]), l.RequestsPerClient, exceeded)
			}
			if exceeded == noLimit {
				active[client] = append(active[client], end)
			}
		}
		for _, open := range active {
			for _, end := range open {
				end()
			}
		}
		if n := b.active.Load(); n != 0 {
			t.Fatalf("%d are active in the end", n)
		}
	})
	var b budgets
	now := time.Unix(1e9, 0)
	for i := range 40_000 {
		end, _ := b.begin(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), Limits{RequestsPerSecond: 1}, now)
		end()
		now = now.Add(10 * time.Millisecond)
	}
	kept := 0
	for i := range b.shards {
		kept += len(b.shards[i].clients)
	}
	if kept > 100*budgetShards {
		t.Errorf("%d clients are remembered", kept)
	}
}
