package bolt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// entry is what the history says of a commit, with the digest and number of the
// records it left.
type entry struct {
	Head   persist.Head `json:"head"`
	Digest uint64       `json:"digest"`
	Count  uint64       `json:"count"`
}

// forgetAtOnce is how many commits one transaction forgets at most, besides as many as
// it adds.
const forgetAtOnce = 64

// putHistory adds e with what leads back from it; a nil undo says that it is not kept.
// The value is the entry and the undo, each sealed and the first behind its length;
// the checksums cover the revision too.
func putHistory(tx *bbolt.Tx, e entry, undo []persist.Record) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	key := revisionKey(e.Head.Revision)
	head := seal("head "+string(key), text)
	v := append(binary.AppendUvarint(nil, uint64(len(head))), head...)
	if undo != nil {
		v = append(v, seal("undo "+string(key), encodeUndo(undo))...)
	}
	b := tx.Bucket(historyBucket)
	b.FillPercent = 1 // entries are only ever appended
	return b.Put(key, v)
}

func revisionKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// readEntry reads the entry in a history value and returns the sealed undo behind it.
func readEntry(key, value []byte) (e entry, undo []byte, err error) {
	n, w := binary.Uvarint(value)
	if len(key) != 8 || w <= 0 || n > uint64(len(value)-w) {
		return e, nil, errDamaged
	}
	head, undo := value[w:w+int(n)], value[w+int(n):]
	text, _, err := unseal("head "+string(key), head)
	if err != nil {
		return e, undo, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, undo, err
	}
	if e.Head.Revision != binary.BigEndian.Uint64(key) {
		return e, undo, errDamaged
	}
	return e, undo, nil
}

// Commits implements persist.Backend.
func (s *Store) Commits(ctx context.Context, from uint64, f func(persist.Head) bool) error {
	return s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(historyBucket).Cursor()
		for k, v := seek(c, from); k != nil; k, v = c.Prev() {
			if err := ctx.Err(); err != nil {
				return err
			}
			e, _, err := readEntry(k, v)
			if err != nil {
				return fmt.Errorf("history entry %x: %w", k, err)
			}
			if !f(e.Head) {
				return nil
			}
		}
		return nil
	})
}

// seek goes to the newest commit that is not newer than n, where n is not 0.
func seek(c *bbolt.Cursor, n uint64) (key, value []byte) {
	if n == 0 {
		return c.Last()
	}
	key, value = c.Seek(revisionKey(n))
	switch {
	case key == nil:
		return c.Last()
	case !bytes.Equal(key, revisionKey(n)):
		return c.Prev()
	}
	return key, value
}

// Undo implements persist.Backend.
func (s *Store) Undo(_ context.Context, n uint64) (out []persist.Record, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		key := revisionKey(n)
		v := tx.Bucket(historyBucket).Get(key)
		if v == nil {
			return persist.ErrForgotten
		}
		_, sealed, err := readEntry(key, v)
		if err != nil {
			return fmt.Errorf("history of commit %d: %w", n, err)
		}
		if len(sealed) == 0 {
			return persist.ErrForgotten
		}
		if out, err = readUndo(key, sealed); err != nil {
			return fmt.Errorf("history of commit %d: %w", n, err)
		}
		return nil
	})
	return out, err
}

func readUndo(key, sealed []byte) ([]persist.Record, error) {
	blob, _, err := unseal("undo "+string(key), sealed)
	if err != nil {
		return nil, err
	}
	return decodeUndo(blob)
}

// forget drops the oldest commits up to n, most at most.
func forget(tx *bbolt.Tx, n uint64, most int) error {
	c := tx.Bucket(historyBucket).Cursor()
	k, _ := c.First()
	for range most {
		if len(k) != 8 || binary.BigEndian.Uint64(k) > n {
			return nil
		}
		if err := c.Delete(); err != nil {
			return err
		}
		k, _ = c.First()
	}
	return nil
}

// encodeUndo writes records by key, each key as the length it shares with the one
// before and the rest. A nil value has the length 0, others theirs plus one.
func encodeUndo(undo []persist.Record) []byte {
	slices.SortFunc(undo, func(a, b persist.Record) int { return cmp.Compare(a.Key, b.Key) })
	var b []byte
	last := ""
	for _, r := range undo {
		n := 0
		for n < len(last) && n < len(r.Key) && last[n] == r.Key[n] {
			n++
		}
		b = binary.AppendUvarint(b, uint64(n))
		b = binary.AppendUvarint(b, uint64(len(r.Key)-n))
		b = append(b, r.Key[n:]...)
		if r.Value == nil {
			b = append(b, 0)
		} else {
			b = append(binary.AppendUvarint(b, uint64(len(r.Value))+1), r.Value...)
		}
		last = r.Key
	}
	return b
}

var errUndo = errors.New("damaged: it is cut short")

// decodeUndo reads what encodeUndo wrote; the records are not nil without an error.
func decodeUndo(b []byte) (out []persist.Record, err error) {
	out = []persist.Record{}
	number := func() uint64 {
		n, w := binary.Uvarint(b)
		if w <= 0 {
			err, w = errUndo, len(b)
		}
		b = b[w:]
		return n
	}
	text := func(n uint64) []byte {
		if n > uint64(len(b)) {
			err, n = errUndo, uint64(len(b))
		}
		t := b[:n]
		b = b[n:]
		return t
	}
	last := ""
	for len(b) > 0 && err == nil {
		shared := number()
		if shared > uint64(len(last)) {
			return nil, errUndo
		}
		r := persist.Record{Key: last[:shared] + string(text(number()))}
		if n := number(); n > 0 {
			r.Value = owned(text(n - 1))
		}
		out = append(out, r)
		last = r.Key
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}
