package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist/failpoint"
)

// scrubStep bounds what one transaction of the new file writes, in bytes.
const scrubStep = 16 << 20

// Scrub implements persist.Backend. What is in use is copied into a new file, PATH.new, that
// takes the place of the old one when it is durable: after a crash there is one of them, and
// the next Scrub begins again. The old file leaves the folder; what the disk keeps of it is
// not overwritten. Readers wait while the new file is opened.
func (s *Store) Scrub(context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if !s.last.Scrub {
		return nil
	}
	db, err := s.ready()
	if err == nil {
		err = s.held.named(s.path)
	}
	if err != nil {
		return err
	}
	fresh := s.path + ".new"
	next := s.last
	next.Scrub = false
	if err := errors.Join(s.held.readable(), guarded(func() error { return copyTo(fresh, db, next) })); err != nil {
		return errors.Join(fmt.Errorf("write %s anew: %w", s.path, err), discard(fresh))
	}
	failpoint.At("bolt.scrubbed")
	if err := os.Rename(fresh, s.path); err != nil {
		return errors.Join(err, discard(fresh))
	}
	failpoint.At("bolt.renamed")
	s.last = next
	return errors.Join(syncFolder(s.path), s.reopen())
}

// copyTo makes a new file at path of all that db holds, with this state.
func copyTo(path string, db *bbolt.DB, st state) (err error) {
	if err := discard(path); err != nil { // of a Scrub that ended in a crash
		return err
	}
	to, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if err := bbolt.Compact(to, db, scrubStep); err != nil {
		return err
	}
	return to.Update(func(tx *bbolt.Tx) error { return putState(tx, st) })
}

// discard removes a file that may be there.
func discard(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
