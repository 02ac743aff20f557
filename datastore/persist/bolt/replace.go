package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
// kept as far as it can be reached; see keepHistory.
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
		st := state{Serial: 1, Head: head, Scrub: im.State.Scrub}
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

// keepHistory writes the history as far as it leads back from these records, and
// returns what leads from them to the newest commit; nil when nothing does. The newest
// commits whose states are not whole keep their heads, and get the state of the first
// one below that is.
func (im *Image) keepHistory(tx *bbolt.Tx, records []persist.Record) (undo []persist.Record, err error) {
	var lost, kept []entry // newest first
	im.each(func(e entry, r *replay) bool {
		switch whole := r.is(e); {
		case e.Head.Revision == 0, !whole && len(kept) > 0:
			return false
		case !whole:
			lost = append(lost, e)
			return true
		case len(kept) == 0:
			undo = append([]persist.Record{}, Difference(records, content(e, r).Records)...)
		}
		kept = append(kept, e)
		return true
	})
	for i, e := range slices.Backward(kept) {
		var back []persist.Record // of the last one nothing tells that it leads to what was there
		n := e.Head.Revision
		if sealed := im.history[n].undo; len(sealed) > 0 && (i+1 < len(kept) || n == 1) {
			if back, err = readUndo(revisionKey(n), sealed); err != nil {
				return nil, err
			}
		}
		if err := putHistory(tx, e, back); err != nil {
			return nil, err
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	for _, e := range slices.Backward(lost) {
		comment := fmt.Sprintf("(damaged, has the state of commit %d now) %s", kept[0].Head.Revision, e.Head.Comment)
		e.Head.Comment, e.Digest, e.Count = strings.TrimSpace(comment), kept[0].Digest, kept[0].Count
		if err := putHistory(tx, e, []persist.Record{}); err != nil {
			return nil, err
		}
	}
	return undo, nil
}
