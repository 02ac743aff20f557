package bolt

import (
	"errors"
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// ready returns the open file, which it opens anew after a failure. Needs writing.
func (s *Store) ready() (*bbolt.DB, error) {
	s.mu.RLock()
	db := s.db
	s.mu.RUnlock()
	if db != nil {
		return db, nil
	}
	if err := s.reopen(); err != nil {
		return nil, err
	}
	return s.ready()
}

// reopen drops what bbolt knows of the file, which after an error of the disk need not
// be what is in it, and reads it anew. A transaction that was refused and is there all
// the same is undone. When it fails, the next Commit tries again. Needs writing.
func (s *Store) reopen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	if s.db != nil {
		s.held.abandon(s.db)
		s.db = nil
	}
	db, h, err := s.openDB(true)
	if err != nil {
		return err
	}
	next, err := s.undoRefused(db)
	if err != nil {
		_ = guarded(db.Close)
		return fmt.Errorf("open %s again: %w", s.path, err)
	}
	s.db, s.held, s.last, s.refused = db, h, next, nil
	return nil
}

// undoRefused makes the file hold the last state that was acknowledged, and returns
// it. It fails when another process has changed the file meanwhile.
func (s *Store) undoRefused(db *bbolt.DB) (next state, err error) {
	err = guarded(func() error {
		tx, err := db.Begin(true)
		if err != nil {
			return err
		}
		defer release(tx)
		found, err := readState(tx)
		if err == nil && s.refused.is(found) {
			if next, err = s.undo(tx, found); err == nil {
				return tx.Commit()
			}
		}
		if next = found; err == nil && !s.last.is(found) {
			err = errForeign
		}
		return errors.Join(err, tx.Rollback())
	})
	return next, err
}

// is tells whether found is the state that s would have left.
func (s *state) is(found state) bool {
	return s != nil && s.Serial == found.Serial && s.Head.Revision == found.Head.Revision &&
		s.Digest == found.Digest && s.Count == found.Count
}

// undo puts the state s.last in the place of found, which follows it.
func (s *Store) undo(tx *bbolt.Tx, found state) (state, error) {
	history := tx.Bucket(historyBucket)
	for n := found.Head.Revision; n > s.last.Head.Revision; n-- {
		key := revisionKey(n)
		_, sealed, err := readEntry(key, history.Get(key))
		if err != nil {
			return found, err
		}
		records, err := readUndo(key, sealed)
		if err != nil {
			return found, err
		}
		b := recordsOf(tx)
		for _, r := range records {
			if r.Value == nil {
				err = b.delete(r.Key)
			} else {
				err = b.put(r)
			}
			if err != nil {
				return found, err
			}
		}
		if err := history.Delete(key); err != nil {
			return found, err
		}
	}
	back := s.last
	back.Serial = found.Serial + 1
	if err := putModules(tx, s.modules); err != nil {
		return found, err
	}
	return back, putState(tx, back)
}

// view runs f in a read transaction.
func (s *Store) view(f func(*bbolt.Tx) error) error {
	s.mu.RLock()
	failed := s.db == nil
	s.mu.RUnlock()
	if failed {
		s.writing.Lock()
		_, err := s.ready()
		s.writing.Unlock()
		if err != nil {
			return err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil { // it failed again meanwhile
		return fmt.Errorf("%s cannot be read since the disk failed", s.path)
	}
	return guarded(func() error {
		if err := s.held.readable(); err != nil {
			return &DamageError{Path: s.path, Problems: []error{err}}
		}
		return s.db.View(f)
	})
}

// guarded runs f and turns a panic, or an access to memory behind the end of the
// file, into an error: bbolt trusts what is in its file.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return f()
}
