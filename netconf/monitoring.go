package netconf

import (
	"context"
	"strconv"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// monitoring produces the state of ietf-netconf-monitoring (RFC 6022 Section 2).
type monitoring struct{ *Server }

// Paths implements datastore.StateProvider.
func (m *monitoring) Paths() []string { return []string{"/" + monitoringModule + ":netconf-state"} }

// State implements datastore.StateProvider.
func (m *monitoring) State(_ context.Context, _ datastore.StateRequest, root *tree.Mut) error {
	w := datastore.NewWriter(root)
	state := w.In(monitoringModule + ":netconf-state")
	capabilities := state.In("capabilities")
	for _, c := range m.capabilities {
		capabilities.Set("capability", c)
	}
	m.datastores(state.In("datastores"))
	m.schemas(state.In("schemas"))
	m.sessions(state.In("sessions"))
	m.statistics(state.In("statistics"))
	return w.Err()
}

func (m *monitoring) datastores(w *datastore.Writer) {
	locks := m.store.Locks()
	for _, ds := range []datastore.Datastore{datastore.Running, datastore.Candidate, datastore.Startup} {
		if ds == datastore.Startup && !m.store.HasStartup() {
			continue
		}
		if ds == datastore.Candidate && !enabled(m.schema, baseModule, "candidate") {
			continue
		}
		e := w.Entry("datastore", ds.String())
		if l, held := locks[ds]; held {
			e.In("locks").In("global-lock").Set("locked-by-session", l.Session).Set("locked-time", dateAndTime(l.Since))
		}
		if ds == datastore.Running {
			partialLocks(e, m.store.PartialLocks())
		}
	}
}

// partialLocks tells who has locked which parts of running (RFC 6022 Section 2.1.2).
func partialLocks(w *datastore.Writer, held []datastore.PartialLock) {
	for _, l := range held {
		e := w.In("locks").Entry("partial-lock", strconv.FormatUint(uint64(l.ID), 10))
		e.Set("locked-by-session", l.Session).Set("locked-time", dateAndTime(l.Since))
		for _, text := range l.Select {
			e.Set("select", text)
		}
		for _, p := range l.Nodes {
			e.Set("locked-node", p)
		}
	}
}

func (m *monitoring) schemas(w *datastore.Writer) {
	for _, x := range m.sources() {
		w.Entry("schema", x.name, x.revision, monitoringModule+":yang").Set("namespace", x.namespace).Set("location", "NETCONF")
	}
}

// sessions lists the sessions of transports that have an identity: those of
// RESTCONF have none.
func (m *monitoring) sessions(w *datastore.Writer) {
	for _, x := range m.store.Sessions() {
		if w.Full() {
			return
		}
		from := x.Source()
		if m.schema.Module(monitoringModule).Identity(from.Protocol) == nil {
			continue
		}
		e := w.Entry("session", strconv.FormatUint(uint64(x.ID()), 10))
		e.Set("transport", monitoringModule+":"+from.Protocol).Set("username", x.User().Name)
		if from.Address != "" {
			e.Set("source-host", from.Address)
		}
		e.Set("login-time", dateAndTime(x.Login()))
		c := &x.Counters
		setCounters(e, c.InRPCs.Load(), c.InBadRPCs.Load(), c.OutErrors.Load(), c.OutNotifications.Load())
	}
}

func (m *monitoring) statistics(w *datastore.Writer) {
	c := &m.counters
	w.Set("netconf-start-time", dateAndTime(m.started))
	w.Set("in-bad-hellos", uint32(c.badHellos.Load()))
	w.Set("in-sessions", uint32(c.sessions.Load()))
	w.Set("dropped-sessions", uint32(c.dropped.Load()))
	setCounters(w, c.inRPCs.Load(), c.inBadRPCs.Load(), c.outErrors.Load(), c.outNotifications.Load())
}

// setCounters sets the grouping common-counters, of 32 bits that wrap.
func setCounters(w *datastore.Writer, inRPCs, inBadRPCs, outErrors, outNotifications uint64) {
	w.Set("in-rpcs", uint32(inRPCs)).Set("in-bad-rpcs", uint32(inBadRPCs))
	w.Set("out-rpc-errors", uint32(outErrors)).Set("out-notifications", uint32(outNotifications))
}

// dateAndTime is a time as yang:date-and-time.
func dateAndTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
