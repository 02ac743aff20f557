package agent

import (
	"strconv"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore"
)

const (
	statisticsModule = "altoam-statistics"
	maxClientsPath   = serverPath + "/ietf-alto-stats:server-level-monitor-config/altoam-statistics:max-clients"
)

// settleClients has the server count the clients that the configuration has.
func (p *prepared) settleClients() {
	if s := p.agent.schema.Find(maxClientsPath); s != nil && p.change.monitor {
		p.agent.server.SetMaxClients(int(p.agent.number(p.next.root, maxClientsPath)))
	}
	for id, entry := range p.change.clients {
		if entry == nil {
			p.agent.server.ForgetClients(id)
		}
	}
}

// answersState writes what answers took; w is of another module.
func answersState(w *datastore.Writer, since time.Time, bytes uint64, l *alto.Latency) {
	w.Set(statisticsModule+":counters-since", dateAndTime(since)).Set(statisticsModule+":bytes-sent", bytes)
	w = w.In(statisticsModule+":latency").Set("count", l.Count).Set("sum", microseconds(l.Sum))
	if l.Count > 0 {
		w.Set("median", microseconds(l.Quantile(0.5))).
			Set("percentile-95", microseconds(l.Quantile(0.95))).
			Set("percentile-99", microseconds(l.Quantile(0.99)))
	}
	for i, n := range l.Counts {
		if n > 0 {
			w.Entry("bucket", bound(l.First+i)).Set("count", n)
		}
	}
}

// contentState writes what a resource serves.
func contentState(w *datastore.Writer, s *alto.ResourceStats) {
	w.Set(statisticsModule+":last-change", dateAndTime(s.Changed))
	if s.Tag != "" {
		w.Set(statisticsModule+":tag", s.Tag)
	}
	if s.Digest != "" {
		w.Set(statisticsModule+":digest", s.Digest)
	}
}

// clientState writes the requests of a client; w is its entry.
func (a *Agent) clientState(w *datastore.Writer, id string) {
	s, ok := a.side.ClientStats(id)
	if !ok {
		return
	}
	w.In(statisticsModule+":client-level-stats").Set("counters-since", dateAndTime(s.Since)).
		Set("requests", s.Total.Requests).Set("succeeded", s.Total.Succeeded).Set("failed", s.Total.Failed).
		Set("last-requests", s.Last.Requests).Set("last-succeeded", s.Last.Succeeded).Set("last-failed", s.Last.Failed)
}

// microseconds is a decimal64 with three fraction digits.
func microseconds(d time.Duration) string {
	text := strconv.FormatInt(int64(d), 10)
	for len(text) < 4 {
		text = "0" + text
	}
	return text[:len(text)-3] + "." + text[len(text)-3:]
}

// bound is that of a bucket, 0 for the one that has none.
func bound(i int) string {
	if b := alto.LatencyBound(i); b < time.Duration(1)<<62 {
		return microseconds(b)
	}
	return "0"
}
