package bolt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/failpoint"
)

// Commit implements persist.Backend. After an error of the disk the file is opened
// anew, and what the failed transaction may have left in it is undone, here or before
// the next one. A file that another program has changed, replaced or removed is not
// written.
func (s *Store) Commit(_ context.Context, t persist.Txn) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	failpoint.At("bolt.begin")
	db, err := s.ready()
	if err != nil {
		return err
	}
	if err := s.held.named(s.path); err != nil {
		return err
	}
	next, sound, err := s.commit(db, t)
	switch {
	case err == nil:
		failpoint.At("bolt.durable")
		s.last = next
		if t.Modules != nil {
			s.modules = t.Modules
		}
		return nil
	case sound:
		return err
	}
	s.refused = &next
	err = fmt.Errorf("write %s: %w", s.path, err)
	return errors.Join(err, s.reopen())
}

// commit writes t. An error that is not sound comes of the disk: what is stored now,
// and whether db can be used, is not known.
func (s *Store) commit(db *bbolt.DB, t persist.Txn) (next state, sound bool, err error) {
	err = guarded(func() error {
		if err := s.held.readable(); err != nil {
			return err
		}
		tx, err := db.Begin(true)
		if err != nil {
			return err
		}
		defer release(tx)
		if next, err = s.write(tx, t); err != nil {
			sound = true
			return errors.Join(err, tx.Rollback())
		}
		failpoint.At("bolt.written")
		return tx.Commit()
	})
	return next, sound, err
}

// release ends tx where a panic leaves it open.
func release(tx *bbolt.Tx) {
	if tx.DB() != nil {
		_ = tx.Rollback() // the panic goes on
	}
}

// growth is by how much a file with that many bytes in use grows at a time: each time
// takes a sync more.
func growth(used int64) int { return int(min(max(used/4, 32<<10), 16<<20)) }

// write puts t into tx.
func (s *Store) write(tx *bbolt.Tx, t persist.Txn) (st state, err error) {
	tx.DB().AllocSize = growth(tx.Size())
	if st, err = readState(tx); err != nil {
		return st, s.damage(err)
	}
	if !s.last.is(st) {
		return st, fmt.Errorf("write %s: %w", s.path, errForeign)
	}
	if st.Head.Revision != t.Base {
		return st, persist.ErrStale
	}
	for _, c := range t.Commits {
		if c.Head.Revision != st.Head.Revision+1 {
			return st, fmt.Errorf("commit %d cannot follow commit %d", c.Head.Revision, st.Head.Revision)
		}
		undo, err := st.change(recordsOf(tx), c)
		if err != nil {
			return st, err
		}
		st.Head = c.Head
		if err := putHistory(tx, entry{Head: c.Head, Digest: st.Digest, Count: st.Count}, undo); err != nil {
			return st, err
		}
	}
	if t.Modules != nil {
		if err := putModules(tx, t.Modules); err != nil {
			return st, err
		}
	}
	if err := forget(tx, min(t.Forget, max(st.Head.Revision, 1)-1), forgetAtOnce+len(t.Commits)); err != nil {
		return st, err
	}
	st.Pending = t.Pending
	st.Scrub = st.Scrub || t.Scrub
	st.Serial++
	return st, putState(tx, st)
}

// bulk is the number of records from which a commit writes them in order into full
// pages, not in any order into half-full ones that leave room for more.
const bulk = 1000

// change puts the records of c into b and returns what was there before.
func (s *state) change(b records, c persist.Commit) (undo []persist.Record, err error) {
	undo = []persist.Record{}
	changed := c.Records
	if len(changed) > bulk {
		changed = slices.SortedFunc(slices.Values(changed), func(a, b persist.Record) int { return cmp.Compare(a.Key, b.Key) })
		b.running.FillPercent = 0.9
	}
	for _, r := range changed {
		old, err := b.get(r.Key)
		if err != nil {
			if old = before(c, r.Key); old == nil {
				return nil, fmt.Errorf("record %s: %w", r.Key, err)
			}
		}
		switch {
		case old != nil:
			old = owned(old)
			s.Digest -= sum(r.Key, old)
			s.Count--
		case r.Value == nil:
			continue
		}
		undo = append(undo, persist.Record{Key: r.Key, Value: old})
		if r.Value == nil {
			err = b.delete(r.Key)
		} else {
			s.Digest += sum(r.Key, r.Value)
			s.Count++
			err = b.put(r)
		}
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", r.Key, err)
		}
	}
	return undo, nil
}

// before is the value of the record before c as the commit says, nil for none.
func before(c persist.Commit, key string) []byte {
	for _, r := range c.Undo {
		if r.Key == key {
			return r.Value
		}
	}
	return nil
}
