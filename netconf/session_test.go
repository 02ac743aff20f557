package netconf

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/altoam/altoam/netconf/transport"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

const hello10 = `<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>` +
	`<capability> urn:ietf:params:netconf:base:1.0?x=y </capability></capabilities></hello>`

func TestHello(t *testing.T) {
	const capabilities = `<capabilities><capability>urn:ietf:params:netconf:base:1.1</capability></capabilities>`
	tests := []struct {
		name, hello string
		ok          bool
	}{
		{"1.1", hello11, true},
		{"1.0 with parameter and white space", hello10, true},
		{"with prefix, declaration and what nobody knows", `<?xml version="1.0" encoding="UTF-8"?><nc:hello xmlns:nc="` + nsBase + `">` +
			`<mood xmlns="urn:x">fine</mood><nc:capabilities><nc:capability>urn:ietf:params:netconf:base:1.1</nc:capability></nc:capabilities></nc:hello>`, true},
		{"with session-id", `<hello xmlns="` + nsBase + `">` + capabilities + `<session-id>4</session-id></hello>`, false},
		{"without namespace", `<hello>` + capabilities + `</hello>`, false},
		{"no common version", `<hello xmlns="` + nsBase + `"><capabilities><capability>urn:ietf:params:netconf:base:2.0</capability></capabilities></hello>`, false},
		{"no capabilities", `<hello xmlns="` + nsBase + `"/>`, false},
		{"not XML", `hello`, false},
		{"an rpc", `<rpc message-id="1" xmlns="` + nsBase + `"><get/></rpc>`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := start(t, "", Options{})
			c := f.connect()
			if got := c.read(); !strings.Contains(got, "<session-id>1</session-id>") {
				t.Errorf("the server's hello: %s", got)
			}
			c.write(tt.hello)
			if tt.ok && tt.hello != hello10 {
				c.framer.SetChunked()
			}
			if tt.ok {
				c.must("<discard-changes/>")
			} else if got := c.read(); got != "" {
				t.Errorf("answer to a bad hello: %s", got)
			}
			c.close()
			f.serve.Wait()
			bad := uint64(1)
			if tt.ok {
				bad = 0
			}
			if f.server.counters.badHellos.Load() != bad || f.server.counters.sessions.Load() != 1-bad {
				t.Errorf("counted %d bad hellos, %d sessions", f.server.counters.badHellos.Load(), f.server.counters.sessions.Load())
			}
		})
	}
}

// TestHelloChunked sends the hello of a client that chunks it since it saw the
// server's :base:1.1.
func TestHelloChunked(t *testing.T) {
	f := start(t, "", Options{})
	c := f.connect()
	c.read()
	c.framer.SetChunked()
	c.write(hello11)
	c.must("<discard-changes/>")
	c.close()
}

// TestOldClient shows that a session of :base:1.0 is answered in its framing, and
// ends with what it has no error-tag for.
func TestOldClient(t *testing.T) {
	f := start(t, `<farm xmlns="urn:farm"><owner>]]&gt;]]&gt;</owner></farm>`, Options{})
	c := f.connect()
	c.read()
	c.write(hello10)
	if got := c.rpc("<get-config><source><running/></source></get-config>"); !strings.Contains(got, "<owner>]]&gt;]]&gt;</owner>") {
		t.Errorf("got %s", got)
	}
	c.write("<rpc")
	if got := c.read(); got != "" {
		t.Errorf("malformed-message is not for clients of 1.0: %s", got)
	}
}

func TestFramingEndsSession(t *testing.T) {
	f := start(t, "", Options{})
	c := f.session()
	c.must("<lock><target><running/></target></lock>")
	go io.WriteString(c.conn, "\n#0\n")
	if got := c.read(); got != "" {
		t.Errorf("answer to a bad chunk: %s", got)
	}
	f.serve.Wait()
	if len(f.store.Locks()) != 0 {
		t.Error("the lock outlives the session")
	}
	if n := f.server.counters.dropped.Load(); n != 1 {
		t.Errorf("%d dropped sessions", n)
	}
}

