package doorway

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// world is a Doorway with what was cut in it.
type world struct {
	t *testing.T
	Doorway
	cut []string
}

func address(name string) net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(fmt.Sprintf("192.0.2.%d:%c", name[0], name[1])))
}

// enter opens a connection of that name: a letter for the source, and a digit. It tells
// what happens.
func (w *world) enter(name string, l Limits, want string) *Place {
	w.t.Helper()
	w.cut = nil
	p, limit := w.Enter(address(name), l, func() { w.cut = append(w.cut, name) })
	got := strings.Join(w.cut, " ")
	if p == nil {
		got = string(limit)
	}
	if got != want || (limit == None) != (want == "") {
		w.t.Errorf("%s: %q for %q, want %q", name, got, limit, want)
	}
	return p
}

func (w *world) empty() {
	w.t.Helper()
	if w.Open() != 0 || len(w.sources) != 0 || w.loose.Load() != 0 {
		w.t.Errorf("after all have left: %d open, %d loose, %v", w.open, w.loose.Load(), w.sources)
	}
}

// TestNewcomers: a newcomer gets the place of the source that has most, unless its own has
// as many.
func TestNewcomers(t *testing.T) {
	for what, l := range map[string]Limits{"open": {Open: 4, OpenPerSource: 3}, "loose": {Loose: 4, LoosePerSource: 3}} {
		t.Run(what, func(t *testing.T) {
			w := &world{t: t}
			places := map[string]*Place{}
			for _, c := range []struct{ name, want string }{
				{"a1", ""},
				{"a2", ""},
				{"a3", ""},
				{"b1", ""},
				{"c1", "a1"}, // the oldest of those with three
				{"d1", "a2"},
			} {
				places[c.name] = w.enter(c.name, l, c.want)
			}
			reached := map[string]Limit{"open": Open, "loose": Loose}[what]
			w.enter("a4", l, string(reached)) // all have one
			places["e1"] = w.enter("e1", Limits{Open: 5, OpenPerSource: 1}, "")
			for _, p := range places {
				p.Leave()
				p.Leave()
			}
			w.empty()
		})
	}
}

// TestPerSource: a source has its own bounds, and takes no place of others for them.
func TestPerSource(t *testing.T) {
	w := &world{t: t}
	l := Limits{OpenPerSource: 2, LoosePerSource: 1}
	one := w.enter("a1", l, "")
	w.enter("a2", l, string(LoosePerSource))
	one.Hold()
	two := w.enter("a2", l, "")
	two.Hold()
	w.enter("a3", l, string(OpenPerSource))
	three := w.enter("b1", l, "")
	for _, p := range []*Place{one, two, three} {
		p.Leave()
	}
	w.empty()
}

// TestHeld: what is used does not end for others.
func TestHeld(t *testing.T) {
	w := &world{t: t}
	l := Limits{Open: 3}
	one, two, three := w.enter("a1", l, ""), w.enter("a2", l, ""), w.enter("a3", l, "")
	one.Hold()
	one.Hold()
	three.Hold()
	four := w.enter("b1", l, "a2")
	two.Release() // and Hold, after the end
	four.Hold()
	w.enter("c1", l, string(Open))
	one.Release()
	w.enter("c1", l, string(Open))
	one.Release()
	five := w.enter("c1", l, "a1")
	for _, p := range []*Place{one, two, three, four, five} {
		p.Leave()
	}
	w.empty()
}

// TestCounts has connections come, be used and go at once: nothing is left of them.
func TestCounts(t *testing.T) {
	w := &world{t: t}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 2000 {
				p, _ := w.Enter(address(fmt.Sprintf("%c1", 'a'+rand.IntN(1+i))), Limits{Open: 5}, func() {})
				if p == nil {
					continue
				}
				p.Hold()
				p.Release()
				p.Leave()
			}
		})
	}
	all.Wait()
	w.empty()
}

func TestSource(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:1": "192.0.2.1", "[::ffff:192.0.2.1]:2": "192.0.2.1", "192.0.2.1": "192.0.2.1",
		"[2001:db8::1%eth0]:1": "2001:db8::/64", "2001:db8:0:1::": "2001:db8:0:1::/64", "@": "@",
	} {
		if got := Source(remote); got != want {
			t.Errorf("%s is of %s, want %s", remote, got, want)
		}
	}
}
