package alto

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeClock is a clock that a test sets.
type fakeClock struct {
	mu sync.Mutex
	at time.Time
}

func newFakeClock() *fakeClock { return &fakeClock{at: time.Unix(1_800_000_000, 0)} }

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *fakeClock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

func statsOf(t *testing.T, s *Server, account string) ResourceStats {
	t.Helper()
	stats, ok := s.ResourceStats(account)
	if !ok {
		t.Fatalf("no statistics of %q", account)
	}
	return stats
}

func TestCountsAndWindow(t *testing.T) {
	clock := newFakeClock()
	s := NewServer(clock.now)
	start := clock.now()
	s.SetWindow(10*time.Second + 300*time.Millisecond)
	s.Publish(snapshot(t, labConfig(t)))
	ok := func() { get(s, "/alto/networkmap/nm") }
	fail := func() { post(s, "/alto/networkmap/nm", MediaNetworkMap, "{}") }
	ok()
	fail()
	clock.advance(4 * time.Second)
	ok()
	get(s, "/alto/directory") // no resource
	get(s, "/alto/none")      // not even a path
	post(s, "/alto/networkmapfilter/nm-part", MediaNetworkMapFilter, `{"pids":[]}`)

	total, nm := Counts{6, 4, 2}, Counts{4, 3, 1}
	check := func(step string, serverLast, nmLast Counts) {
		t.Helper()
		server, resource := s.Stats(), statsOf(t, s, "nm")
		if diff := cmp.Diff([]Counts{total, serverLast, nm, nmLast}, []Counts{server.Total, server.Last, resource.Total, resource.Last}); diff != "" {
			t.Errorf("%s: total and last of the server, then of the resource (-want +got):\n%s", step, diff)
		}
		if server.Window != 10*time.Second || server.Reported != clock.now() || resource.Reported != clock.now() || server.Discontinuity != start {
			t.Errorf("%s: %+v", step, server)
		}
	}
	check("at once", total, nm)
	clock.advance(5 * time.Second)
	check("9 s after the first", total, nm)
	clock.advance(time.Second)
	check("10 s after the first", Counts{4, 3, 1}, Counts{2, 2, 0})
	clock.advance(4 * time.Second)
	check("10 s after the last", Counts{}, Counts{})
	s.SetWindow(0)
	if got := s.Stats().Window; got != time.Second {
		t.Errorf("window %s, want the least, a second", got)
	}
	if got := statsOf(t, s, "cm").Total; got != (Counts{}) {
		t.Errorf("requests of another resource: %+v", got)
	}
	if _, known := s.ResourceStats("nm-part"); known {
		t.Error("a resource of another account has an account of its own")
	}
}

// TestLongWindow counts over windows of more seconds than there are buckets.
func TestLongWindow(t *testing.T) {
	c := new(counter)
	const window = 10 * maxBuckets * time.Second
	for second := range int64(3 * maxBuckets) {
		c.add(second, window, true)
	}
	total, last := c.read(3*maxBuckets, window)
	if total != last || total.Requests != 3*maxBuckets {
		t.Errorf("total %d, last %d, want %d", total.Requests, last.Requests, 3*maxBuckets)
	}
	if n := len(c.first.buckets); n > maxBuckets {
		t.Errorf("%d buckets", n)
	}
}

