package alto

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// budgets account for what clients take at this moment. The zero value is ready, and
// all methods are safe for concurrent use.
type budgets struct {
	active atomic.Int64 // requests that are being answered
	shards [budgetShards]budgetShard
}

// budgetShards is a power of two.
const budgetShards = 32

// budgetShard has the clients of a part of all addresses.
type budgetShard struct {
	mu      sync.Mutex
	clients map[netip.Addr]*budget
	kept    int // of clients, after those that nothing is owed had been dropped last
}

// budget is what one client takes. Guarded by the shard's mu.
type budget struct {
	active int       // requests that are being answered
	left   float64   // requests that may come at once
	at     time.Time // when left was that; zero: never
}

var budgetSeed = maphash.MakeSeed()

func (b *budgets) shard(client netip.Addr) *budgetShard {
	return &b.shards[maphash.Comparable(budgetSeed, client)%budgetShards]
}

// budgetKey is the client that an address is of.
func budgetKey(client netip.Addr) netip.Addr {
	if !client.Is6() {
		return client
	}
	prefix, err := client.WithZone("").Prefix(64)
	if err != nil {
		return client
	}
	return prefix.Addr()
}

// begin takes a request in, or tells which limit it exceeds. end must be called when it
// has been answered, and not where it is refused.
func (b *budgets) begin(client netip.Addr, l Limits, now time.Time) (end func(), exceeded Limit) {
	if active := b.active.Add(1); l.Requests > 0 && active > int64(l.Requests) {
		b.active.Add(-1)
		return nil, LimitRequests
	}
	if l.RequestsPerClient == 0 && l.RequestsPerSecond == 0 || !client.IsValid() {
		return func() { b.active.Add(-1) }, noLimit
	}
	key := budgetKey(client)
	shard := b.shard(key)
	if exceeded = shard.begin(key, l, now); exceeded != noLimit {
		b.active.Add(-1)
		return nil, exceeded
	}
	return func() {
		b.active.Add(-1)
		shard.end(key)
	}, noLimit
}

func (s *budgetShard) begin(client netip.Addr, l Limits, now time.Time) Limit {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[client]
	if c == nil {
		if s.clients == nil {
			s.clients = make(map[netip.Addr]*budget)
		}
		s.drop(now)
		c = new(budget)
		s.clients[client] = c
	}
	if l.RequestsPerClient > 0 && c.active >= l.RequestsPerClient {
		return LimitRequestsPerClient
	}
	if !c.take(l.RequestsPerSecond, now) {
		return LimitRequestsPerSecond
	}
	c.active++
	return noLimit
}

// take takes one request of perSecond, 0 being any number.
func (c *budget) take(perSecond int, now time.Time) bool {
	if perSecond == 0 {
		c.at = time.Time{}
		return true
	}
	if !c.has(perSecond, now) {
		return false
	}
	c.left--
	return true
}

// has tells whether one request of perSecond is left.
func (c *budget) has(perSecond int, now time.Time) bool {
	full := float64(perSecond)
	if c.at.IsZero() {
		c.left = full
	} else {
		c.left = min(full, c.left+now.Sub(c.at).Seconds()*full)
	}
	c.at = now
	return c.left >= 1
}

// drop forgets the clients that have all they may have, once those there are have
// doubled: what is remembered is of the clients of the last second. Needs mu.
func (s *budgetShard) drop(now time.Time) {
	const few = 64
	if len(s.clients) < max(few, 2*s.kept) {
		return
	}
	for client, c := range s.clients {
		if c.active == 0 && now.Sub(c.at) >= time.Second {
			delete(s.clients, client)
		}
	}
	s.kept = len(s.clients)
}

func (s *budgetShard) end(client netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[client]
	if c.active--; c.active == 0 && c.at.IsZero() {
		delete(s.clients, client)
	}
}
