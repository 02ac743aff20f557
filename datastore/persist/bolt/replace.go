package bolt

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/renameio/v2"
	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// Difference returns the records that lead from one state to the other.
func Difference(from, to []persist.Record) (out []persist.Record) {
	old := make(map[string][]byte, len(from))
	for _, r := range from {
		old[r.Key] = r.Value
	}
	for _, r := range to {
		if v, ok := old[r.Key]; !ok || !bytes.Equal(v, r.Value) {
			out = append(out, r)
		}
		delete(old, r.Key)
	}
	for _, r := range from {
		if _, gone := old[r.Key]; gone {
			out = append(out, persist.Record{Key: r.Key})
		}
	}
	return out
}

// Replace puts a new file in the place of the image's, with one more commit that holds
// these records. The old file stays beside it under the name returned. The history is
// kept as far as it leads back from the newest commit; when that is not whole, nothing
// leads back and the history starts anew.
func (im *Image) Replace(records []persist.Record, head persist.Head, at time.Time) (saved string, err error) {
	pending, err := renameio.NewPendingFile(im.Path, renameio.WithTempDir(filepath.Dir(im.Path)), renameio.WithPermissions(0o600))
	if err != nil {
		return "", err
	}
	defer pending.Cleanup()
	if err := im.fill(pending.Name(), records, head); err != nil {
		return "", err
	}
	saved = im.Path + ".damaged-" + at.UTC().Format("20060102T150405.000000Z")
	if err := os.Link(im.Path, saved); err != nil {
		return "", err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return "", err
	}
	return saved, syncFolder(im.Path)
}

// fill makes a store of the empty file at path.
func (im *Image) fill(path string, records []persist.Record, head persist.Head) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(func(tx *bbolt.Tx) error {
		if err := create(tx); err != nil {
			return err
		}
		head.Revision = im.newest.Head.Revision + 1
		st := state{Serial: 1, Head: head}
		if _, err := st.change(recordsOf(tx), persist.Commit{Records: records}); err != nil {
			return err
		}
		undo, err := im.keepHistory(tx, records)
		if err != nil {
			return err
		}
		if err := putHistory(tx, entry{Head: head, Digest: st.Digest, Count: st.Count}, undo); err != nil {
			return err
		}
		if err := putModules(tx, im.State.Modules); err != nil {
			return err
		}
		return putState(tx, st)
	}), db.Close())
}

// keepHistory writes the history that leads back from the newest commit, and returns
// what leads back to that from these records; nil when it does not.
func (im *Image) keepHistory(tx *bbolt.Tx, records []persist.Record) (undo []persist.Record, err error) {
	var kept []past
	im.each(func(e entry, r *replay) bool {
		if !r.is(e) {
			return false
		}
		if len(kept) == 0 {
			undo = append([]persist.Record{}, Difference(records, content(e, r).Records)...)
		}
		kept = append(kept, past{entry: e, undo: im.history[e.Head.Revision].undo})
		return true
	})
	for i, h := range slices.Backward(kept) {
		var back []persist.Record
		if len(h.undo) > 0 && (i+1 < len(kept) || h.entry.Head.Revision == 1) {
			if back, err = readUndo(revisionKey(h.entry.Head.Revision), h.undo); err != nil {
				return nil, err
			}
		}
		if h.entry.Head.Revision == 0 {
			continue
		}
		if err := putHistory(tx, h.entry, back); err != nil {
			return nil, err
		}
	}
	return undo, nil
}
