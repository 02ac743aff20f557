package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/yang"
	"github.com/prometheus/client_golang/prometheus"
)

const loggingPath = serverPath + "/logging-system"

// Paths implements datastore.StateProvider.
func (l *Logging) Paths() []string {
	return []string{loggingPath + "/altoam-logging:target/state", loggingPath + "/syslog-params/altoam-logging:destination"}
}

// State implements datastore.StateProvider: how targets do.
func (l *Logging) State(_ context.Context, req datastore.StateRequest, m *tree.Mut) error {
	server := l.nodes.serverIn(req.Running)
	if server == nil || below(server, "logging-system") == nil {
		return nil
	}
	l.shown.RLock()
	setup := l.setup
	l.shown.RUnlock()
	root := datastore.NewWriter(m)
	in := root.In("ietf-alto:alto").In("alto-server").In("logging-system")
	list := below(server, "logging-system").Schema().Child(loggingModule, "target")
	for _, t := range setup.targets {
		if list == nil {
			break
		}
		key, err := list.Keys[0].Type.Parse(t.Name, yang.JSONResolver{Default: loggingModule})
		if err == nil {
			targetState(in.Existing(loggingModule+":target", key).In("state"), t.Status())
		}
	}
	for _, r := range setup.conf.rules {
		targetState(in.In("syslog-params").Entry(loggingModule+":destination", printable(r.Action)), r.target.Status())
	}
	return root.Err()
}

func targetState(w *datastore.Writer, s logging.Status) {
	if !s.Since.IsZero() {
		w.Set("up", s.Up).Set("since", s.Since.UTC().Format(time.RFC3339Nano))
	}
	if s.LastError != "" {
		w.Set("last-error", printable(s.LastError))
	}
	w.Set("sent", s.Sent).Set("dropped", s.Dropped).Set("queued", s.Queued)
}

var (
	logUpDesc      = metric("log_target_up", "Whether the last attempt to write to a target of the log succeeded.", "target")
	logSentDesc    = metric("log_records_sent_total", "Records written to a target of the log.", "target")
	logDroppedDesc = metric("log_records_dropped_total", "Records for a target of the log that were not written.", "target")
	logQueuedDesc  = metric("log_records_queued", "Records that wait to be written to a target of the log.", "target")
)

// Describe implements prometheus.Collector.
func (l *Logging) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{logUpDesc, logSentDesc, logDroppedDesc, logQueuedDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (l *Logging) Collect(ch chan<- prometheus.Metric) {
	l.shown.RLock()
	setup := l.setup
	l.shown.RUnlock()
	seen := make(map[string]bool)
	for _, t := range setup.all() {
		if seen[t.Name] {
			continue
		}
		seen[t.Name] = true
		s, of := t.Status(), labelled(logUpDesc, t.Name)
		up := 0.0
		if s.Up {
			up = 1
		}
		gauge(ch, logUpDesc, up, of)
		counter(ch, logSentDesc, s.Sent, of)
		counter(ch, logDroppedDesc, s.Dropped, of)
		gauge(ch, logQueuedDesc, float64(s.Queued), of)
	}
}

var _ datastore.Effecter = (*preparedLogging)(nil)

// Effects implements datastore.Effecter: targets that come, go or begin anew.
func (p *preparedLogging) Effects() (list []datastore.Effect) {
	byName := func(targets []*logging.Target) map[string]string { // which one it is: what a target holds is not to be looked at
		which := make(map[string]string)
		for _, t := range targets {
			which[t.Name] = fmt.Sprintf("%p", t)
		}
		return which
	}
	eachDifference(byName(p.setup.all()), byName(p.next.all()), func(name, action string) {
		list = append(list, datastore.Effect{Action: action, Detail: fmt.Sprintf("log target %q", name)})
	})
	if p.setup.keep != p.next.keep {
		list = append(list, datastore.Effect{Action: "change", Detail: fmt.Sprintf(
			"the log keeps %d and %d bits of client addresses, before %d and %d", p.next.keep.IPv4, p.next.keep.IPv6, p.setup.keep.IPv4, p.setup.keep.IPv6)})
	}
	return list
}
