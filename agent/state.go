package agent

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// maxSkipped bounds the skipped records of a source that are listed.
const maxSkipped = 100

// Paths implements datastore.StateProvider.
func (a *Agent) Paths() []string {
	return append([]string{
		serverPath + "/ietf-alto-stats:server-level-stats",
		serverPath + "/resource/ietf-alto-stats:resource-level-stats",
		serverPath + "/data-source/altoam-source:source-state",
		serverPath, // what has not been applied is not shown
		serverPath + "/auth-client/altoam-statistics:client-level-stats",
		alarmListPath,
		serverPath + "/resource/" + guardModule + ":guard/held",
		serverPath + "/resource/" + mapSizeModule + ":map-size/advice",
		probePath + "/probe-state",
	}, guidePaths...)
}

// State implements datastore.StateProvider: statistics, the state of sources and that of
// discovery, for the entries that are asked for.
func (a *Agent) State(_ context.Context, req datastore.StateRequest, m *tree.Mut) error {
	w, root := a.world.Load(), datastore.NewWriter(m)
	if a.nodes.alarms != nil && req.Wants(tree.Path{{Schema: a.nodes.alarms}}) {
		a.alarmState(root.In(alarmsModule + ":alarms").In("alarm-list"))
	}
	a.guide.state(req, w, root)
	if a.nodes.serverIn(req.Running) == nil || w.server == nil {
		return root.Err()
	}
	base := tree.Path{{Schema: a.nodes.alto}, {Schema: a.nodes.server}}
	side := a.side.Status()
	a.showApplied(m, w, side)
	server := root.In("ietf-alto:alto").In("alto-server")
	wants := func(list, module, name string, key yang.Value) bool {
		p := base
		s := a.nodes.server
		if list != "" {
			s = a.nodes.child(list)
			p = p.Join(tree.Step{Schema: s, Keys: []yang.Value{key}})
		}
		child := s.Child(module, name)
		return child != nil && req.Wants(p.Join(tree.Step{Schema: child}))
	}
	if wants("", statsModule, "server-level-stats", yang.Value{}) {
		a.serverState(server.In(statsModule + ":server-level-stats"))
	}
	if wants("", southboundModule, "southbound-state", yang.Value{}) {
		a.southboundState(server.In(southboundModule+":southbound-state"), side)
	}
	a.guardState(server, w)
	a.probeState(server)
	a.wanted(req, root, w.server, "resource", func(e *tree.Node) {
		key := e.KeyValues()[0]
		r := w.resources.At(key.String())
		if r == nil {
			return
		}
		if wants("resource", statsModule, "resource-level-stats", key) {
			a.resourceState(server.Existing("resource", key).In(statsModule+":resource-level-stats"), r)
		}
		if wants("resource", southboundModule, "applied-state", key) {
			a.appliedState(server.Existing("resource", key).In(southboundModule+":applied-state"), r, side)
		}
		if wants("resource", mapSizeModule, "map-size", key) {
			mapSizeState(server, w, key)
		}
	})
	a.wanted(req, root, w.server, "data-source", func(e *tree.Node) {
		key := e.KeyValues()[0]
		s := w.sources.At(key.String())
		if s != nil && wants("data-source", "altoam-source", "source-state", key) {
			at := server.Existing("data-source", key).In("altoam-source:source-state")
			sourceState(at, w.status(s), w.data.At(s.id), time.Now())
			a.freshState(at, s)
		}
	})
	a.wanted(req, root, w.server, "auth-client", func(e *tree.Node) {
		key := e.KeyValues()[0]
		if wants("auth-client", statisticsModule, "client-level-stats", key) {
			a.clientState(server.Existing("auth-client", key), key.String())
		}
	})
	return root.Err()
}

// wanted calls f for the entries of a list that are asked for: by key where only such
// are, so that the cost does not grow with the list. It ends once root is full.
func (a *Agent) wanted(req datastore.StateRequest, root *datastore.Writer, server *tree.Node, list string, f func(*tree.Node)) {
	s := a.nodes.child(list)
	if s == nil {
		return
	}
	at := tree.Path{{Schema: a.nodes.alto}, {Schema: a.nodes.server}, {Schema: s}}
	keyed := make(map[*tree.Node]bool)
	all := len(req.Under) == 0
	for _, u := range req.Under {
		one := datastore.StateRequest{Under: []tree.Path{u}}
		switch {
		case !one.Wants(at):
		case len(u) < len(at) || len(u[2].Keys) == 0:
			all = true
		default:
			if e := server.Entry(s, tree.KeyOf(u[2].Keys...)); e != nil {
				keyed[e] = true
			}
		}
	}
	found := maps.Keys(keyed)
	if all {
		found = server.Entries(s)
	}
	for e := range found {
		if root.Full() {
			return
		}
		f(e)
	}
}