// TestTimeouts has a time of its own, in which only waiting takes time.
func TestTimeouts(t *testing.T) {
	schema(t)
	synctest.Test(t, func(t *testing.T) {
		f := start(t, "", Options{HelloTimeout: 30 * time.Second, IdleTimeout: time.Minute})
		begin := time.Now()
		after := func(want time.Duration, what string) {
			t.Helper()
			if d := time.Since(begin); d != want {
				t.Errorf("%s: after %v, want %v", what, d, want)
			}
		}
		silent := f.connect()
		silent.read()
		if got := silent.read(); got != "" {
			t.Errorf("without a hello: %s", got)
		}
		after(30*time.Second, "without a hello")
		c := f.session()
		for range 4 {
			time.Sleep(40 * time.Second)
			c.must("<discard-changes/>")
		}
		if got := c.read(); got != "" {
			t.Errorf("idle: %s", got)
		}
		after(250*time.Second, "idle")
	})
}

// TestKill shows that a killed session ends at once, even within a request.
func TestKill(t *testing.T) {
	f := start(t, "", Options{})
	victim, killer := f.session(), f.session()
	victim.must("<lock><target><running/></target></lock>")
	killer.must("<kill-session><session-id>1</session-id></kill-session>")
	if len(f.store.Locks()) != 0 {
		t.Error("the victim's lock is still held")
	}
	if got := victim.read(); got != "" {
		t.Errorf("the victim reads %s", got)
	}
	killer.must("<close-session/>")
	f.serve.Wait()
	if n := f.server.counters.dropped.Load(); n != 0 {
		t.Errorf("%d sessions count as dropped", n)
	}
}

// TestStateOnDemand shows that a provider runs only for what it has.
func TestStateOnDemand(t *testing.T) {
	f := start(t, `<top xmlns="http://example.com/schema/1.2/config"/>`, Options{})
	c := f.session()
	for _, filter := range []string{
		`<filter><top xmlns="http://example.com/schema/1.2/config"/></filter>`,
		`<filter type="xpath" xmlns:t="http://example.com/schema/1.2/config" select="/t:top"/>`,
		`<filter/>`, `<filter><x xmlns="urn:nobody"/></filter>`,
	} {
		if c.rpc("<get>" + filter + "</get>"); f.farm.reads() != 0 {
			t.Fatalf("the farm was asked for %s", filter)
		}
	}
	if c.rpc(`<get><filter><field xmlns="urn:farm"/></filter></get>`); f.farm.reads() != 1 {
		t.Error("the farm was not asked for its field")
	}
	c.close()
}

func TestPanicIsContained(t *testing.T) {
	f := start(t, "", Options{})
	c := f.session()
	if got := c.rpc(`<explode xmlns="urn:farm"/>`); !strings.Contains(got, "internal error") || strings.Contains(got, "boom") {
		t.Errorf("got %s", got)
	}
	c.must("<discard-changes/>")
	c.close()
}

func TestMetrics(t *testing.T) {
	f := start(t, "", Options{})
	c := f.session()
	c.must("<discard-changes/>")
	c.rpc("<get-config/>")
	c.rpc("<no-such/>")
	c.rpc(`<rest xmlns="urn:farm"/>`)
	c.must("<close-session/>")
	f.serve.Wait()
	want := `
# HELP altoam_netconf_rpcs_total NETCONF requests answered, by operation and result.
# TYPE altoam_netconf_rpcs_total counter
altoam_netconf_rpcs_total{operation="close-session",result="ok"} 1
altoam_netconf_rpcs_total{operation="discard-changes",result="ok"} 1
altoam_netconf_rpcs_total{operation="get-config",result="error"} 1
altoam_netconf_rpcs_total{operation="rest",result="ok"} 1
altoam_netconf_rpcs_total{operation="unknown",result="error"} 1
# HELP altoam_netconf_sessions_total NETCONF sessions started.
# TYPE altoam_netconf_sessions_total counter
altoam_netconf_sessions_total 1
`
	if err := testutil.CollectAndCompare(f.server, strings.NewReader(want), "altoam_netconf_rpcs_total", "altoam_netconf_sessions_total"); err != nil {
		t.Error(err)
	}
}

