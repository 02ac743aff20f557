package agent

import (
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/alto"
	"pgregory.net/rapid"
)

// TestFilteredID demands a resource ID that tells which map it is about.
func TestFilteredID(t *testing.T) {
	if got := filteredID("net"); got != "net-filtered" {
		t.Errorf("filteredID(net) = %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9a-zA-Z\-:@_]{40,64}`), 2, 2, rapid.ID).Draw(t, "ids")
		a, b := filteredID(ids[0]), filteredID(ids[1])
		if alto.CheckResourceID(a) != nil || !strings.HasSuffix(a, filteredSuffix) || a == b {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"Zürich → 東京", "Zürich → 東京"},
		{"two\nlines\tand", "two lines and"},
		{"nul\x00 bell\a escape\x1b", "nul bell escape"},
		{"bad \xff bytes", "bad  bytes"},
		{"\ufdd0\ufffe\U0001ffff", ""},
	} {
		if got := printable(c.in); got != c.want {
			t.Errorf("printable(%q) = %q, expected %q", c.in, got, c.want)
		}
	}
}

// TestTimestamp has the points where 32 bits of hundredths of a second begin anew.
func TestTimestamp(t *testing.T) {
	epoch := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const anew = (1 << 32) * 10 * time.Millisecond
	for _, c := range []struct {
		since, now time.Duration
		want       uint32
	}{
		{0, time.Hour, 0},
		{-time.Second, time.Hour, 0},
		{9 * time.Millisecond, time.Hour, 0},
		{10 * time.Millisecond, time.Hour, 1},
		{time.Hour, time.Hour, 360_000},
		{anew - 10*time.Millisecond, anew - time.Millisecond, 1<<32 - 1},
		{time.Hour, anew, 0},
		{anew, anew, 0},
		{anew + time.Second, anew + time.Hour, 100},
	} {
		a := &Agent{epoch: epoch, now: func() time.Time { return epoch.Add(c.now) }}
		if got := a.timestamp(epoch.Add(c.since)); got != c.want {
			t.Errorf("timestamp after %v = %d, expected %d", c.since, got, c.want)
		}
	}
}

// TestSharedMaps demands that equal maps become one, and that none is kept.
func TestSharedMaps(t *testing.T) {
	made := func(pid, tag string) *alto.NetworkMap {
		m, err := alto.NewNetworkMap([]alto.PID{{Name: pid, Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}})
		if err == nil && tag != "" {
			m, err = m.WithTag(tag)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	s := newSharedMaps()
	first := s.share(made("a", ""))
	if s.share(made("a", "")) != first {
		t.Error("an equal map is not shared")
	}
	if s.share(made("b", "")) == first || s.share(made("b", first.Tag())) == first || s.share(nil) != nil {
		t.Error("another map is taken for it")
	}
	runtime.KeepAlive(first)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		runtime.GC()
		s.mu.Lock()
		n := len(s.byTag)
		s.mu.Unlock()
		if n == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d maps are remembered that nobody has", n)
		}
	}
}