// timestamp is a yang:timestamp: hundredths of a second since the epoch, or since they
// last were 2^32, as they are every 497 days; 0 for what was before (RFC 6991 Section 3).
func (a *Agent) timestamp(t time.Time) uint32 {
	ticks := func(t time.Time) int64 { return int64(t.Sub(a.epoch) / (10 * time.Millisecond)) }
	if at := ticks(t); at >= 0 && at>>32 == ticks(a.now())>>32 {
		return uint32(at)
	}
	return 0
}

func (a *Agent) serverState(w *datastore.Writer) {
	s, ok := a.side.Stats()
	if !ok {
		return // the process that serves is away and has never answered
	}
	w.Set("discontinuity-time", a.timestamp(s.Discontinuity)).
		Set("last-report-time", a.timestamp(s.Reported)).
		Set("num-total-req", s.Total.Requests).
		Set("num-total-succ", s.Total.Succeeded).
		Set("num-total-fail", s.Total.Failed).
		Set("num-total-last-req", s.Last.Requests).
		Set("num-total-last-succ", s.Last.Succeeded).
		Set("num-total-last-fail", s.Last.Failed).
		Set(statisticsModule+":other-client-requests", s.OtherClients.Requests)
	answersState(w, s.Started, s.BytesSent, &s.Latency)
}

func (a *Agent) resourceState(w *datastore.Writer, r *resource) {
	s, ok := a.side.ResourceStats(r.id)
	if !ok {
		return // it has been deleted in the meantime
	}
	w.Set("discontinuity-time", a.timestamp(s.Discontinuity)).
		Set("last-report-time", a.timestamp(s.Reported)).
		Set("num-res-upd", s.Updates).
		Set("res-mem-size", s.MemoryBytes).
		Set("res-enc-size", s.EncodedBytes).
		Set("num-res-req", s.Total.Requests).
		Set("num-res-succ", s.Total.Succeeded).
		Set("num-res-fail", s.Total.Failed).
		Set("num-res-last-req", s.Last.Requests).
		Set("num-res-last-succ", s.Last.Succeeded).
		Set("num-res-last-fail", s.Last.Failed)
	answersState(w, s.Created, s.BytesSent, &s.Latency)
	contentState(w, &s)
	for _, f := range r.kind.figures {
		w.In(f.container).Set(f.leaf, f.value(s))
	}
}

func sourceState(w *datastore.Writer, status driver.Status, data *driver.Data, now time.Time) {
	instant := func(leaf string, t time.Time) {
		if !t.IsZero() {
			w.Set(leaf, t.UTC().Format(time.RFC3339Nano))
		}
	}
	instant("last-success", status.LastSuccess)
	instant("last-attempt", status.LastAttempt)
	if status.LastError != "" {
		w.Set("last-error", printable(status.LastError))
	}
	w.Set("stale", status.Stale())
	if status.Transfer != nil {
		transferState(w.In(remoteModule+":transfer"), &status, now)
	}
	if data == nil {
		return
	}
	w.Set("records", data.Records()).Set("skipped", len(data.Skipped))
	for i, skipped := range data.Skipped {
		if i == maxSkipped {
			break
		}
		w.Entry("skipped-record", printable(skipped.Location), printable(skipped.Value)).Set("reason", printable(skipped.Reason))
	}
	for _, c := range data.Conflicts {
		e := w.Entry("conflict", c.Prefix.String())
		for _, name := range c.Claimants {
			e.Set("claimant", printable(name))
		}
		if c.Winner != "" {
			e.Set("winner", printable(c.Winner))
		}
	}
}

// status is that of a source, with the refusal of data that could be read but not be
// served.
func (w *world) status(s *source) driver.Status {
	_, status := s.Snapshot()
	if status.LastError == "" {
		status.LastError = w.unfit[s.id]
	}
	if status.LastSuccess.IsZero() {
		status.LastSuccess = s.keptFrom
	}
	if refused := s.refused.Load(); refused != nil && status.LastError == "" {
		status.LastError = *refused
	}
	return status
}

// printable drops what a YANG string cannot hold (RFC 7950 Section 9.4).
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < 0x20 || r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
