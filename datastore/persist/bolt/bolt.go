// Package bolt is the default persist.Backend: one bbolt file. A commit is one
// bbolt transaction, synced to the disk before it returns. One process at a
// time holds the file.
package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/altoam/altoam/datastore/persist"
)

// lockWait is how long Open waits for another process to release the file.
const lockWait = 2 * time.Second

var (
	metaBucket    = []byte("meta")
	runningBucket = []byte("running")
	headKey       = []byte("head")
	formatKey     = []byte("format")
	format        = []byte("altoam-records-1")
)

// Store is an open file. It is safe for concurrent use.
type Store struct{ db *bbolt.DB }

var _ persist.Backend = (*Store)(nil)

// Open opens or creates the file at path with mode 0600. It fails when another
// process holds it for longer than two seconds, or when the file was written in
// a format this version does not know.
func Open(path string) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another process uses it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &Store{db}
	if err := db.Update(initialise); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

func initialise(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	if got := meta.Get(formatKey); got == nil {
		if err := meta.Put(formatKey, format); err != nil {
			return err
		}
	} else if !bytes.Equal(got, format) {
		return fmt.Errorf("unknown format %q, want %q", got, format)
	}
	_, err = tx.CreateBucketIfNotExists(runningBucket)
	return err
}

// Load implements persist.Backend in one read transaction.
func (s *Store) Load(ctx context.Context, f func(persist.Record) error) (persist.Head, error) {
	var head persist.Head
	err := s.db.View(func(tx *bbolt.Tx) error {
		var err error
		if head, err = readHead(tx); err != nil {
			return err
		}
		c := tx.Bucket(runningBucket).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f(persist.Record{Key: string(k), Value: bytes.Clone(v)}); err != nil {
				return err
			}
		}
		return nil
	})
	return head, err
}

// Commit implements persist.Backend.
func (s *Store) Commit(_ context.Context, t persist.Txn) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		head, err := readHead(tx)
		if err != nil {
			return err
		}
		if head.Revision != t.Base {
			return persist.ErrStale
		}
		running := tx.Bucket(runningBucket)
		for _, r := range t.Records {
			if r.Value == nil {
				err = running.Delete([]byte(r.Key))
			} else {
				err = running.Put([]byte(r.Key), r.Value)
			}
			if err != nil {
				return fmt.Errorf("record %s: %w", r.Key, err)
			}
		}
		text, err := json.Marshal(t.Head)
		if err != nil {
			return err
		}
		return tx.Bucket(metaBucket).Put(headKey, text)
	})
}

// Close implements persist.Backend.
func (s *Store) Close() error { return s.db.Close() }

func readHead(tx *bbolt.Tx) (persist.Head, error) {
	var head persist.Head
	text := tx.Bucket(metaBucket).Get(headKey)
	if text == nil {
		return head, nil
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return head, fmt.Errorf("stored head: %w", err)
	}
	return head, nil
}
