package trail

import (
	"context"
	"slices"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// Reconcile makes good, after the start of the Store, what the end of the program before kept
// from the record: commits that are in the history only. Where nothing was on record so far it
// tells from where on it is.
func (t *Trail) Reconcile(ctx context.Context) error {
	t.mu.Lock()
	since := t.since
	t.since = nil
	t.mu.Unlock()
	if !t.settings.Load().enabled {
		return nil
	}
	newest := t.store.Running().Head.Revision
	switch {
	case t.opened == 0 && len(since) == 0 && newest > 0:
		t.record(&audit.Record{What: audit.Baseline, User: system, Commit: newest, Reason: "the record begins behind this commit"})
		return nil
	case t.opened == 0:
		return nil
	case newest < t.opened:
		t.record(&audit.Record{
			What: audit.Baseline, User: system, Commit: newest, Count: t.opened,
			Reason: "the store was put back: it has fewer commits than are on record",
		})
		return nil
	}
	return t.restore(ctx, func(h persist.Head) (wanted, further bool) {
		return h.Revision > t.opened && !since[h.Revision], h.Revision > t.opened
	})
}

// recover makes good commits that could not be written.
func (t *Trail) recover(ctx context.Context) {
	t.mu.Lock()
	missing := t.missing
	t.missing = nil
	t.mu.Unlock()
	if len(missing) == 0 {
		return
	}
	slices.Sort(missing)
	err := t.restore(ctx, func(h persist.Head) (wanted, further bool) {
		_, wanted = slices.BinarySearch(missing, h.Revision)
		return wanted, h.Revision > missing[0]
	})
	if err != nil {
		t.o.Logger.Error("commits stay out of the audit", "error", err)
	}
}

// mostCompared is of how many commits at most the changes are looked up.
const mostCompared = 64

// restore writes records of commits in the history, oldest first.
func (t *Trail) restore(ctx context.Context, which func(persist.Head) (wanted, further bool)) error {
	var heads []persist.Head
	err := t.store.Commits(ctx, 0, func(h persist.Head) bool {
		wanted, further := which(h)
		if wanted {
			heads = append(heads, h)
		}
		return further
	})
	if err != nil {
		return err
	}
	for i, h := range slices.Backward(heads) {
		r := &audit.Record{
			What: audit.Commit, User: h.User, Session: h.Session, Protocol: h.Protocol, Address: h.Address,
			Datastore: "running", Result: audit.OK, Recovered: true,
		}
		if h.Session == 0 && h.Protocol == "" {
			r.User = system
		}
		made(r, h)
		if i < mostCompared {
			r.Changes, r.More = t.changed(ctx, h.Revision)
		}
		t.record(r)
	}
	return nil
}

// changed is what a commit changed, as far as the history still has it.
func (t *Trail) changed(ctx context.Context, revision uint64) ([]audit.Change, *audit.More) {
	to, err := t.store.At(ctx, revision)
	if err != nil {
		return nil, nil
	}
	from := tree.New(t.o.Schema.Root)
	if revision > 1 {
		if from, err = t.store.At(ctx, revision-1); err != nil {
			return nil, nil
		}
	}
	return changes(tree.Compare(from, to))
}
