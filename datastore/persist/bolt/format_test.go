package bolt_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// foreign reads a file as docs/store.md says, with nothing of the package.
type foreign struct{ testing.TB }

func (f foreign) sum(k string, v []byte) uint64 {
	h := sha256.Sum256(append(append(binary.AppendUvarint(nil, uint64(len(k))), k...), v...))
	return binary.BigEndian.Uint64(h[:])
}

func (f foreign) open(k string, v []byte) []byte {
	f.Helper()
	if len(v) < 8 || f.sum(k, v[8:]) != binary.BigEndian.Uint64(v) {
		f.Fatalf("the checksum of %q does not fit", k)
	}
	return v[8:]
}

func (f foreign) number(b *[]byte) uint64 {
	n, w := binary.Uvarint(*b)
	if w <= 0 {
		f.Fatal("no number")
	}
	*b = (*b)[w:]
	return n
}

func (f foreign) bytes(b *[]byte, n uint64) []byte {
	out := (*b)[:n]
	*b = (*b)[n:]
	return out
}

// records reads all records and their digest.
func (f foreign) records(tx *bbolt.Tx) (got map[string]string, digest uint64) {
	got = map[string]string{}
	_ = tx.Bucket([]byte("running")).ForEach(func(k, v []byte) error {
		content := f.open(string(k), v)
		got[string(k)] = string(content)
		digest += f.sum(string(k), content)
		return nil
	})
	_ = tx.Bucket([]byte("long")).ForEach(func(hash, v []byte) error {
		rest := v[8:]
		k := string(f.bytes(&rest, f.number(&rest)))
		if h := sha256.Sum256([]byte(k)); !bytes.Equal(h[:], hash) || f.sum(k, rest) != binary.BigEndian.Uint64(v) {
			f.Error("a long key is not as described")
		}
		got[k] = string(rest)
		digest += f.sum(k, rest)
		return nil
	})
	return got, digest
}

// TestFormat: a program that follows docs/store.md reads all that is in a file.
func TestFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	states := storied(t, path)
	s := open(t, path)
	must(t, s.Commit(ctx, persist.Txn{Base: 30, Modules: []string{"m@2026-11-22"}, Pending: &persist.Pending{Base: 29, PersistID: "p"}}))
	must(t, s.Close())
	db, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true})
	must(t, err)
	defer db.Close()
	f := foreign{t}
	must(t, db.View(func(tx *bbolt.Tx) error {
		if v := string(tx.Bucket([]byte("meta")).Get([]byte("format"))); v != "altoam-records-3" {
			t.Errorf("format %q", v)
		}
		var state struct {
			Serial, Digest, Count uint64
			Head                  struct{ Revision uint64 }
			Pending               struct {
				Base      uint64
				PersistID string `json:"persist-id"`
			}
		}
		must(t, json.Unmarshal(f.open("state", tx.Bucket([]byte("meta")).Get([]byte("state"))), &state))
		var modules []string
		must(t, json.Unmarshal(f.open("modules", tx.Bucket([]byte("schema")).Get([]byte("modules"))), &modules))
		if state.Serial != 31 || state.Head.Revision != 30 || state.Pending.Base != 29 || state.Pending.PersistID != "p" || modules[0] != "m@2026-11-22" {
			t.Errorf("state %+v, modules %v", state, modules)
		}
		got, digest := f.records(tx)
		if digest != state.Digest || uint64(len(got)) != state.Count {
			t.Error("the digest is not as described")
		}
		for n := uint64(30); n > 0; n-- {
			if !maps.Equal(got, states[n]) {
				t.Fatalf("state %d: %q", n, got)
			}
			f.back(tx, n, got)
		}
		if len(got) != 0 {
			t.Errorf("state 0: %q", got)
		}
		return nil
	}))
}

// back leads from the state of commit n to the one before.
func (f foreign) back(tx *bbolt.Tx, n uint64, state map[string]string) {
	key := binary.BigEndian.AppendUint64(nil, n)
	v := tx.Bucket([]byte("history")).Get(key)
	var entry struct {
		Head   struct{ Revision uint64 }
		Digest uint64
		Count  int
	}
	must(f, json.Unmarshal(f.open("head "+string(key), f.bytes(&v, f.number(&v))), &entry))
	if entry.Head.Revision != n || entry.Count != len(state) {
		f.Fatalf("the head of commit %d is %+v", n, entry)
	}
	undo := f.open("undo "+string(key), v)
	for last := ""; len(undo) > 0; {
		shared := f.number(&undo)
		k := last[:shared] + string(f.bytes(&undo, f.number(&undo)))
		if n := f.number(&undo); n == 0 {
			delete(state, k)
		} else {
			state[k] = string(f.bytes(&undo, n-1))
		}
		if strings.Compare(last, k) >= 0 {
			f.Fatalf("%q after %q", k, last)
		}
		last = k
	}
}

// TestFormat2: a file of the format before is read, on its own and by an agent, which
// brings it to this one.
func TestFormat2(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	states := storied(t, path)
	db, err := bbolt.Open(path, 0, nil)
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte("altoam-records-2"))
	}))
	must(t, db.Close())
	im, err := bolt.ReadImage(path)
	must(t, err)
	if len(im.Problems) > 0 {
		t.Errorf("problems of the image: %v", im.Problems)
	}
	must(t, im.Close())
	s := open(t, path)
	got := map[string]string{}
	_, err = s.Load(ctx, func(r persist.Record) error {
		got[r.Key] = string(r.Value)
		return nil
	})
	must(t, err)
	if !maps.Equal(got, states[30]) {
		t.Errorf("records %q", got)
	}
	must(t, s.Close())
	db, err = bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true})
	must(t, err)
	defer db.Close()
	must(t, db.View(func(tx *bbolt.Tx) error {
		if v := string(tx.Bucket([]byte("meta")).Get([]byte("format"))); v != "altoam-records-3" {
			t.Errorf("format %q", v)
		}
		return nil
	}))
}