func TestStatusesCounted(t *testing.T) {
	clock := newFakeClock()
	s := NewServer(clock.now)
	s.Publish(snapshot(t, labConfig(t)))
	etag := get(s, "/alto/networkmap/nm").Header().Get("ETag")
	exchange(s, http.MethodGet, "/alto/networkmap/nm", http.Header{"If-None-Match": {etag}}, "")
	exchange(s, http.MethodHead, "/alto/networkmap/nm", nil, "")
	exchange(s, http.MethodOptions, "/alto/networkmap/nm", nil, "")
	exchange(s, http.MethodGet, "/alto/networkmap/nm", http.Header{"Accept": {"text/html"}}, "")
	if got, want := statsOf(t, s, "nm").Total, (Counts{5, 4, 1}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

func TestStatsAcrossPublish(t *testing.T) {
	clock := newFakeClock()
	s := NewServer(clock.now)
	c := labConfig(t)
	created := clock.advance(time.Minute)
	first := snapshot(t, c)
	s.Publish(first)
	get(s, "/alto/networkmap/nm")
	get(s, "/alto/costmap/cm")

	type figures struct {
		requests, updates uint64
		discontinuity     time.Time
	}
	check := func(step, account string, want figures) {
		t.Helper()
		got := statsOf(t, s, account)
		if have := (figures{got.Total.Requests, got.Updates, got.Discontinuity}); have != want {
			t.Errorf("%s: %s has %+v, want %+v", step, account, have, want)
		}
	}
	publish := func(change func(*Config), reconfigured ...string) {
		t.Helper()
		clock.advance(time.Minute)
		c.Resources = append([]*Resource(nil), c.Resources...)
		change(&c)
		next, err := NewSnapshot(s.Snapshot(), c)
		if err != nil {
			t.Fatal(err)
		}
		s.Publish(next, reconfigured...)
	}
	check("first", "nm", figures{1, 0, created})

	publish(func(*Config) {})
	check("nothing changed", "nm", figures{1, 0, created})

	publish(func(c *Config) {
		c.Resources[0] = &Resource{ID: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "v2")}}
	})
	check("new map", "nm", figures{1, 1, created})
	check("new map", "cm", figures{1, 1, created})
	check("new map", "ec", figures{0, 0, created})

	publish(func(c *Config) {
		c.Resources[0] = &Resource{ID: "nm", Path: "elsewhere", Service: FullNetworkMap{Map: rfcNetworkMap(t, "v2")}}
	}, "nm", "unknown")
	check("reconfigured", "nm", figures{1, 1, clock.now()})
	check("reconfigured", "cm", figures{1, 1, created})

	publish(func(c *Config) { c.Resources = append(c.Resources[:2:2], c.Resources[3:]...) })
	check("filtered variant gone", "nm", figures{1, 1, clock.now().Add(-time.Minute)})

	cm := c.Resources[1]
	publish(func(c *Config) { c.Resources = append(c.Resources[:1:1], c.Resources[2:]...) })
	if _, ok := s.ResourceStats("cm"); ok {
		t.Error("a removed resource has statistics")
	}
	publish(func(c *Config) { c.Resources = append(c.Resources, cm) })
	check("created again", "cm", figures{0, 0, clock.now()})

	at := clock.advance(time.Second)
	s.ServerReconfigured()
	clock.advance(time.Second)
	if got := s.Stats(); got.Discontinuity != at || got.Total.Requests != 2 {
		t.Errorf("server reconfigured: %+v", got)
	}
}

func TestSizes(t *testing.T) {
	c := labConfig(t)
	c.Resources = append(c.Resources, &Resource{ID: "epv", Service: EndpointProperties{Types: []string{"a"}, Values: properties(t, `ipv4 192.0.2.1 a=1`, `ipv4 192.0.2.2 a=1`)}})
	s := serving(t, c)
	for account, want := range map[string]struct{ pids, entries uint64 }{
		"nm": {3, 0}, "cm": {0, 0}, "ep": {0, 5}, "ec": {0, 0}, "pm": {0, 1}, "epv": {0, 2},
	} {
		got := statsOf(t, s, account)
		if got.PIDs != want.pids || got.Entries != want.entries {
			t.Errorf("%s: %d PIDs and %d entries, want %+v", account, got.PIDs, got.Entries, want)
		}
		if got.EncodedBytes == 0 || got.MemoryBytes <= got.EncodedBytes {
			t.Errorf("%s: %d bytes encoded, %d in memory", account, got.EncodedBytes, got.MemoryBytes)
		}
	}
	// The map of account nm is held once, however many resources serve it.
	for id, path := range map[string]string{"nm": "/alto/networkmap/nm", "cm": "/alto/costmap/cm", "pm": "/alto/propmap/pm"} {
		body := get(s, path).Body.Bytes()
		if got := statsOf(t, s, id).EncodedBytes; got != uint64(len(body)) {
			t.Errorf("%s: %d bytes encoded, want %d", id, got, len(body))
		}
	}
}

