package agent_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"testing"
	"time"
)

// TestConnections configures how many connections clients may open, while they do.
func TestConnections(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	at, err := url.Parse(l.base())
	if err != nil {
		t.Fatal(err)
	}
	dial := func() net.Conn {
		nc, err := net.Dial("tcp", at.Host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		return nc
	}
	closed := func(nc net.Conn, within time.Duration) bool {
		_ = nc.SetReadDeadline(time.Now().Add(within))
		_, err := nc.Read(make([]byte, 1))
		return err != nil && (errors.Is(err, io.EOF) || !errors.Is(err, os.ErrDeadlineExceeded))
	}
	first := dial()
	for _, limit := range []string{"connections", "connections-per-client"} {
		l.must(l.merge(rulesOf(object{"budgets": object{limit: 1}})))
		if !closed(dial(), 10*time.Second) {
			t.Errorf("%s: a second connection is open", limit)
		}
		if l.limited(limit) == 0 {
			t.Errorf("%s does not count", limit)
		}
		l.must(l.merge(rulesOf(object{"budgets": object{limit: 0}})))
		if closed(dial(), 100*time.Millisecond) {
			t.Errorf("%s: a second connection is closed without a bound", limit)
		}
	}
	if closed(first, 100*time.Millisecond) {
		t.Error("a connection that was open was closed")
	}
}
