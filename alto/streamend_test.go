package alto

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"
)

const addBoth = `{"add":{` + addNetworkMap + `,"cost":{"resource-id":"cm"}}}`

func TestStreamLimits(t *testing.T) {
	s := serving(t, updateConfig(t, func(u *UpdateStreams) { u.MaxStreams, u.MaxSubstreams = 2, 3 }))
	base := listening(t, s)
	first := subscribe(t, base, "/up", addBoth, nil).readControl()
	second := subscribe(t, base, "/up", addBoth, nil).readControl()
	if first.control == second.control || len(first.control) < len("/up/")+32 {
		t.Errorf("control URIs %s and %s", first.control, second.control)
	}
	if w := post(s, "/up", MediaUpdateParams, addBoth); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("third stream: status %d, headers %v", w.Code, w.Header())
	}
	// A substream that is removed still counts.
	for _, step := range []struct {
		body   string
		status int
	}{
		{`{"remove":["cost"]}`, 204},
		{`{"add":{"a":{"resource-id":"nm"},"b":{"resource-id":"nm"}}}`, 503},
		{`{"add":{"a":{"resource-id":"nm"}}}`, 204},
		{`{"add":{"b":{"resource-id":"nm"}}}`, 503},
		{`{"remove":[]}`, 204},
	} {
		if status, _ := first.send(step.body, nil); status != step.status {
			t.Errorf("%s: status %d, want %d", step.body, status, step.status)
		}
	}
	third := subscribe(t, base, "/up", addBoth, nil).readControl()
	third.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",cost"})
	many := `{"add":{"a":{"resource-id":"nm"},"b":{"resource-id":"nm"},"c":{"resource-id":"nm"},"d":{"resource-id":"nm"}}}`
	if w := post(s, "/up", MediaUpdateParams, many); w.Code != http.StatusServiceUnavailable {
		t.Errorf("too many substreams: status %d", w.Code)
	}
}

func TestKeepAlive(t *testing.T) {
	s := serving(t, updateConfig(t, func(u *UpdateStreams) { u.KeepAlive = 5 * time.Millisecond }))
	c := subscribe(t, listening(t, s), "/up", `{"add":{"net":{"resource-id":"nm","tag":"t1"}}}`, nil).readControl()
	for range 3 {
		for c.lines.Scan() && c.lines.Text() == "" {
		}
		if got := c.lines.Text(); got != ":" {
			t.Fatalf("line %q, want a comment", got)
		}
	}
	if got := statsOf(t, s, "up").Streams.Total.Total; got != 1 {
		t.Errorf("%d messages, comments are none", got)
	}
}

// TestServerEndsSubstreams has changes of configuration that take substreams or all
// of the stream away.
func TestServerEndsSubstreams(t *testing.T) {
	covers := func(ids ...string) func(*Config) {
		return replace(&Resource{ID: "up", Path: "up", Service: UpdateStreams{Covers: ids}})
	}
	for _, tt := range []struct {
		name    string
		change  func(*Config)
		stopped string
		end     bool
	}{
		{"not covered any more", covers("nm"), `["cost"]`, false},
		{"removed", func(c *Config) { without("cm")(c); covers("nm", "part")(c) }, `["cost"]`, false},
		{"another service", func(c *Config) {
			replace(&Resource{ID: "cm", Path: "cm", Service: FilteredNetworkMap{"nm"}})(c)
		}, `["cost"]`, false},
		{"nothing of it covered", func(c *Config) { covers("cdni")(c) }, `["cost","net"]`, true},
		{"service removed", without("up"), `["cost","net"]`, true},
		{"service replaced", replace(&Resource{ID: "up", Path: "up", Service: FilteredNetworkMap{"nm"}}), `["cost","net"]`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serving(t, updateConfig(t, nil))
			c := subscribe(t, listening(t, s), "/up", addBoth, nil).readControl()
			c.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",cost"})
			republish(t, s, tt.change)
			e, _ := c.next()
			if !strings.HasPrefix(e.data, `{"stopped":`+tt.stopped+`,"description":"`) {
				t.Fatalf("event %+v, want stopped %s", e, tt.stopped)
			}
			if tt.end {
				c.expectEnd()
				if status, _ := c.send(`{"remove":[]}`, nil); status != http.StatusNotFound {
					t.Errorf("control of a closed stream: status %d", status)
				}
				return
			}
			republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
			c.expect(event{name: MediaMergePatch + ",net"})
		})
	}
}

