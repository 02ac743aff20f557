package alto

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLatencyAndBytes has a client that takes 20 ms to prove who it is, and compares the
// bytes with those on the wire, compressed and not.
func TestLatencyAndBytes(t *testing.T) {
	clock := newFakeClock()
	c := httpConfig(t)
	c.Authenticate = func(*http.Request) ([]string, bool) {
		clock.advance(20 * time.Millisecond)
		return []string{"slow"}, true
	}
	c.Resources[0].Roles = []string{"slow"}
	for _, r := range c.Resources[1:] {
		r.Roles = []string{"slow"}
	}
	s := NewServer(clock.now)
	s.Publish(snapshot(t, c))
	const path = "/v1/networkmap/big:map@1"
	wire := 0
	for _, header := range []http.Header{nil, {"Accept-Encoding": {"gzip"}}, {"Accept": {"text/html"}}} {
		wire += exchange(s, http.MethodGet, path, header, "").Body.Len()
	}
	exchange(s, http.MethodHead, path, nil, "")
	got := statsOf(t, s, "big:map@1")
	if got.BytesSent != uint64(wire) {
		t.Errorf("%d bytes, %d on the wire", got.BytesSent, wire)
	}
	if l := got.Latency; l.Count != 4 || l.Sum != 80*time.Millisecond || l.Within(56) != 0 || l.Within(58) != 4 {
		t.Errorf("latency %+v", l)
	}
	if p := got.Latency.Quantile(0.5); p < 20*time.Millisecond || p > 24*time.Millisecond {
		t.Errorf("half of the answers took %s", p)
	}
	wire += get(s, "/v1/directory").Body.Len()
	get(s, "/none")
	server := s.Stats()
	if server.BytesSent != uint64(wire) || server.Latency.Count != 6 || server.Latency.Within(0) != 1 || server.Latency.Sum != 100*time.Millisecond {
		t.Errorf("server: %d bytes, %d on the wire; latency %+v", server.BytesSent, wire, server.Latency)
	}
}

// lostWriter is a client that goes after some bytes.
type lostWriter struct {
	http.ResponseWriter
	left int
}

func (w *lostWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		p = p[:w.left]
	}
	w.left -= len(p)
	if w.left == 0 {
		return len(p), io.ErrShortWrite
	}
	return len(p), nil
}

func TestBytesOfLostClient(t *testing.T) {
	s := serving(t, httpConfig(t))
	r := httptest.NewRequest(http.MethodGet, "/v1/networkmap/big:map@1", nil)
	s.ServeHTTP(&lostWriter{httptest.NewRecorder(), 1000}, r)
	if got := statsOf(t, s, "big:map@1").BytesSent; got != 1000 {
		t.Errorf("%d bytes, want 1000", got)
	}
}

// TestDigest compares with that of the response, before and after somebody has asked for
// it, for each kind of map.
func TestDigest(t *testing.T) {
	paths := map[string]string{"nm": "/alto/networkmap/nm", "cm": "/alto/costmap/cm", "pm": "/alto/propmap/pm"}
	s, asked := serving(t, labConfig(t)), serving(t, labConfig(t))
	for id, path := range paths {
		w := get(asked, path)
		sum := sha256.Sum256(w.Body.Bytes())
		got, after := statsOf(t, s, id), statsOf(t, asked, id)
		if want := hex.EncodeToString(sum[:]); got.Digest != want || after.Digest != want {
			t.Errorf("%s: digest %s before, %s after, want %s", id, got.Digest, after.Digest, want)
		}
		if after.EncodedBytes != got.EncodedBytes {
			t.Errorf("%s: %d bytes measured, %d encoded", id, got.EncodedBytes, after.EncodedBytes)
		}
		if vtag := strings.Contains(w.Body.String(), `"vtag":{"resource-id":"`+id+`","tag":"`+got.Tag+`"}`); vtag != (id == "nm" || id == "pm") && got.Tag != strings.Trim(w.Header().Get("ETag"), `"`) {
			t.Errorf("%s: tag %q", id, got.Tag)
		}
	}
	if got := statsOf(t, s, "ec"); got.Digest != "" || got.Tag != "" {
		t.Errorf("a service without a full response has digest %q, tag %q", got.Digest, got.Tag)
	}
}

// TestDigestOfLargeMap has an encoding of many parts.
func TestDigestOfLargeMap(t *testing.T) {
	m := networkMap(t, "", manyPIDs(400)...)
	s := serving(t, Config{Resources: []*Resource{{ID: "nm", Service: FullNetworkMap{Map: m}}}})
	got := statsOf(t, s, "nm")
	body := get(s, "/networkmap/nm").Body.Bytes()
	if sum := sha256.Sum256(body); got.Digest != hex.EncodeToString(sum[:]) || got.EncodedBytes != uint64(len(body)) {
		t.Errorf("digest %s of %d bytes, want %x of %d", got.Digest, got.EncodedBytes, sum, len(body))
	}
}

