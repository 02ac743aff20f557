package logins

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// totals counts attempts by transport and result.
type totals struct {
	mu     sync.Mutex
	counts map[total]uint64
}

type total struct {
	transport string
	result    Result
}

func (t *totals) add(a *Attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[total]uint64{}
	}
	t.counts[total{a.Transport, a.Result}]++
}

var (
	totalDesc  = prometheus.NewDesc("altoam_logins_total", "Attempts to log in. Over HTTP each request is one.", []string{"transport", "result"}, nil)
	lockedDesc = prometheus.NewDesc("altoam_logins_locked", "What is locked now after failed logins.", []string{"service", "what"}, nil)
)

// Describe implements prometheus.Collector.
func (l *Lockout) Describe(ch chan<- *prometheus.Desc) { ch <- totalDesc; ch <- lockedDesc }

// Collect implements prometheus.Collector.
func (l *Lockout) Collect(ch chan<- prometheus.Metric) {
	l.totals.mu.Lock()
	for k, n := range l.totals.counts {
		ch <- prometheus.MustNewConstMetric(totalDesc, prometheus.CounterValue, float64(n), k.transport, string(k.result))
	}
	l.totals.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, g := range l.ledgers {
		for what, t := range map[string]*table{"user-from-source": g.pairs, "source": g.sources, "user": g.users} {
			n := 0
			t.all(func(c *count) {
				if c.locked(now) {
					n++
				}
			})
			ch <- prometheus.MustNewConstMetric(lockedDesc, prometheus.GaugeValue, float64(n), g.service, what)
		}
	}
}