// TestInputFails takes away what the input of a substream names.
func TestInputFails(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	c := subscribe(t, listening(t, s), "/up", `{"add":{`+addNetworkMap+`,`+partInput+`}}`, nil).readControl()
	c.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",part"})
	hops := costs(t, threePIDs, make([]float64, 9)...)
	republish(t, s, replace(&Resource{ID: "part", Path: "part", Service: FilteredCostMap{NetworkMap: "nm", Offers: []CostOffer{{"num-hop", hops}}}}))
	if e, _ := c.next(); !strings.HasPrefix(e.data, `{"stopped":["part"],"description":`) {
		t.Errorf("event %+v", e)
	}
}

// TestAccessWithdrawn takes the role of a client away, then lets a stream's control
// be tried by others.
func TestAccessWithdrawn(t *testing.T) {
	config := updateConfig(t, nil)
	config.Authenticate = rolesByUser
	roles := func(roles ...string) func(*Config) {
		return func(c *Config) {
			replace(&Resource{ID: "up", Path: "up", Roles: roles, Service: UpdateStreams{Covers: []string{"cm", "nm", "part"}}})(c)
		}
	}
	s := serving(t, config)
	republish(t, s, roles("gold", "admin"))
	if w := post(s, "/up", MediaUpdateParams, addBoth); w.Code != http.StatusUnauthorized {
		t.Errorf("anonymous: status %d", w.Code)
	}
	c := subscribe(t, listening(t, s), "/up", addBoth, as("gold")).readControl()
	c.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",cost"})
	for user, want := range map[string]int{"silver": 403, "gold": 204, "admin": 204} {
		if status, _ := c.send(`{"add":{"of-`+user+`":{"resource-id":"nm","tag":"t1"}}}`, as(user)); status != want {
			t.Errorf("control by %s: status %d, want %d", user, status, want)
		}
	}
	if status, _ := c.send(`{"remove":[]}`, nil); status != http.StatusUnauthorized {
		t.Errorf("anonymous control: status %d", status)
	}
	c.expect(event{name: MediaUpdateControl}, event{name: MediaUpdateControl})
	republish(t, s, roles("gold"))
	republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	c.expect(event{name: MediaMergePatch + ",net"})
	for range 3 { // cost, of-admin and of-gold
		if e, _ := c.next(); !strings.HasPrefix(e.name, MediaMergePatch+",") {
			t.Errorf("event %+v", e)
		}
	}
	republish(t, s, roles("admin"))
	if e, _ := c.next(); !strings.Contains(e.data, `"description":"access has been withdrawn"`) {
		t.Errorf("event %+v", e)
	}
	c.expectEnd()
}

// stuckWriter is a client that does not read: writes wait for their deadline.
type stuckWriter struct {
	httptest.ResponseRecorder
	mu       sync.Mutex
	deadline time.Time
	stuck    chan struct{} // receives when a write waits
}

func (w *stuckWriter) SetWriteDeadline(at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = at
	return nil
}

func (w *stuckWriter) Write([]byte) (int, error) {
	select {
	case w.stuck <- struct{}{}:
	default:
	}
	for {
		w.mu.Lock()
		at := w.deadline
		w.mu.Unlock()
		if time.Now().After(at.Add(-hurryTime)) { // that much sooner than a real one
			return 0, os.ErrDeadlineExceeded
		}
		time.Sleep(time.Millisecond)
	}
}

// TestSlowClient lets a client fall behind: publishing goes on, its stream ends.
func TestSlowClient(t *testing.T) {
	s := serving(t, updateConfig(t, func(u *UpdateStreams) { u.MaxBehind = 3 }))
	w := &stuckWriter{stuck: make(chan struct{}, 1)}
	r := httptest.NewRequest(http.MethodPost, "/up", strings.NewReader(addBoth))
	r.Header.Set("Content-Type", MediaUpdateParams)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ServeHTTP(w, r)
	}()
	<-w.stuck
	fast := subscribe(t, listening(t, s), "/up", addBoth, nil).readControl()
	fast.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",cost"})
	for i, tag := range []string{"t2", "t3", "t4", "t5", "t6"} {
		if got, want := statsOf(t, s, "up").Streams.Open, uint64(2); i < 3 && got != want {
			t.Errorf("%d streams after %d changes, want %d", got, i, want)
		}
		republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, tag)}}))
		fast.expect(event{name: MediaMergePatch + ",net"}, event{name: MediaMergePatch + ",cost"})
	}
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the stream of a client that does not read goes on")
	}
	if got := statsOf(t, s, "up").Streams.Open; got != 1 {
		t.Errorf("%d streams, want the fast one", got)
	}
}

