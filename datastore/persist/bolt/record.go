package bolt

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// longKey is the length from which a record's key is stored by its hash: far below
// what bbolt takes, so that its inner pages stay small.
const longKey = 1024

// errDamaged tells that bytes are not those that were written.
var errDamaged = errors.New("damaged: its checksum does not fit")

// sum is the checksum of a key with its value. The sums of all records, added up,
// are the digest of the state.
func sum(key string, value []byte) uint64 {
	var room [1024]byte // enough for most, and no garbage
	b := append(binary.AppendUvarint(room[:0], uint64(len(key))), key...)
	h := sha256.Sum256(append(b, value...))
	return binary.BigEndian.Uint64(h[:8])
}

// seal puts the checksum before the value.
func seal(key string, value []byte) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(value)), sum(key, value)), value...)
}

// unseal returns a view of the value, and its checksum.
func unseal(key string, sealed []byte) ([]byte, uint64, error) {
	if len(sealed) < 8 {
		return nil, 0, errDamaged
	}
	want := binary.BigEndian.Uint64(sealed)
	if sum(key, sealed[8:]) != want {
		return nil, want, errDamaged
	}
	return sealed[8:], want, nil
}

// records are the record buckets of one transaction.
type records struct{ running, long *bbolt.Bucket }

func recordsOf(tx *bbolt.Tx) records {
	return records{tx.Bucket(runningBucket), tx.Bucket(longBucket)}
}

// get returns the value of a record, nil when there is none. The value is valid until
// the next change.
func (b records) get(key string) ([]byte, error) {
	var sealed []byte
	if len(key) < longKey {
		sealed = b.running.Get([]byte(key))
	} else {
		sealed = b.long.Get(hashed(key))
	}
	if sealed == nil {
		return nil, nil
	}
	if len(key) >= longKey {
		r, err := openLong(sealed)
		return r.Value, err
	}
	v, _, err := unseal(key, sealed)
	return v, err
}

func (b records) put(r persist.Record) error {
	if len(r.Key) < longKey {
		return b.running.Put([]byte(r.Key), seal(r.Key, r.Value))
	}
	v := binary.BigEndian.AppendUint64(nil, sum(r.Key, r.Value))
	v = append(binary.AppendUvarint(v, uint64(len(r.Key))), r.Key...)
	return b.long.Put(hashed(r.Key), append(v, r.Value...))
}

func (b records) delete(key string) error {
	if len(key) < longKey {
		return b.running.Delete([]byte(key))
	}
	return b.long.Delete(hashed(key))
}

func hashed(key string) []byte {
	h := sha256.Sum256([]byte(key))
	return h[:]
}

// openLong reads an entry of longBucket.
func openLong(sealed []byte) (persist.Record, error) {
	if len(sealed) < 9 {
		return persist.Record{}, errDamaged
	}
	n, w := binary.Uvarint(sealed[8:])
	rest := sealed[8:]
	if w <= 0 || n > uint64(len(rest)-w) {
		return persist.Record{}, errDamaged
	}
	r := persist.Record{Key: string(rest[w : w+int(n)]), Value: rest[w+int(n):]}
	if sum(r.Key, r.Value) != binary.BigEndian.Uint64(sealed) {
		return r, errDamaged
	}
	return r, nil
}

// owned returns a copy that outlives the transaction; never nil.
func owned(v []byte) []byte { return append(make([]byte, 0, len(v)), v...) }
