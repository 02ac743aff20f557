package agent

import (
	"maps"
	"slices"
	"time"

	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/southbound"
	"github.com/altoam/altoam/yang"
	"github.com/prometheus/client_golang/prometheus"
)

var (
	appliedDesc = metric("alto_server_applied", "Whether clients see what is configured.")
	startsDesc  = metric("alto_server_process_starts_total", "ALTO server processes that were started.")
)

func (a *Agent) collectSouthbound(ch chan<- prometheus.Metric) {
	side, agreed := a.side.Status(), 0.0
	if side.Agreed() {
		agreed = 1
	}
	gauge(ch, appliedDesc, agreed, nil)
	counter(ch, startsDesc, side.Starts, nil)
}

// worldOf returns what a version was made of, nil where there is none.
func worldOf(v *southbound.Version) *world {
	if v == nil {
		return nil
	}
	w, _ := v.Of.(*world)
	return w
}

// southboundState tells how far the server has come.
func (a *Agent) southboundState(w *datastore.Writer, side southbound.Status) {
	a.progress(w, side, side.Agreed(), side.Want.Mark)
	if side.Applied != nil {
		w.Set("applied-revision", side.Applied.Mark.Revision)
	}
	if side.Process != 0 {
		w.Set("process-id", side.Process)
	}
	w.Set("starts", side.Starts)
	for _, addr := range a.side.Addrs() {
		w.Set("address", addr.Addr)
	}
}

// progress tells how far the server has come with something that is wanted since a mark.
func (a *Agent) progress(w *datastore.Writer, side southbound.Status, agreed bool, since southbound.Mark) {
	state, lag, because := "applied", time.Duration(0), ""
	if !agreed {
		state, lag, because = "pending", a.side.Lag(since), side.Error
	}
	if agreed && len(side.Unbound) > 0 {
		because = side.Unbound[0].Error
	}
	if because != "" {
		state = "failed"
		w.Set("last-error", printable(because))
	}
	w.Set("state", state).Set("lag", lag.Milliseconds())
}

// appliedState tells how far the server has come with a resource.
func (a *Agent) appliedState(w *datastore.Writer, r *resource, side southbound.Status) {
	if r.fault != nil {
		w.Set("state", "failed").Set("last-error", printable(r.fault.Message)).Set("lag", 0)
		return
	}
	agreed := side.Applied != nil
	for _, s := range r.served {
		agreed = agreed && side.Applied.Snapshot.Resource(s.ID) == s
	}
	side.Unbound = nil // which is not about a resource
	a.progress(w, side, agreed, side.Want.MarkOf(r.id))
	if side.Applied == nil || side.Applied.Snapshot.Resource(r.id) == nil {
		return
	}
	w.Set("applied-revision", side.Applied.MarkOf(r.id).Revision)
	if v, ok := side.Applied.Snapshot.VTag(r.id); ok {
		w.Set("applied-tag", v.Tag)
	}
}

// realisedNodes are the children of alto-server, resources aside, that a process gets.
var realisedNodes = []string{"listen", "auth-client", "role", "cost-type", "meta"}

// showApplied takes out of operational what clients do not see yet (RFC 8342 Section 5.3):
// resources and what concerns all of them are shown as they were applied, and of a
// resource that was never applied no more than its key. Cost is that of what differs.
func (a *Agent) showApplied(m *tree.Mut, want *world, side southbound.Status) {
	if side.Agreed() || !side.Remote || side.Own {
		return
	}
	seen := worldOf(side.Applied)
	if seen == nil {
		seen = new(world)
	}
	server := m.Ensure(a.nodes.alto).Ensure(a.nodes.server)
	list := a.nodes.child("resource")
	persistent.Diff(seen.resources, want.resources, func(id string, before, now *resource) {
		switch {
		case m.Meter().Full(), before != nil && now != nil && before.entry == now.entry:
		case before != nil:
			server.Put(before.entry, tree.Position{})
		default:
			key := now.entry.KeyValues()
			server.DeleteEntry(list, tree.KeyOf(key...))
			server.AddEntry(list, slices.Clone(key), tree.Position{})
		}
	})
	if seen.reached != nil && seen.reached == want.reached {
		return
	}
	for _, name := range realisedNodes {
		if s := a.nodes.child(name); s != nil {
			a.showNode(server, s, seen.server)
		}
	}
}

// showNode replaces a child of alto-server by what seen has, which may be nil.
func (a *Agent) showNode(server *tree.Mut, s *yang.Node, seen *tree.Node) {
	server.Delete(s)
	if seen == nil {
		return
	}
	if s.Kind != yang.List {
		if n := seen.Child(s); n != nil {
			server.Put(n, tree.Position{})
		}
		return
	}
	for e := range seen.Entries(s) {
		server.Put(e, tree.Position{})
	}
}

// southboundConditions tells whether the process that serves cannot be managed, or
// refuses what is configured.
func (a *Agent) southboundConditions() []alarms.Condition {
	side := a.side.Status()
	if side.Error == "" {
		return nil
	}
	if side.Own {
		return []alarms.Condition{condition(serverPath, alarmSouthbound, alarms.Major, "the agent serves until the process can: %s", side.Error)}
	}
	return []alarms.Condition{condition(serverPath, alarmSouthbound, alarms.Critical, "%s", side.Error)}
}

// unboundAddresses are those that nothing listens on, in this process or in the one that
// serves, ascending. Needs mu.
func (a *Agent) unboundAddresses() []string {
	list := slices.Collect(maps.Keys(a.waiting))
	for _, u := range a.side.Status().Unbound {
		if u.Addr != "" {
			list = append(list, u.Addr)
		}
	}
	slices.Sort(list)
	return list
}

// apart tells of addresses where another process listens on them before or after.
func (e *effects) apart() {
	prev, next := e.prev, e.next
	switch {
	case prev.process == next.process:
	case next.process == nil:
		e.add("", "listen", "the agent serves itself; clients cannot connect for a moment")
	default:
		e.add("", "listen", "the process at %s serves; clients cannot connect for a moment", next.process.Socket)
	}
	if !e.change.listen {
		return
	}
	before, after := prev.listening.addresses(), next.listening.addresses()
	for _, addr := range slices.Sorted(maps.Keys(after)) {
		if !before[addr] {
			e.add("", "listen", "the server listens on %s", addr)
		}
	}
	for _, addr := range slices.Sorted(maps.Keys(before)) {
		if !after[addr] {
			e.add("", "listen", "the server listens on %s no longer", addr)
		}
	}
}