// TestSlowClientHoldsNoSnapshot publishes to a client that reads nothing: what waits for it
// is patches, not what they are made from.
func TestSlowClientHoldsNoSnapshot(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	e := s.epoch.Load()
	params, _ := parseParameters([]byte(addBoth))
	added, _ := e.snapshot.readSubstreams(e.snapshot.byID.At("up"), params, netip.Addr{})
	st := s.open(e, e.snapshot.byID.At("up"), added, netip.Addr{})
	defer st.leave()
	e = nil
	publish := func(tag string) {
		republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, tag)}}))
	}
	publish("t2")
	second := weak.Make(s.Snapshot())
	publish("t3")
	for end := time.Now().Add(patience); second.Value() != nil; runtime.GC() {
		if time.Now().After(end) {
			t.Fatal("the snapshot is held")
		}
	}
	if got := len(st.queue); got != 7 {
		t.Errorf("%d messages wait, want the control URI, two responses and two updates of each", got)
	}
}

// TestStreamDeadlines serves a stream for longer than the server allows a request.
func TestStreamDeadlines(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	server := httptest.NewUnstartedServer(s)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	c := subscribe(t, server.URL, "/up", addBoth, nil).readControl()
	c.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",cost"})
	time.Sleep(150 * time.Millisecond)
	republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	c.expect(event{name: MediaMergePatch + ",net"}, event{name: MediaMergePatch + ",cost"})
}

// TestStreamsEndWithSocket ends streams where their socket is retired and where the
// stack stops.
func TestStreamsEndWithSocket(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	stack := NewStack(s)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- stack.Run(ctx) }()
	b := bind(t, stack, ListenConfig{Addrs: []string{"127.0.0.1:0", "127.0.0.2:0"}})
	b.Apply()
	var clients []*client
	for _, addr := range b.Addrs() {
		c := subscribe(t, "http://"+addr, "/up", addBoth, nil).readControl()
		c.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",cost"})
		clients = append(clients, c)
	}
	ends := func(c *client) {
		t.Helper()
		if e, _ := c.next(); !strings.HasPrefix(e.data, `{"stopped":["cost","net"],"description":"`) {
			t.Errorf("event %+v", e)
		}
		c.expectEnd()
	}
	bind(t, stack, ListenConfig{Addrs: []string{"127.0.0.2:0"}}).Apply()
	ends(clients[0])
	republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	clients[1].expect(event{name: MediaMergePatch + ",net"}, event{name: MediaMergePatch + ",cost"})
	cancel()
	ends(clients[1])
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("Run waits for streams")
	}
	if s.streams.at(pathOf(clients[1].control)) != nil {
		t.Error("a stream remains")
	}
}

// TestStreamWithoutControl has a service that keeps its streams as they begin.
func TestStreamWithoutControl(t *testing.T) {
	s := serving(t, updateConfig(t, func(u *UpdateStreams) { u.NoControl = true }))
	if body := get(s, "/directory").Body.String(); !strings.Contains(body, `"support-stream-control":false`) {
		t.Errorf("IRD %s", body)
	}
	c := subscribe(t, listening(t, s), "/up", `{"add":{`+addNetworkMap+`}}`, nil)
	c.expect(event{MediaUpdateControl, `{"control-uri":null}`}, event{name: MediaNetworkMap + ",net"})
	republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	c.expect(event{name: MediaMergePatch + ",net"})
	if w := post(s, "/up/", MediaUpdateParams, `{"remove":[]}`); w.Code != http.StatusNotFound {
		t.Errorf("control: status %d", w.Code)
	}
	republish(t, s, without("up"))
	c.expect(event{MediaUpdateControl, `{"stopped":["net"],"description":"the update stream service has been removed"}`})
	c.expectEnd()
}

// TestPatchFormatsChange takes a format away from open streams; one that comes later is
// not for them, whose clients have not agreed to it.
func TestPatchFormatsChange(t *testing.T) {
	formats := func(f PatchFormats) func(*UpdateStreams) {
		return func(u *UpdateStreams) { u.Patches = map[string]PatchFormats{"nm": f} }
	}
	s := serving(t, updateConfig(t, formats(MergePatch)))
	c := subscribe(t, listening(t, s), "/up", `{"add":{`+addNetworkMap+`}}`, nil).readControl()
	c.expect(event{name: MediaNetworkMap + ",net"})
	for i, tt := range []struct {
		formats PatchFormats
		media   string
	}{{JSONPatch, MediaNetworkMap}, {AllPatches, MediaMergePatch}, {0, MediaNetworkMap}, {MergePatch, MediaMergePatch}} {
		r := updateConfig(t, formats(tt.formats)).Resources
		republish(t, s, replace(r[len(r)-1]))
		republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t"+strings.Repeat("x", i+1))}}))
		c.expect(event{name: tt.media + ",net"})
	}
}
