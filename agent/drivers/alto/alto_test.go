package alto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/altoam/altoam/alto/client"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

// upstream is a real ALTO server behind a handler that may be put in its place.
type upstream struct {
	*httptest.Server
	alto    *alto.Server
	instead atomic.Pointer[func(http.ResponseWriter, *http.Request) bool] // true: it has answered
	asked   atomic.Int32                                                  // for the network map
	streams atomic.Int32
}

func newUpstream(t *testing.T) *upstream {
	t.Helper()
	u := &upstream{alto: alto.NewServer(nil)}
	u.publish(t, 1, "")
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := u.instead.Load(); f != nil && (*f)(w, r) {
			return
		}
		switch {
		case strings.HasPrefix(r.URL.Path, "/updates"):
			u.streams.Add(1)
		case r.URL.Path == "/networkmap/net" && r.Method == http.MethodGet:
			u.asked.Add(1)
		}
		u.alto.ServeHTTP(w, r)
	}))
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) answer(f func(http.ResponseWriter, *http.Request) bool) { u.instead.Store(&f) }

// publish serves maps whose costs are of a version, which came through via.
func (u *upstream) publish(t *testing.T, version int, via string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pids := []alto.PID{{Name: "rest", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}}
	for i := range 20 {
		pids = append(pids, alto.PID{Name: fmt.Sprintf("pid%02d", i), Prefixes: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)}})
	}
	pids[1].Prefixes = append(pids[1].Prefixes, netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(version)}), 32))
	net, err := alto.NewNetworkMap(pids)
	must(err)
	names := net.Names()
	cells := alto.NewCosts(len(names))
	for i := range cells {
		cells[i] = float64(i)
	}
	cells[1] = 1000 + float64(version)
	costs, err := alto.NewCostMatrix(names, cells)
	must(err)
	properties, err := alto.NewPropertyMap([]alto.Entity{{Domain: "ipv4", Name: "10.0.0.1", Properties: []alto.Property{{Name: "rack", Value: []byte(fmt.Sprintf(`"r%d"`, version))}}}})
	must(err)
	snapshot, err := alto.NewSnapshot(nil, alto.Config{
		CostTypes: []alto.CostType{{Name: "num", Mode: "numerical", Metric: "routingcost"}},
		Resources: []*alto.Resource{
			{ID: "net", Via: via, Service: alto.FullNetworkMap{Map: net, Default: true}},
			{ID: "rc", Via: via, Service: alto.FullCostMap{NetworkMap: "net", CostType: "num", Costs: costs}},
			{ID: "some", Via: via, Service: alto.FilteredNetworkMap{NetworkMap: "net"}},
			{ID: "map", Via: via, Service: alto.FullPropertyMap{Map: properties}},
			{ID: "props", Via: via, Service: alto.EndpointProperties{Types: []string{"rack"}, Values: properties}},
			{ID: "updates", Via: via, Service: alto.UpdateStreams{Covers: []string{"net", "rc", "map"}}},
		},
	})
	must(err)
	u.alto.Publish(snapshot)
}

// following opens a source with quick settings that set may change.
func following(t *testing.T, u *upstream, set func(*params), resources ...string) (driver.Source, error) {
	t.Helper()
	return followingOver(t, u, func(p *params, _ *driver.Network) {
		if set != nil {
			set(p)
		}
	}, resources...)
}

// followingOver is following with what the source needs of the network too.
func followingOver(t *testing.T, u *upstream, set func(*params, *driver.Network), resources ...string) (driver.Source, error) {
	t.Helper()
	one, none, size, uri, stream := uint32(1), uint8(0), uint32(100_000), u.URL+"/directory", false
	p := &params{
		IrdUri: &uri, Resource: resources, PollInterval: &one, MaxBackoff: &one, Timeout: &one, Jitter: &none, MaxSize: &size, UpdateStream: &stream,
	}
	n := &driver.Network{Server: "us", MaxHops: 3}
	set(p, n)
	s, err := open(t.Context(), driver.SourceConfig{ID: "test", Params: &driver.SourceParams{Alto: p}, Network: n})
	if err == nil {
		quick := s.(*source).schedule
		quick.Interval, quick.MaxBackoff = 20*time.Millisecond, 20*time.Millisecond
	}
	return s, err
}

