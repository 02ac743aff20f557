package history

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// commits produces the state below /altoam-commit:commits.
type commits struct {
	store          *datastore.Store
	top, list      *yang.Node
	commit, awaits tree.Path // of the list, and of pending
}

func newCommits(s *datastore.Store) *commits {
	top := s.Schema().Find("/" + module + ":commits")
	list, pending := top.Child(module, "commit"), top.Child(module, "pending")
	at := tree.Path{{Schema: top}}
	return &commits{
		store: s, top: top, list: list,
		commit: at.Join(tree.Step{Schema: list}), awaits: at.Join(tree.Step{Schema: pending}),
	}
}

// Paths implements datastore.StateProvider.
func (c *commits) Paths() []string { return []string{c.list.Path(), c.awaits.Schema().Path()} }

// State implements datastore.StateProvider. A read of single entries costs no more
// than to look for them.
func (c *commits) State(ctx context.Context, req datastore.StateRequest, m *tree.Mut) error {
	w := datastore.NewWriter(m)
	if p := c.store.Pending(); p != nil && req.Wants(c.awaits) {
		writePending(w.In(module+":commits").In("pending"), p)
	}
	if !req.Wants(c.commit) {
		return w.Err()
	}
	top := w.In(module + ":commits")
	only, some := c.only(req.Under)
	if !some {
		if err := c.store.Commits(ctx, 0, func(h persist.Head) bool {
			writeCommit(top, h)
			return !w.Full()
		}); err != nil {
			return err
		}
	}
	for _, n := range only {
		if err := c.store.Commits(ctx, n, func(h persist.Head) bool {
			if h.Revision == n {
				writeCommit(top, h)
			}
			return false
		}); err != nil {
			return err
		}
	}
	return w.Err()
}

// only returns the numbers of the commits that are read; some is false where all are.
func (c *commits) only(under []tree.Path) (numbers []uint64, some bool) {
	for _, p := range under {
		switch {
		case len(p) > 0 && p[0].Schema != c.top || len(p) > 1 && p[1].Schema != c.list:
			continue
		case len(p) < 2 || len(p[1].Keys) == 0:
			return nil, false
		}
		some = true
		if n, _ := p[1].Keys[0].Uint(); n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	slices.Reverse(numbers) // in the order of the list
	return numbers, some
}

func writePending(w *datastore.Writer, p *persist.Pending) {
	w.Set("base", p.Base).Set("deadline", dateAndTime(p.Deadline))
	w.Set("session-id", p.Session).Set("persistent", p.PersistID != "")
}

func writeCommit(w *datastore.Writer, h persist.Head) {
	e := w.Entry("commit", strconv.FormatUint(h.Revision, 10))
	kind := h.Kind
	if kind == "" {
		kind = "edit"
	}
	e.Set("time", dateAndTime(h.Time)).Set("kind", kind)
	for name, text := range map[string]string{
		"user": h.User, "protocol": h.Protocol, "address": h.Address, "comment": h.Comment, "label": h.Label,
	} {
		if text != "" {
			e.Set(name, text)
		}
	}
	if h.Session != 0 {
		e.Set("session-id", h.Session)
	}
	if h.Records != 0 {
		e.Set("records", h.Records)
	}
}

// dateAndTime is a time as yang:date-and-time.
func dateAndTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
