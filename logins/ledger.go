package logins

import "time"

// What users are of: the management protocols, ALTO, and the metrics. Their names and
// passwords have nothing to do with each other.
const (
	management = "management"
	alto       = "alto"
	metrics    = "metrics"
)

// ledger is what is counted of the users of a service.
type ledger struct {
	service string
	pairs   *table // of users from sources
	sources *table
	users   *table
	good    *successes
	waiting int // attempts in all turns
}

func newLedger(service string) *ledger {
	return &ledger{service: service, pairs: newTable(most), sources: newTable(most), users: newTable(most), good: newSuccesses(most)}
}

func (g *ledger) tables() []*table { return []*table{g.pairs, g.sources, g.users} }

// ledger is the one that an attempt is counted in.
func (l *Lockout) ledger(a *Attempt) *ledger {
	switch a.Transport {
	case ALTO:
		return l.ledgers[1]
	case Metrics:
		return l.ledgers[2]
	}
	return l.ledgers[0]
}

// locked tells whether a password of the user from the source is to be refused.
func (g *ledger) locked(k key, now time.Time) bool {
	if g.good.has(k) {
		return g.pairs.own(k).locked(now)
	}
	return k.user != "" && (g.pairs.of(k).locked(now) || g.users.of(key{user: k.user}).locked(now)) ||
		g.sources.of(key{source: k.source}).locked(now)
}
