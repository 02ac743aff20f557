package bolt

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// Load implements persist.Backend in one read transaction. It fails when a record is
// not as it was written, or one is missing or too many.
func (s *Store) Load(ctx context.Context, f func(persist.Record) error) (persist.State, error) {
	var out persist.State
	var fromF error // what f returned
	err := s.view(func(tx *bbolt.Tx) error {
		st, err := readState(tx)
		if err != nil {
			return err
		}
		out.Head, out.Pending, out.Scrub = st.Head, st.Pending, st.Scrub
		if out.Modules, err = readModules(tx); err != nil {
			return err
		}
		var digest, count uint64
		err = eachRecord(ctx, tx, func(r persist.Record, sum uint64) error {
			digest += sum
			count++
			fromF = f(r)
			return fromF
		})
		if err != nil {
			return err
		}
		if count != st.Count {
			return fmt.Errorf("%d records are stored, %d were written", count, st.Count)
		}
		if digest != st.Digest {
			return fmt.Errorf("the digest of the records does not fit: some are not as they were written")
		}
		return nil
	})
	switch {
	case fromF != nil || ctx.Err() != nil:
		return persist.State{}, err
	case err != nil:
		return persist.State{}, s.damage(err)
	}
	return out, nil
}

// eachRecord calls f for the records, each a copy, with their checksums: those with
// short keys by key, then the others.
func eachRecord(ctx context.Context, tx *bbolt.Tx, f func(persist.Record, uint64) error) error {
	b := recordsOf(tx)
	c := b.running.Cursor()
	for k, sealed := c.First(); k != nil; k, sealed = c.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := string(k)
		v, sum, err := unseal(key, sealed)
		if err != nil {
			return fmt.Errorf("record %s: %w", key, err)
		}
		if err := f(persist.Record{Key: key, Value: owned(v)}, sum); err != nil {
			return err
		}
	}
	long, err := longRecords(b.long)
	if err != nil {
		return err
	}
	for _, r := range long {
		if err := f(r, sum(r.Key, r.Value)); err != nil {
			return err
		}
	}
	return nil
}

// longRecords are the records of longBucket by key.
func longRecords(b *bbolt.Bucket) ([]persist.Record, error) {
	var out []persist.Record
	c := b.Cursor()
	for k, sealed := c.First(); k != nil; k, sealed = c.Next() {
		r, err := openLong(sealed)
		if err != nil || string(hashed(r.Key)) != string(k) {
			return nil, fmt.Errorf("record with the long key %x: %w", k, errDamaged)
		}
		r.Value = owned(r.Value)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b persist.Record) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}