// runs runs a source until the test ends.
func runs(t *testing.T, s driver.Source) {
	t.Helper()
	done := make(chan error)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { done <- s.Run(ctx, func() {}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// until waits until a source is as f wants it.
func until(t *testing.T, s driver.Source, what string, f func(*driver.Data, driver.Status) bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		d, st := s.Snapshot()
		if f(d, st) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not %s: %+v, %+v", what, st, st.Transfer)
		}
	}
}

// cost is the one that differs from version to version.
func cost(d *driver.Data) float64 {
	c, _ := d.CostTable("numerical", "routingcost").Costs.Cost("pid00", "pid01")
	return c
}

func TestResources(t *testing.T) {
	u := newUpstream(t)
	for _, c := range []struct {
		resources []string
		endpoints []string
		want      string // PIDs, cost tables, entities
		fault     string
		leaf      string
	}{
		{nil, nil, "21 0 0", "", ""},
		{[]string{"rc"}, nil, "21 1 0", "", ""},
		{[]string{"rc", "net", "map"}, nil, "21 1 1", "", ""},
		{[]string{"map"}, nil, "0 0 1", "", ""},
		{[]string{"props"}, []string{"ipv4:10.0.0.1", "ipv4:10.0.0.2"}, "0 0 1", "", ""},
		{[]string{"props"}, nil, "", "expected endpoints to ask it about", top + "/resource[.='props']"},
		{[]string{"net", "none"}, nil, "", "no directory lists it", top + "/resource[.='none']"},
		{[]string{"some"}, nil, "", "it takes parameters", top + "/resource[.='some']"},
	} {
		s, err := following(t, u, func(p *params) { p.Endpoint = c.endpoints }, c.resources...)
		if c.fault != "" {
			var fault *driver.ParamError
			if !errors.As(err, &fault) || !strings.Contains(fault.Message, c.fault) || fault.Leaf != c.leaf {
				t.Errorf("%q: %v, want %q at %s", c.resources, err, c.fault, c.leaf)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.resources, err)
			continue
		}
		d, _ := s.Snapshot()
		entities := 0
		for _, e := range d.Entities {
			if len(e.Properties) > 0 {
				entities++
			}
		}
		if got := fmt.Sprint(len(d.PIDs), len(d.Costs), entities); got != c.want {
			t.Errorf("%q: %s, want %s", c.resources, got, c.want)
		}
	}
}

// TestStream: changes come by the stream without a request for a map; when it ends the
// server is asked, and the next stream opened.
func TestStream(t *testing.T) {
	u := newUpstream(t)
	on, silence := true, uint32(60)
	s, err := following(t, u, func(p *params) { p.UpdateStream, p.StreamTimeout = &on, &silence }, "rc", "map")
	if err != nil {
		t.Fatal(err)
	}
	runs(t, s)
	until(t, s, "streaming", func(_ *driver.Data, st driver.Status) bool { return st.Transfer.Streaming && u.streams.Load() == 1 })
	asked := u.asked.Load()
	for version := 2; version < 5; version++ {
		u.publish(t, version, "far")
		until(t, s, "up to date", func(d *driver.Data, _ driver.Status) bool { return cost(d) == 1000+float64(version) })
		d, st := s.Snapshot()
		if got := string(d.Entities[0].Properties[0].Value); got != fmt.Sprintf(`"r%d"`, version) || d.PIDs[0].Prefixes[1].String() != fmt.Sprintf("192.0.2.%d/32", version) {
			t.Errorf("version %d: property %s, PID %v", version, got, d.PIDs[0])
		}
		if fmt.Sprint(d.Path) != "[far]" || d.NetworkMapTag == "" || st.Stale() {
			t.Errorf("path %q, tag %q, %+v", d.Path, d.NetworkMapTag, st)
		}
	}
	if u.asked.Load() != asked {
		t.Errorf("the network map was asked for %d times", u.asked.Load()-asked)
	}
	u.CloseClientConnections()
	until(t, s, "streaming again", func(_ *driver.Data, st driver.Status) bool { return st.Transfer.Streaming && u.streams.Load() == 2 })
	u.publish(t, 6, "x, us")
	until(t, s, "stopped", func(_ *driver.Data, st driver.Status) bool { return strings.Contains(st.LastError, "a loop") })
	if d, _ := s.Snapshot(); cost(d) != 1004 {
		t.Errorf("cost %v of data that came through us", cost(d))
	}
	u.publish(t, 7, "x")
	until(t, s, "up to date", func(d *driver.Data, st driver.Status) bool { return cost(d) == 1007 && !st.Stale() })
}

// TestBusyStream: a stream that is never silent for long keeps nothing from being used.
func TestBusyStream(t *testing.T) {
	u := newUpstream(t)
	on, silence := true, uint32(60)
	s, err := following(t, u, func(p *params) { p.UpdateStream, p.StreamTimeout = &on, &silence }, "rc", "map")
	if err != nil {
		t.Fatal(err)
	}
	runs(t, s)
	until(t, s, "streaming", func(_ *driver.Data, st driver.Status) bool { return st.Transfer.Streaming })
	d, _ := s.Snapshot()
	before := cost(d)
	for version, end := 2, time.Now().Add(8*time.Second); cost(d) == before; version++ {
		if time.Now().After(end) {
			t.Fatal("no version of many was taken into use")
		}
		u.publish(t, version, "")
		time.Sleep(settle / 3)
		d, _ = s.Snapshot()
	}
}

// TestNoStream: where no stream can be opened, or nothing comes in it, the server is asked.
func TestNoStream(t *testing.T) {
	u := newUpstream(t)
	on, silence := true, uint32(1)
	u.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/updates") {
			return false
		}
		if u.streams.Add(1)%2 == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	})
	s, err := following(t, u, func(p *params) { p.UpdateStream, p.StreamTimeout = &on, &silence }, "rc")
	if err != nil {
		t.Fatal(err)
	}
	runs(t, s)
	until(t, s, "given up", func(*driver.Data, driver.Status) bool { return u.streams.Load() > 2 })
	u.publish(t, 2, "")
	until(t, s, "up to date", func(d *driver.Data, st driver.Status) bool { return cost(d) == 1002 && !st.Stale() })
}

