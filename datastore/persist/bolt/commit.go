package bolt

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// Commit implements persist.Backend.
func (s *Store) Commit(_ context.Context, t persist.Txn) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return write(tx, t) })
}

// write puts t into tx.
func write(tx *bbolt.Tx, t persist.Txn) error {
	st, err := readState(tx)
	if err != nil {
		return err
	}
	if st.Head.Revision != t.Base {
		return persist.ErrStale
	}
	for _, c := range t.Commits {
		if c.Head.Revision != st.Head.Revision+1 {
			return fmt.Errorf("commit %d cannot follow commit %d", c.Head.Revision, st.Head.Revision)
		}
		undo, err := st.change(recordsOf(tx), c)
		if err != nil {
			return err
		}
		st.Head = c.Head
		if err := putHistory(tx, entry{Head: c.Head, Digest: st.Digest, Count: st.Count}, undo); err != nil {
			return err
		}
	}
	if t.Modules != nil {
		if err := putModules(tx, t.Modules); err != nil {
			return err
		}
	}
	if err := forget(tx, min(t.Forget, max(st.Head.Revision, 1)-1)); err != nil {
		return err
	}
	st.Pending = t.Pending
	return putState(tx, st)
}

// change puts the records of c into b and returns what was there before.
func (s *state) change(b records, c persist.Commit) (undo []persist.Record, err error) {
	undo = []persist.Record{}
	for _, r := range c.Records {
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
