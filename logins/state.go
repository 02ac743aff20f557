package logins

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// Paths implements datastore.StateProvider.
func (*Lockout) Paths() []string { return []string{at + "/locked", at + "/attempts"} }

// State implements datastore.StateProvider.
func (l *Lockout) State(_ context.Context, _ datastore.StateRequest, m *tree.Mut) error {
	all := datastore.NewWriter(m)
	w := all.In(module + ":logins")
	for _, c := range l.lockedNow() {
		if all.Full() {
			break
		}
		w.Entry("locked", c.service, c.user, sourceText(c.source)).Set("failures", c.failures).Set("until", dateAndTime(c.until))
	}
	for transport, n := range l.totals.byTransport() {
		w.Entry("attempts", transport).Set("success", n[Success]).Set("failure", n[Failure]).Set("locked", n[Locked])
	}
	return all.Err()
}

// locking is a count that is locked, and of which service.
type locking struct {
	service string
	count
}

// lockedNow is who is locked, those of a service with no place of their own once.
func (l *Lockout) lockedNow() (list []locking) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, g := range l.ledgers {
		rest := count{}
		for _, t := range g.tables() {
			t.all(func(c *count) {
				switch {
				case !c.locked(now):
				case c.key != key{}:
					list = append(list, locking{g.service, *c})
				case c.until.After(rest.until):
					rest = *c
				}
			})
		}
		if rest.locked(now) {
			list = append(list, locking{g.service, rest})
		}
	}
	return list
}

// byTransport are the totals.
func (t *totals) byTransport() map[string]map[Result]uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := map[string]map[Result]uint64{}
	for k, n := range t.counts {
		if all[k.transport] == nil {
			all[k.transport] = map[Result]uint64{}
		}
		all[k.transport][k.result] = n
	}
	return all
}

// sourceText is an address, or a prefix of more than one, "" for any.
func sourceText(p netip.Prefix) string {
	switch {
	case !p.IsValid():
		return ""
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}

// dateAndTime is a yang:date-and-time.
func dateAndTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// forget drops what holds back a user from a source, and tells how much of it was locked.
// "" and the zero Prefix are all of them.
func (l *Lockout) forget(service, user string, source netip.Prefix) (unlocked int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	both := user != "" && source.IsValid() // then also what holds back more than the two
	concerns := func(c key) bool {
		return (user == "" || c.user == user || both && c.user == "") &&
			(!source.IsValid() || c.source == source || both && !c.source.IsValid())
	}
	var tables []*table
	for _, g := range l.ledgers {
		if service == "" || service == g.service {
			tables = append(tables, g.tables()...)
		}
	}
	for _, t := range tables {
		t.all(func(c *count) {
			whole := c == &t.rest
			if whole && (user != "" || source.IsValid()) || !whole && !concerns(c.key) {
				return
			}
			if c.locked(now) {
				unlocked++
			}
			if whole {
				t.rest = count{}
			} else {
				t.drop(c.key)
			}
		})
	}
	return unlocked
}

// parseSource reads an address, or a prefix as sourceText writes it.
func parseSource(text string) (netip.Prefix, bool) {
	addr, _, prefix := strings.Cut(text, "/")
	source := Attempt{Remote: addr}.key().source
	return source, source.IsValid() && (!prefix || source.String() == text)
}
