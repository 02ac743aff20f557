package datastore

import (
	"context"
	"net/netip"
	"time"

	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// netconfEvents is the module of RFC 6470. Without it the Store has no events of its own.
const netconfEvents = "/ietf-netconf-notifications:"

// restconf is the Source.Protocol of sessions that are no NETCONF sessions.
const restconf = "restconf"

// Events is the Broker that all events of this Store go to.
func (s *Store) Events() *notify.Broker { return s.events }

// Publish gives an event to the subscribers, once its content is found valid (RFC 7950
// Section 8.1). It waits for nobody.
func (s *Store) Publish(ctx context.Context, e notify.Event) error {
	if errs := s.validator.InputAt(ctx, e.Node(), e.Path, e.Tree, s.running.Load().Tree); len(errs) > 0 {
		return rpcerr.Join(errs)
	}
	return s.events.Publish(e)
}

// event publishes a notification of RFC 6470 that fill writes, where the schema has it.
func (s *Store) event(name string, fill func(*tree.Mut, *Writer)) {
	n := s.schema.Find(netconfEvents + name)
	if n == nil || n.Kind != yang.Notification {
		return
	}
	m := tree.New(n).Mutate()
	w := NewWriter(m)
	fill(m, w)
	err := w.Err()
	if err == nil {
		err = s.events.Publish(notify.Event{Tree: m.Done()})
	}
	if err != nil {
		s.log.Error("event not published", "event", name, "error", err)
	}
}

// AnnounceStart publishes that the session has started.
func (x *Session) AnnounceStart() {
	x.began.Store(true)
	x.attempt(Began, "", "").end(nil)
	x.store.event("netconf-session-start", func(_ *tree.Mut, w *Writer) { x.describe(w) })
}

// AnnounceEnd publishes that the session has ended; reason is one of the names of
// termination-reason.
func (x *Session) AnnounceEnd(reason string) {
	if !x.began.Load() { // the user has logged in all the same
		x.attempt(Began, "", "").end(nil)
	}
	x.attempt(Ended, reason, "").end(nil)
	x.store.event("netconf-session-end", func(_ *tree.Mut, w *Writer) {
		x.describe(w)
		if by := x.killedBy.Load(); by != 0 && reason == "killed" {
			w.Set("killed-by", by)
		}
		w.Set("termination-reason", reason)
	})
}

// describe writes the grouping common-session-parms: sessions of other protocols have
// the number 0.
func (x *Session) describe(w *Writer) {
	id := x.id
	if x.source.Protocol == restconf {
		id = 0
	}
	sessionParms(w, x.user.Name, id, x.source.Address)
}

func sessionParms(w *Writer, user string, id uint32, address string) {
	w.Set("username", user).Set("session-id", id)
	if _, err := netip.ParseAddr(address); err == nil {
		w.Set("source-host", address)
	}
}

// announce publishes what a group that was made has changed. was is the confirmed
// commit that waited before it. Needs writer.
func (s *Store) announce(group []*staged, was *persist.Pending) {
	for _, x := range group {
		if x.commits {
			s.announceChange(x.turn.session, Running, x.change.Diff)
		}
		if x.pending != was {
			s.announceConfirm(x, was)
		}
		was = x.pending
	}
}

// announceStartup publishes how x has changed startup, which was was.
func (x *Session) announceStartup(was *tree.Tree) {
	if d := tree.Compare(was, x.store.startup.tree.Load()); !d.Empty() {
		x.store.announceChange(x, Startup, d)
	}
}

// announceChange publishes a change of running or startup by x, nil for the Store itself.
func (s *Store) announceChange(x *Session, ds Datastore, d *tree.Diff) {
	s.event("netconf-config-change", func(m *tree.Mut, w *Writer) {
		by := w.In("changed-by")
		if x == nil {
			by.Set("server", "")
		} else {
			x.describe(by)
		}
		w.Set("datastore", ds)
		list := m.Schema().Child(m.Schema().Module.Name, "edit")
		for _, e := range edits(d) {
			e = e.named()
			entry, _ := m.AddEntry(list, nil, tree.Position{})
			edit := &Writer{m: entry, err: w.err}
			if len(e.target) > 0 { // not the whole datastore
				edit.Set("target", e.target.String())
			}
			edit.Set("operation", e.operation)
		}
	})
}

// announceConfirm publishes what a turn means for a confirmed commit: was waited for its
// confirmation before.
func (s *Store) announceConfirm(x *staged, was *persist.Pending) {
	event, timeout := x.confirmEvent(was), time.Duration(0)
	if x.pending != nil {
		timeout = x.pending.Deadline.Sub(s.now())
	}
	s.event("netconf-confirmed-commit", func(_ *tree.Mut, w *Writer) {
		switch {
		case event == "timeout":
		case x.turn.session != nil:
			x.turn.session.describe(w)
		case s.awaiting != nil: // it has ended
			s.awaiting.describe(w)
		default:
			sessionParms(w, "start", 0, "")
		}
		w.Set("confirm-event", event)
		if x.pending != nil {
			w.Set("timeout", max(0, int64(timeout.Round(time.Second)/time.Second)))
		}
	})
	if s.awaiting = nil; x.pending != nil {
		s.awaiting = x.turn.session
	}
}