func TestCountsExactUnderConcurrency(t *testing.T) {
	s := serving(t, labConfig(t))
	const clients, requests = 8, 200
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for range requests {
				if i%2 == 0 {
					get(s, "/alto/networkmap/nm")
				} else {
					get(s, "/alto/networkmapfilter/nm-part")
				}
			}
		})
	}
	wg.Wait()
	want := Counts{clients * requests, clients * requests / 2, clients * requests / 2}
	server, nm := s.Stats(), statsOf(t, s, "nm")
	for name, got := range map[string]Counts{"server": server.Total, "server, last": server.Last, "nm": nm.Total, "nm, last": nm.Last} {
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// TestMeasuredSize demands that what is measured is as long as what is encoded, in
// one part and in many.
func TestMeasuredSize(t *testing.T) {
	for _, n := range []int{1, 10, 400} {
		pids, entities, objects := make([]PID, n), make([]string, n), make([]BaseAdvertisementObject, n)
		names := make([]string, n)
		for i := range n {
			names[i] = "p" + strconv.Itoa(i)
			pids[i] = PID{names[i], []netip.Prefix{
				netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24),
				netip.PrefixFrom(netip.AddrFrom16([16]byte{32, 1, 13, 184, byte(i >> 8), byte(i)}), 48),
			}}
			entities[i] = "ipv4 " + pids[i].Prefixes[0].Addr().String() + " a=1"
			objects[i] = BaseAdvertisementObject{CapabilityType: "FCI.DeliveryProtocol", CapabilityValue: []byte(`{"n":` + strconv.Itoa(i) + "}")}
		}
		everywhere := PID{"world", []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
		m, err := NewNetworkMap(append(pids, everywhere))
		if err != nil {
			t.Fatal(err)
		}
		cells := make([]float64, n*n)
		for i := range cells {
			cells[i] = float64(i) / 4
		}
		costs, err := NewCostMatrix(names, cells)
		if err != nil {
			t.Fatal(err)
		}
		ad, err := NewCDNIAdvertisement(objects)
		if err != nil {
			t.Fatal(err)
		}
		for name, d := range map[string]data{"network map": m, "costs": costs, "properties": properties(t, entities...), "advertisement": ad} {
			memory := d.memory()
			got := d.encodedSize()
			if kept := d.memory(); kept != memory {
				t.Errorf("%s of %d: %d bytes kept", name, n, kept-memory)
			}
			if want := uint64(len(d.encoded())); got != want || d.encodedSize() != want {
				t.Errorf("%s of %d: %d bytes measured, %d encoded", name, n, got, want)
			}
		}
	}
}

// TestResourceLoad demands that memory is told without encoding anything, and includes
// what has been encoded.
func TestResourceLoad(t *testing.T) {
	s := serving(t, labConfig(t))
	before, streams, ok := s.ResourceLoad("nm")
	again, _, _ := s.ResourceLoad("nm")
	if !ok || before == 0 || streams != 0 || again != before {
		t.Errorf("%d, then %d bytes, %d streams, %v", before, again, streams, ok)
	}
	stats := statsOf(t, s, "nm")
	if stats.MemoryBytes != before || stats.EncodedBytes == 0 {
		t.Errorf("%d bytes before the statistics, %d in them, of %d encoded: they have kept something", before, stats.MemoryBytes, stats.EncodedBytes)
	}
	get(s, "/alto/networkmap/nm")
	stats = statsOf(t, s, "nm")
	if after, _, _ := s.ResourceLoad("nm"); after <= before || after != stats.MemoryBytes {
		t.Errorf("%d bytes before the map is encoded, %d after, %d in the statistics", before, after, stats.MemoryBytes)
	}
	if _, _, ok := s.ResourceLoad("none"); ok {
		t.Error("load of no resource")
	}
}