// TestBadServer: whatever is wrong, the last good data stays and the error tells what.
func TestBadServer(t *testing.T) {
	at := func(path string, f http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != path {
				return false
			}
			f(w, r)
			return true
		}
	}
	says := func(media, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			_, _ = io.WriteString(w, text)
		}
	}
	const kind = "application/alto-costmap+json"
	const head = `{"meta":{"dependent-vtags":[{"resource-id":"net","tag":"old"}],"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":{}}`
	for _, c := range []struct {
		name, want string
		answer     func(http.ResponseWriter, *http.Request) bool
	}{
		{"no directory", "status 404", at("/directory", http.NotFound)},
		{"directory of another type", `is of type "text/html"`, at("/directory", says("text/html", "{}"))},
		{"malformed directory", "the directory cannot be read", at("/directory", says(alto.MediaDirectory, `{"resources":`))},
		{"empty directory", "no directory lists it", at("/directory", says(alto.MediaDirectory, `{"meta":{},"resources":{}}`))},
		{"missing", "status 404", at("/costmap/rc", http.NotFound)},
		{"malformed", `resource "rc": `, at("/costmap/rc", says(kind, `{"meta":{}`))},
		{"empty", "the answer is empty", at("/costmap/rc", says(kind, ""))},
		{"of another type", "is of type", at("/costmap/rc", says("text/plain", head))},
		{"too large", "more than max-size", at("/costmap/rc", says(kind, head+strings.Repeat(" ", 1_000_000)))},
		{"half written", "before its end", at("/costmap/rc", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			says(kind, head)(w, r)
		})},
		{"slow", "no whole answer within 1s", at("/costmap/rc", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })},
		{"of another version of the network map", `is of version "old" of network map "net"`, at("/costmap/rc", says(kind, head))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t)
			s, err := following(t, u, nil, "rc")
			if err != nil {
				t.Fatal(err)
			}
			before, _ := s.Snapshot()
			u.answer(c.answer)
			runs(t, s)
			until(t, s, "stale", func(d *driver.Data, st driver.Status) bool {
				return st.Stale() && d == before && strings.Contains(st.LastError, c.want)
			})
			if _, err := following(t, u, nil, "rc"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("opened: %v, want %q", err, c.want)
			}
			u.publish(t, 2, "")
			u.answer(func(http.ResponseWriter, *http.Request) bool { return false })
			until(t, s, "up to date", func(d *driver.Data, st driver.Status) bool { return cost(d) == 1002 && !st.Stale() })
		})
	}
}

// TestDelegation: what the root does not list is found in a directory that it leads to,
// which is not told the credentials.
func TestDelegation(t *testing.T) {
	far, near := newUpstream(t), newUpstream(t)
	far.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("the other server is told %q", got)
		}
		return false
	})
	lead := `{"meta":{},"resources":{"there":{"uri":"` + far.URL + `/directory","media-type":"application/alto-directory+json"},
"round":{"uri":"/directory","media-type":"application/alto-directory+json"}}}`
	near.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if _, password, _ := r.BasicAuth(); password != "secret" && r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		w.Header().Set("Content-Type", alto.MediaDirectory)
		_, _ = io.WriteString(w, lead)
		return true
	})
	for name, set := range map[string]func(*params, *driver.Network){
		"basic":  func(_ *params, n *driver.Network) { n.Authorization = "Basic YW5uOnNlY3JldA==" },
		"bearer": func(_ *params, n *driver.Network) { n.Authorization = "Bearer secret" },
	} {
		s, err := followingOver(t, near, set, "rc")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d, _ := s.Snapshot(); len(d.PIDs) != 21 || cost(d) != 1001 {
			t.Errorf("%s: %d PIDs", name, len(d.PIDs))
		}
	}
	if _, err := following(t, near, nil, "rc"); err == nil || !strings.Contains(err.Error(), "status 401") {
		t.Errorf("anonymous: %v", err)
	}
}

// TestPatchedSize: patches do not make a resource larger than it may be when it is fetched.
func TestPatchedSize(t *testing.T) {
	const text = `{"meta":{"vtag":{"resource-id":"m","tag":"t1"}},"network-map":{"A":{"ipv4":["192.0.2.0/24"]}}}`
	e := client.Event{Media: client.MediaMergePatch, ID: "0", Data: []byte(`{"network-map":{"B":{"ipv4":["198.51.100.0/24"]}}}`)}
	for limit, fits := range map[int]bool{1000: true, len(text): false} {
		list := []version{{resource: &resource{}, text: []byte(text)}}
		if err := apply(list, e, limit); (err == nil) != fits {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}
