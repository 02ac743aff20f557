// Package bolt is the default persist.Backend: one bbolt file. A commit is one
// bbolt transaction, synced to the disk before it returns, that holds the records
// it changes, the state of the store and a history entry with what leads back. One
// process at a time holds the file. What is in it is described in docs/store.md.
package bolt

import (
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/altoam/altoam/datastore/persist"
)

// lockWait is how long Open waits for another process to release the file.
const lockWait = 2 * time.Second

// The buckets, and the keys that stand alone in theirs.
var (
	metaBucket    = []byte("meta")
	runningBucket = []byte("running") // records by key
	longBucket    = []byte("long")    // records by the hash of a key too long for running
	historyBucket = []byte("history") // what leads back, by revision
	schemaBucket  = []byte("schema")

	formatKey  = []byte("format")
	stateKey   = []byte("state")
	modulesKey = []byte("modules")

	format = []byte("altoam-records-2")
)

// Store is an open file. It is safe for concurrent use.
type Store struct{ db *bbolt.DB }

var _ persist.Backend = (*Store)(nil)

// Open opens or creates the file at path with mode 0600, and brings a file of an
// older format to this one. It fails when another process holds the file for longer
// than two seconds, or when it was written in a format this version does not know.
func Open(path string) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another process uses it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &Store{db}
	if err := s.initialise(); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

// initialise makes the buckets of a new file, or upgrades an old one.
func (s *Store) initialise() error {
	var found string
	err := s.db.View(func(tx *bbolt.Tx) error {
		if meta := tx.Bucket(metaBucket); meta != nil {
			found = string(meta.Get(formatKey))
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case found == string(format):
		return nil
	case found == "":
		return s.db.Update(create)
	case found == format1:
		return s.db.Update(upgrade1)
	}
	return fmt.Errorf("it is in the unknown format %q, not %q", found, format)
}

func create(tx *bbolt.Tx) error {
	for _, name := range [][]byte{metaBucket, runningBucket, longBucket, historyBucket, schemaBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	if err := putState(tx, state{}); err != nil {
		return err
	}
	return tx.Bucket(metaBucket).Put(formatKey, format)
}

// Close implements persist.Backend.
func (s *Store) Close() error { return s.db.Close() }
