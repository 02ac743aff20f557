package agent

import (
	"context"
	"errors"
	"strconv"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/logging"
)

// maxNodes bounds the nodes that a record of a change names.
const maxNodes = 20

// changeEvents subscribes to changes of configuration (RFC 6470 Section 2.2).
func changeEvents(s *datastore.Store) *notify.Subscription {
	sub, err := s.Events().Subscribe(notify.Request{Filter: func(e *notify.Event) bool { return e.Node().Name == "netconf-config-change" }})
	if err != nil {
		panic(err) // the stream NETCONF is always there
	}
	return sub
}

// logChanges logs changes of configuration until ctx ends.
func (l *Logging) logChanges(ctx context.Context) {
	sub := l.events
	defer func() { sub.Close() }()
	for {
		e, err := sub.Next(ctx)
		switch {
		case errors.Is(err, notify.ErrBehind):
			l.log.Warn("changes of configuration were not logged: there were too many at once")
			sub.Close()
			sub = changeEvents(l.store)
		case err != nil:
			return
		case l.router.Wants(logging.Change, logging.Notice):
			l.router.Log(changeRecord(e))
		}
	}
}

// changeRecord tells who made a change, and which nodes are others now.
func changeRecord(e *notify.Event) *logging.Record {
	root := e.Tree.Root()
	r := &logging.Record{Time: e.Time, Kind: logging.Change, Severity: logging.Notice}
	add := func(name, value string) {
		if value != "" {
			r.Params = append(r.Params, logging.Param{Name: name, Value: value})
		}
	}
	who := "the server"
	if by := below(root, "changed-by"); by != nil && !by.Leaf("username").IsZero() {
		who = by.Leaf("username").String()
		add("user", who)
		add("session", by.Leaf("session-id").String())
		add("address", by.Leaf("source-host").String())
	}
	ds := root.Leaf("datastore").String()
	add("datastore", ds)
	edits := 0
	for n := range entriesOf(root, "edit") {
		if edits++; edits <= maxNodes {
			add(n.Leaf("operation").String(), n.Leaf("target").String())
		}
	}
	add("edits", strconv.Itoa(edits))
	r.Message = who + " has changed " + ds
	return r
}

// entriesOf returns the entries of a list in n's own module.
func entriesOf(n *tree.Node, list string) func(func(*tree.Node) bool) {
	return n.Entries(n.Schema().Child(n.Schema().Module.Name, list))
}