func manyPIDs(n int) []string {
	lines := []string{"rest 0.0.0.0/0 ::/0"}
	for i := range n {
		lines = append(lines, "p"+strconv.Itoa(i)+" 10."+strconv.Itoa(i>>8)+"."+strconv.Itoa(i&255)+".0/24")
	}
	return lines
}

// TestTimeOfChange tells when the content became what it is.
func TestTimeOfChange(t *testing.T) {
	clock := newFakeClock()
	s := NewServer(clock.now)
	publish := func(tag, description string) {
		c := Config{Resources: []*Resource{{ID: "nm", Path: description, Service: FullNetworkMap{Map: rfcNetworkMap(t, tag)}}}}
		next, err := NewSnapshot(s.Snapshot(), c)
		if err != nil {
			t.Fatal(err)
		}
		s.Publish(next, "nm")
	}
	made := clock.advance(time.Minute)
	publish("one", "x")
	clock.advance(time.Minute)
	publish("one", "y")
	if got := statsOf(t, s, "nm"); got.Changed != made || got.Created != made {
		t.Errorf("changed %s, made %s, want %s", got.Changed, got.Created, made)
	}
	at := clock.advance(time.Minute)
	publish("two", "y")
	if got := statsOf(t, s, "nm"); got.Changed != at || got.Created != made || got.Tag != "two" {
		t.Errorf("changed %s, want %s; made %s, want %s", got.Changed, at, got.Created, made)
	}
}

// TestAnswersUnderConcurrency demands exact figures where requests meet.
func TestAnswersUnderConcurrency(t *testing.T) {
	c := labConfig(t)
	c.Authenticate = func(r *http.Request) ([]string, bool) {
		user, _, _ := r.BasicAuth()
		NoteClients(r, user, user)
		return []string{"gold"}, true
	}
	for _, r := range c.Resources {
		r.Roles = []string{"gold"}
	}
	s := serving(t, c)
	s.SetMaxClients(3)
	const clients, requests = 8, 200
	size := exchange(s, http.MethodGet, "/alto/networkmap/nm", as("c0"), "").Body.Len()
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for range requests {
				exchange(s, http.MethodGet, "/alto/networkmap/nm", as("c"+strconv.Itoa(i)), "")
			}
		})
	}
	wg.Wait()
	const all = clients*requests + 1
	server, nm := s.Stats(), statsOf(t, s, "nm")
	if server.BytesSent != uint64(all*size) || nm.BytesSent != uint64(all*size) || server.Latency.Count != all || nm.Latency.Count != all {
		t.Errorf("%d and %d bytes, want %d; %d and %d times, want %d", server.BytesSent, nm.BytesSent, all*size, server.Latency.Count, nm.Latency.Count, all)
	}
	known, sum := s.Clients(), server.OtherClients
	for _, id := range known {
		stats, _ := s.ClientStats(id)
		sum.sum(stats.Total)
		if want := uint64(requests); stats.Total.Requests != want && id != "c0" || stats.Total != stats.Last {
			t.Errorf("%s has %+v, want %d", id, stats, want)
		}
	}
	if len(known) != 3 || sum != (Counts{all, all, 0}) {
		t.Errorf("clients %v have %+v with the others, want %d", known, sum, all)
	}
	s.ForgetClients(known...)
	if _, ok := s.ClientStats(known[0]); ok || len(s.Clients()) != 0 {
		t.Errorf("clients %v after all were forgotten", s.Clients())
	}
}

// TestClientsOfRefusals counts clients that proved who they are and may not use a
// resource; nobody where that is not asked.
func TestClientsOfRefusals(t *testing.T) {
	c := Config{Resources: []*Resource{
		{ID: "gold", Path: "gold", Roles: []string{"gold"}, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
		{ID: "open", Path: "open", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
	}}
	c.Authenticate = func(r *http.Request) ([]string, bool) {
		user, _, ok := r.BasicAuth()
		if ok {
			NoteClients(r, user)
		}
		return []string{user}, ok
	}
	s := serving(t, c)
	for _, path := range []string{"/gold", "/open", "/directory"} {
		exchange(s, http.MethodGet, path, as("silver"), "")
		get(s, path)
	}
	NoteClients(httptest.NewRequest(http.MethodGet, "/", nil), "nobody")
	got, ok := s.ClientStats("silver")
	if want := (Counts{2, 1, 1}); !ok || got.Total != want {
		t.Errorf("silver has %+v, want %+v", got.Total, want)
	}
	if list := s.Clients(); len(list) != 1 {
		t.Errorf("clients %v", list)
	}
}