// TestManySessions has sessions edit running at the same time.
func TestManySessions(t *testing.T) {
	f := start(t, "", Options{})
	const sessions, edits = 8, 10
	var all sync.WaitGroup
	for i := range sessions {
		c := f.session()
		all.Go(func() {
			for j := range edits {
				c.must(`<edit-config><target><running/></target><config><farm xmlns="urn:farm"><stall><name>` +
					string(rune('a'+i)) + string(rune('a'+j)) + `</name></stall></farm></config></edit-config>`)
			}
			c.must("<close-session/>")
		})
	}
	all.Wait()
	n := f.store.Running().Tree.Root().Child(schema(t).Find("/farm:farm")).Len(schema(t).Find("/farm:farm/stall"))
	if n != sessions*edits {
		t.Errorf("%d stalls, want %d", n, sessions*edits)
	}
}

// TestLargeMessages sends and receives more than one chunk.
func TestLargeMessages(t *testing.T) {
	f := start(t, "", Options{})
	c := f.session()
	name := strings.Repeat("x", 300<<10)
	c.must(`<edit-config><target><running/></target><config><farm xmlns="urn:farm"><owner>` + name + `</owner></farm></config></edit-config>`)
	if got := c.rpc("<get-config><source><running/></source></get-config>"); !strings.Contains(got, ">"+name+"<") {
		t.Errorf("%d bytes came back", len(got))
	}
	c.close()
}

func TestTooBig(t *testing.T) {
	f := start(t, "", Options{Limits: transport.Limits{MaxMessage: 4096}})
	c := f.session()
	go func() {
		m := c.framer.NewMessage()
		m.WriteString(`<rpc message-id="1" xmlns="` + nsBase + `"><get>` + strings.Repeat(" ", 8192))
		_ = m.Close() // the server closes the connection meanwhile
	}()
	if got := c.read(); got != "" {
		t.Errorf("got %s", got)
	}
}

// TestHandleEndsWithoutReader shows that a client that never reads cannot keep a
// session that was killed.
func TestHandleEndsWithoutReader(t *testing.T) {
	f := start(t, "", Options{})
	near, far := net.Pipe()
	defer near.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.server.Handle(context.Background(), &transport.Conn{ReadWriteCloser: far, User: "ann", Transport: transport.NetconfSSH})
	}()
	for len(f.store.Sessions()) == 0 {
		time.Sleep(time.Millisecond)
	}
	f.store.Sessions()[0].Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the session did not end")
	}
}

// TestLostClient shows that a request that takes long does not keep the locks of
// a client that is gone.
func TestLostClient(t *testing.T) {
	f := start(t, "", Options{Grace: 10 * time.Millisecond})
	near, far := net.Pipe()
	defer near.Close()
	gone, lose := context.WithCancel(ctx)
	f.serve.Go(func() {
		f.server.Handle(gone, &transport.Conn{ReadWriteCloser: far, User: "ann", Transport: transport.NetconfSSH})
	})
	c := &client{f, near, transport.NewFramer(near, transport.Limits{})}
	c.read()
	c.write(hello11)
	c.framer.SetChunked()
	c.must("<lock><target><running/></target></lock>")
	c.write(`<rpc xmlns="` + nsBase + `" message-id="1"><sleep xmlns="urn:farm"/></rpc>`)
	lose()
	if got := c.read(); !strings.Contains(got, "operation-failed") {
		t.Errorf("got %s", got)
	}
	near.Close()
	f.serve.Wait()
	if l := f.store.Locks(); len(l) > 0 {
		t.Errorf("locks %v are left", l)
	}
}
