package datastore

import (
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// Act is the kind of a Deed.
type Act uint8

// The acts.
const (
	Committed Act = iota // running has changed, or a confirmed commit was confirmed
	Edited               // another datastore has, or a change was refused or only tried
	Called               // an RPC
	Acted                // an action
	Looked               // a read
	Subscribed
	Unsubscribed
	Began // a session that lasts
	Ended
)

// Deed is what somebody did, or tried to do.
type Deed struct {
	Act     Act
	Session *Session // nil for the Store itself
	// Operation is what was asked for, in the words of RFC 6241 where it has one; of Ended it
	// is the reason.
	Operation string
	Datastore string // "" where it is about none
	Path      tree.Path
	DryRun    bool
	// Head is that of a commit; of a confirmation its Revision is 0. Confirm is the
	// confirm-event of RFC 6470, "" unless the commit is about a confirmed one.
	Head    persist.Head
	Confirm string
	// From and To are the datastore before and after; of what was refused what it would have
	// been, nil where that is not known. Where both are the same nothing changed.
	From, To *tree.Tree
	Diff     *tree.Diff // of From and To, where it is known already
	Err      error
}

// Observer is told of deeds, once each, when they are done and before whoever did them hears
// of it. Its methods are called by many goroutines, some with the Store's locks held: they are
// quick, and call nothing of the Store that changes it.
type Observer interface {
	// Observe takes deeds in the order in which they became what they are.
	Observe(...Deed)
	// Wants tells whether an Act is of interest.
	Wants(Act) bool
	// Ready refuses a change that could not be observed.
	Ready() error
}

// observe tells of what x, nil for the Store itself, did.
func (s *Store) observe(d Deed) {
	if s.observer != nil && s.observer.Wants(d.Act) {
		s.observer.Observe(d)
	}
}

// ready refuses changes while the observer does.
func (s *Store) ready() error {
	if s.observer == nil {
		return nil
	}
	return s.observer.Ready()
}

// attempt is a Deed under way.
type attempt struct {
	Deed
	told bool // as a commit
}

func (x *Session) attempt(act Act, operation string, ds string) *attempt {
	return &attempt{Deed: Deed{Act: act, Session: x, Operation: operation, Datastore: ds}}
}

// end tells how it came out, unless it was told of as a commit.
func (a *attempt) end(err error) {
	if !a.told {
		a.Err = err
		a.Session.store.observe(a.Deed)
	}
}

// would notes what datastores become. A nil to is not known.
func (a *attempt) would(from, to *tree.Tree) {
	if a != nil {
		a.From, a.To = from, to
	}
}

// observeCommits tells of a group that was made. was is the confirmed commit that waited before
// it. Needs writer.
func (s *Store) observeCommits(group []*staged, was *persist.Pending) {
	if s.observer == nil || !s.observer.Wants(Committed) {
		return
	}
	deeds := make([]Deed, 0, len(group))
	for _, x := range group {
		confirm := ""
		if x.pending != was {
			confirm = x.confirmEvent(was)
		}
		was = x.pending
		if !x.commits && confirm == "" {
			continue
		}
		d := Deed{Act: Committed, Session: x.turn.session, Datastore: Running.String(), Confirm: confirm, From: x.change.Old, To: x.change.New, Diff: x.change.Diff}
		if x.commits {
			d.Head = x.next.Head
		}
		if a := x.turn.attempt; a != nil {
			d.Operation, a.told = a.Operation, true
		}
		deeds = append(deeds, d)
	}
	if len(deeds) > 0 {
		s.observer.Observe(deeds...)
	}
}

// confirmEvent is what a turn means for a confirmed commit, of which was waited for its
// confirmation before: a value of confirm-event (RFC 6470 Section 2.2).
func (x *staged) confirmEvent(was *persist.Pending) string {
	switch {
	case x.pending != nil && was != nil:
		return "extend"
	case x.pending != nil:
		return "start"
	case x.turn.head.Kind != kindRevert:
		return "complete"
	case x.turn.expired:
		return "timeout"
	}
	return "cancel"
}

// subscribe is Broker.Subscribe, of which the observer is told, and of its end.
func (x *Session) subscribe(r notify.Request) (*notify.Subscription, error) {
	a := x.attempt(Subscribed, "", "")
	if a.Operation = r.Stream; a.Operation == "" {
		a.Operation = notify.NETCONF
	}
	r.Closed = func() { x.attempt(Unsubscribed, a.Operation, "").end(nil) }
	sub, err := x.store.events.Subscribe(r)
	a.end(err)
	return sub, err
}

// looked tells the observer of a read, of each subtree that was looked at.
func (x *Session) looked(ds Datastore, sel Selection, err error) {
	a := x.attempt(Looked, "", ds.String())
	for _, a.Path = range sel.Under[:min(len(sel.Under), mostLooks)] {
		a.end(err)
	}
	if len(sel.Under) == 0 || len(sel.Under) > mostLooks {
		a.Path = nil
		a.end(err)
	}
}

// mostLooks bounds the subtrees of one read that the observer is told of.
const mostLooks = 8
