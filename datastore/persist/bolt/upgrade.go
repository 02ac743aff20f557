package bolt

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// The older formats: format1 had no checksums and no history, a head with one text for
// the source, and records for the order of lists; format2 had no marks.
const (
	format1 = "altoam-records-1"
	format2 = "altoam-records-2"
)

// upgrade brings a file of an older format to this one.
func upgrade(db *bbolt.DB) error {
	var found []byte
	if err := guarded(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			if meta := tx.Bucket(metaBucket); meta != nil {
				found = owned(meta.Get(formatKey))
			}
			return nil
		})
	}); err != nil {
		return err
	}
	switch string(found) {
	case string(format):
		return nil
	case format2:
		return guarded(func() error {
			return db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(formatKey, format) })
		})
	case format1:
		return guarded(func() error { return db.Update(upgrade1) })
	}
	return fmt.Errorf("it is in the unknown format %q, not %q: it is of a newer version of altoamd, whose `altoamd store export` "+
		"gives what this one can import, or of another program", found, format)
}

// upgrade1 rewrites a file of format1. The history starts with its next commit.
func upgrade1(tx *bbolt.Tx) error {
	meta, old := tx.Bucket(metaBucket), tx.Bucket(runningBucket)
	if old == nil {
		return errors.New("it lacks a part")
	}
	var st state
	var source struct {
		Source string `json:"source"`
	}
	if text := meta.Get([]byte("head")); text != nil {
		if err := errors.Join(json.Unmarshal(text, &st.Head), json.Unmarshal(text, &source)); err != nil {
			return fmt.Errorf("stored head: %w", err)
		}
		st.Head.Protocol, st.Head.Address, _ = strings.Cut(source.Source, " ")
	}
	var stored []persist.Record
	if err := old.ForEach(func(k, v []byte) error {
		stored = append(stored, persist.Record{Key: string(k), Value: owned(v)})
		return nil
	}); err != nil {
		return err
	}
	upgraded, err := persist.Upgrade1(stored)
	if err != nil {
		return err
	}
	if err := tx.DeleteBucket(runningBucket); err != nil {
		return err
	}
	if err := meta.Delete([]byte("head")); err != nil {
		return err
	}
	if err := create(tx); err != nil {
		return err
	}
	if _, err := st.change(recordsOf(tx), persist.Commit{Records: upgraded}); err != nil {
		return err
	}
	if st.Head.Revision > 0 {
		if err := putHistory(tx, entry{Head: st.Head, Digest: st.Digest, Count: st.Count}, nil); err != nil {
			return err
		}
	}
	return putState(tx, st)
}
