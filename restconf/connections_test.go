package restconf

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
)

// doors opens connections to a Server.
type doors struct {
	*fixture
	cut []string // those that were cut
}

// enter opens one, unless it is refused.
func (d *doors) enter(from string, want bool) (leave func()) {
	d.t.Helper()
	leave, ok := d.server.EnterConnection(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from)), func() { d.cut = append(d.cut, from) })
	if ok != want {
		d.t.Fatalf("a connection from %s: %t, want %t", from, ok, want)
	}
	return leave
}

// wasCut says which connections have been cut since it was called last.
func (d *doors) wasCut(want string) {
	d.t.Helper()
	if got := strings.Join(d.cut, " "); got != want {
		d.t.Errorf("cut were %q, want %q", got, want)
	}
	d.cut = nil
}

func (d *doors) empty() {
	d.t.Helper()
	remembered := 0
	d.server.connections.remotes.Range(func(any, any) bool { remembered++; return true })
	if n := d.server.connections.Open(); n != 0 || remembered != 0 {
		d.t.Errorf("after all have left: %d, %d", n, remembered)
	}
}

func TestConnections(t *testing.T) {
	f := &doors{fixture: newFixture(t, func(o *Options) { o.MaxConnections = 6 }, policyModule)}
	enter := f.enter
	f.limit("connections-per-source", 2)
	f.limit("connections", 4)
	one := enter("[2001:db8::1]:1", true)
	two := enter("[2001:db8::2]:1", true)
	enter("[2001:db8::3%eth0]:1", false) // the same /64
	f.counted("connections-per-source", 1)
	three := enter("192.0.2.1:1", true)
	four := enter("[::ffff:192.0.2.1]:2", true)
	enter("192.0.2.1:3", false)
	f.counted("connections-per-source", 2)
	f.counted("connections", 0)
	one()
	five := enter("192.0.2.2:1", true)
	f.wasCut("")
	f.limit("connections", 0)
	f.limit("connections-per-source", 0)
	six := enter("192.0.2.1:3", true)
	enter("192.0.2.1:4", false) // half of what there may be
	seven := enter("[2001:db8:1::1]:1", true)
	enter("[2001:db8:1::1]:2", true)() // what there may be: for one of an address with more
	f.wasCut("192.0.2.1:1")
	f.counted("connections", 1)
	for _, leave := range []func(){two, three, four, five, six, seven} {
		leave()
	}
	f.empty()
}

// TestStrangersMakeRoom: where all connections there may be are open, those on which no user
// has sent a request end for newcomers, beginning with the address that has most of them.
func TestStrangersMakeRoom(t *testing.T) {
	f := &doors{fixture: newFixture(t, func(o *Options) { o.MaxConnections = 6 }, policyModule)}
	var leave []func()
	enter := func(from, cut string) {
		t.Helper()
		leave = append(leave, f.enter(from, true))
		f.wasCut(cut)
	}
	send := func(from string, password string, version int) {
		r := httptest.NewRequest(http.MethodGet, "/restconf", nil)
		r.RemoteAddr, r.ProtoMajor = from, version
		r.SetBasicAuth("admin", password)
		f.server.ServeHTTP(httptest.NewRecorder(), r)
	}
	for _, from := range []string{"192.0.2.1:1", "192.0.2.1:2", "192.0.2.1:3", "192.0.2.2:1", "192.0.2.2:2", "192.0.2.2:3"} {
		enter(from, "")
	}
	send("192.0.2.1:1", "secret", 2)
	send("192.0.2.2:1", "guess", 2)
	send("192.0.2.2:1", "secret", 3) // another connection, of QUIC
	enter("192.0.2.3:1", "192.0.2.2:1")
	send("192.0.2.2:2", "secret", 1)
	enter("192.0.2.4:1", "192.0.2.1:2")
	f.enter("192.0.2.4:2", false) // all have one
	for _, from := range []string{"192.0.2.1:3", "192.0.2.2:3", "192.0.2.3:1", "192.0.2.4:1"} {
		send(from, "secret", 1)
	}
	f.enter("192.0.2.6:1", false) // all are of users
	for _, end := range leave {
		end()
	}
	f.empty()
}

// TestStrangersTakeNoPlace: a request that waits to be authenticated is none of those that
// are being answered.
func TestStrangersTakeNoPlace(t *testing.T) {
	decided := make(chan struct{})
	waits := make(chan struct{}, 3)
	f := newFixture(t, func(o *Options) {
		known := o.Authenticate
		o.Authenticate = func(r *http.Request) (datastore.User, error) {
			if name, _, _ := r.BasicAuth(); name == "stranger" {
				waits <- struct{}{}
				<-decided
			}
			return known(r)
		}
	}, policyModule)
	f.limit("requests", 1)
	done := make(chan int, cap(waits))
	for range cap(waits) {
		go func() {
			r := httptest.NewRequest(http.MethodGet, "/restconf", nil)
			r.SetBasicAuth("stranger", "guess")
			w := httptest.NewRecorder()
			f.server.ServeHTTP(w, r)
			done <- w.Code
		}()
	}
	for range cap(waits) {
		<-waits
	}
	f.must(200, "GET /restconf")
	close(decided)
	for range cap(waits) {
		select {
		case code := <-done:
			if code != 401 {
				t.Errorf("a stranger was answered %d", code)
			}
		case <-time.After(time.Minute):
			t.Fatal("a stranger waits still")
		}
	}
	if n := f.server.answering.Load(); n != 0 {
		t.Errorf("%d requests are counted still", n)
	}
}
