package netconf

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// limit sets limits over a session.
func (c *client) limit(content string) {
	c.t.Helper()
	c.must(`<edit-config><target><running/></target><config><netconf-limits xmlns="urn:altoam:yang:altoam-limits">` + content + `</netconf-limits></config></edit-config>`)
}

// counted waits until a limit was exceeded as often as wanted.
func (f *fixture) counted(limit string, want float64) {
	f.Helper()
	for range 500 {
		if testutil.ToFloat64(f.server.metrics.limited.WithLabelValues(limit)) == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.Errorf("%s counts %v, want %v", limit, testutil.ToFloat64(f.server.metrics.limited.WithLabelValues(limit)), want)
}

// TestSessionLimits changes each limit of sessions while the server runs, and exceeds it.
func TestSessionLimits(t *testing.T) {
	for _, limit := range []string{"sessions", "sessions-per-user", "sessions-per-source"} {
		t.Run(limit, func(t *testing.T) {
			f := start(t, "", Options{}, limitsModule)
			c := f.session()
			c.limit(fmt.Sprintf("<%s>2</%[1]s>", limit))
			second := f.session()
			refused := f.connect()
			if got := refused.read(); got != "" {
				t.Errorf("the third session got %s", got)
			}
			f.counted(limit, 1)
			second.must("<close-session/>")
			for len(f.store.Sessions()) > 1 {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(10 * time.Millisecond)
			f.session().must("<close-session/>")
			c.limit(fmt.Sprintf(`<%s xmlns:nc="%s" nc:operation="delete"/>`, limit, nsBase))
			a, b := f.session(), f.session()
			a.close()
			b.close()
			c.close()
		})
	}
}

func TestRequestLimits(t *testing.T) {
	f := start(t, "", Options{}, limitsModule)
	c := f.session()
	c.limit("<nesting-depth>12</nesting-depth>")
	deep := "<get><filter>" + strings.Repeat("<a>", 20) + strings.Repeat("</a>", 20) + "</filter></get>"
	if got := c.rpc(deep); !strings.Contains(got, "too-big") {
		t.Errorf("nested too deep: %s", got)
	}
	f.counted("request-content", 1)
	c.limit("<requests-per-second>3</requests-per-second>")
	denied := 0
	for range 10 {
		if strings.Contains(c.rpc("<discard-changes/>"), "resource-denied") {
			denied++
		}
	}
	if denied < 4 || denied > 7 { // one or two seconds
		t.Errorf("%d of 10 requests were denied, want 7", denied)
	}
	f.counted("requests-per-second", float64(denied))
	c.close()

	c = f.session()
	large := f.session() // open before the limit changes
	c.limit("<message-size>4096</message-size>")
	go func() {
		m := large.framer.NewMessage()
		m.WriteString(`<rpc message-id="1" xmlns="` + nsBase + `"><get>` + strings.Repeat(" ", 8192))
		_ = m.Close() // the server closes the connection meanwhile
	}()
	if got := large.read(); got != "" {
		t.Errorf("a message that is too large: %s", got)
	}
	f.counted("message-size", 1)
	c.close()
}

func TestTimeLimits(t *testing.T) {
	t.Parallel()
	f := start(t, "", Options{}, limitsModule)
	c := f.session()
	c.limit("<hello-timeout>1</hello-timeout><write-timeout>1</write-timeout>")
	silent := f.connect()
	silent.read()
	if got := silent.read(); got != "" {
		t.Errorf("without a hello: %s", got)
	}
	f.counted("hello-timeout", 1)
	deaf := f.session()
	deaf.write(`<rpc message-id="1" xmlns="` + nsBase + `"><get/></rpc>`)
	f.counted("write-timeout", 1)
	other := f.session() // silent from before the limit
	c.limit("<idle-timeout>1</idle-timeout>")
	for _, idle := range []*client{c, other} {
		if got := idle.read(); got != "" {
			t.Errorf("idle: %s", got)
		}
	}
	f.counted("idle-timeout", 2)
}
