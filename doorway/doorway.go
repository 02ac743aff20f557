// Package doorway bounds how many connections clients have open, so that a few clients keep
// nobody else out. There are two types: a [Doorway] counts the connections of a server, and
// a [Place] is one of them. Places that nobody uses at the moment are loose: where there are
// too many, the oldest loose one of the source with most of them ends for a newcomer.
//
// A source is an IPv4 address, or the first 64 bits of an IPv6 address, all of which one
// host commonly has.
package doorway

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Limits are how many may be open. 0 is any number.
type Limits struct {
	Open, OpenPerSource   int
	Loose, LoosePerSource int // of them that are loose
}

// Limit is one of Limits.
type Limit string

// The limits. None is that of no limit.
const (
	None           Limit = ""
	Open           Limit = "connections"
	OpenPerSource  Limit = "connections from the address"
	Loose          Limit = "loose connections"
	LoosePerSource Limit = "loose connections from the address"
)

// Doorway counts connections. The zero value is ready, and all methods are safe for
// concurrent use.
type Doorway struct {
	mu      sync.Mutex
	sources map[string]*source
	open    int
	loose   atomic.Int64
}

// source is where some connections come from. It is guarded by mu of the Doorway, but for
// loose.
type source struct {
	name   string
	places list.List // of *Place, the oldest first
	loose  atomic.Int64
}

// Place is one connection in a Doorway. It is loose until Hold is called.
type Place struct {
	d    *Doorway
	from *source
	cut  func()
	at   *list.Element // nil once it has left; guarded by mu of the Doorway
	uses atomic.Int64  // left and more once it has left
}

// left is more uses than there can be.
const left = 1 << 32

// Enter counts a connection from remote, or returns nil and which limit is in its way; then
// the caller closes it. Otherwise the caller calls Leave when it has ended. A limit with a
// Place is one for which another connection was cut: cut ends the connection without
// waiting, and is called once at most. Cost does not grow with the number of
// sources.
func (d *Doorway) Enter(remote net.Addr, l Limits, cut func()) (p *Place, reached Limit) {
	p, other, reached := d.enter(Source(remote.String()), l, cut)
	if other != nil {
		other.cut()
	}
	return p, reached
}

func (d *Doorway) enter(name string, l Limits, cut func()) (p, other *Place, reached Limit) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := d.sources[name]
	if from == nil {
		from = &source{name: name}
	}
	switch {
	case full(from.places.Len(), l.OpenPerSource):
		return nil, nil, OpenPerSource
	case full(int(from.loose.Load()), l.LoosePerSource):
		return nil, nil, LoosePerSource
	case full(d.open, l.Open):
		reached = Open
	case full(int(d.loose.Load()), l.Loose):
		reached = Loose
	}
	if reached != None {
		if other = d.crowding(from.loose.Load()); other == nil {
			return nil, nil, reached
		}
		d.forget(other)
	}
	if d.sources == nil {
		d.sources = map[string]*source{}
	}
	p = &Place{d: d, from: from, cut: cut}
	d.sources[name] = from
	p.at = from.places.PushBack(p)
	d.open++
	d.loose.Add(1)
	from.loose.Add(1)
	return p, other, reached
}

func full(n, most int) bool { return most > 0 && n >= most }

// sampled is how many sources are looked at for one that has more than its share.
const sampled = 64

// crowding is the oldest loose place of the source that has most of them, nil where none
// has more than so many. Of very many sources it looks at some, by chance. Needs mu.
func (d *Doorway) crowding(most int64) *Place {
	var crowd *source
	n := 0
	for _, s := range d.sources {
		if x := s.loose.Load(); x > most {
			most, crowd = x, s
		}
		if n++; n == sampled {
			break
		}
	}
	if crowd == nil {
		return nil
	}
	for e := crowd.places.Front(); e != nil; e = e.Next() {
		if p := e.Value.(*Place); p.uses.Load() == 0 {
			return p
		}
	}
	return nil
}

// forget takes a place out of all counts. Needs mu.
func (d *Doorway) forget(p *Place) {
	p.from.places.Remove(p.at)
	p.at = nil
	if p.from.places.Len() == 0 {
		delete(d.sources, p.from.name)
	}
	d.open--
	if p.uses.Add(left) == left {
		p.loosen(-1)
	}
}

// loosen adds to the numbers of loose places.
func (p *Place) loosen(n int64) {
	p.d.loose.Add(n)
	p.from.loose.Add(n)
}

// Hold makes a place used until Release was called as often: it is not loose, so that it
// does not end for others.
func (p *Place) Hold() {
	if p.uses.Add(1) == 1 {
		p.loosen(-1)
	}
}

// Release ends a Hold.
func (p *Place) Release() {
	if p.uses.Add(-1) == 0 {
		p.loosen(1)
	}
}

// Leave ends the count of a connection. A second call does nothing.
func (p *Place) Leave() {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if p.at != nil {
		p.d.forget(p)
	}
}

// Open is how many connections are open.
func (d *Doorway) Open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// Source is the name of the source of an address, with or without a port. What is none
// stands for itself.
func Source(remote string) string {
	a, err := netip.ParseAddr(remote)
	if at, is := netip.ParseAddrPort(remote); is == nil {
		a, err = at.Addr(), nil
	}
	if err != nil {
		return remote
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64) // any valid IPv6 address has one
	return p.String()
}
