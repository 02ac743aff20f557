package daemon

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// manager listens as a service manager does, at a path or, with an @, an abstract name.
func manager(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return c
}

func heard(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func TestNotify(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "s"), "@altoam-test-" + strconv.Itoa(os.Getpid())} {
		c := manager(t, path)
		for _, state := range []string{Ready, Stopping} {
			if err := Notify(state); err != nil {
				t.Fatal(err)
			}
			if got := heard(t, c); got != state {
				t.Errorf("%s: %q, want %q", path, got, state)
			}
		}
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	if Notify(Ready) == nil {
		t.Error("nobody listens, and it is no error")
	}
	t.Setenv("NOTIFY_SOCKET", "")
	if err := Notify(Ready); err != nil {
		t.Error(err)
	}
}

// TestWatchdog shows that words come as long as works returns, and no longer.
func TestWatchdog(t *testing.T) {
	c := manager(t, filepath.Join(t.TempDir(), "s"))
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		Watchdog(ctx, func() {
			if calls++; calls == 3 {
				<-ctx.Done()
			}
		})
	}()
	for range 2 {
		if got := heard(t, c); got != alive {
			t.Errorf("%q", got)
		}
	}
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 64)); err == nil {
		t.Errorf("%d octets from a process that hangs", n)
	}
	cancel()
	<-done

	for name, env := range map[string]string{"WATCHDOG_PID": "1", "WATCHDOG_USEC": "x"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, env)
			Watchdog(t.Context(), func() { t.Error("asked") }) // returns at once
		})
	}
}
