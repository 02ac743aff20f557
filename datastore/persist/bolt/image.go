package bolt

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// Image is a file as it was found, damage and all, with what can be made of it. It is
// read without bbolt, which needs a sound file, and holds the file until Close: no
// agent runs on it meanwhile.
type Image struct {
	Path string
	// Problems are all that is wrong; none when the file is as it was written.
	Problems []error
	// State is that of the newest commit. Without a readable one in the file it is
	// made of what the history says of its newest entry.
	State persist.State

	file     *os.File
	newest   entry // of State
	stated   bool  // the state in the file is readable
	sound    bool  // the pages are
	format   string
	records  map[string][]byte
	damaged  map[string]bool // records that are not as they were written
	nameless int             // those of them whose key is lost
	history  map[uint64]past
}

// past is one history entry.
type past struct {
	entry entry
	undo  []byte // sealed; empty when not kept
	err   error  // why it cannot be used
}

// ReadImage reads the file at path, which it does not change. It fails with ErrInUse
// while another process holds it, and when it is in another format.
func ReadImage(path string) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	im := &Image{
		Path: path, file: f,
		records: map[string][]byte{}, damaged: map[string]bool{}, history: map[uint64]past{},
	}
	if err := im.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return im, nil
}

// Close releases the file.
func (im *Image) Close() error { return im.file.Close() }

func (im *Image) read() error {
	if err := lock(im.file, syscall.LOCK_SH); err != nil {
		return err
	}
	info, err := im.file.Stat()
	if err != nil {
		return err
	}
	var st *state
	p := walk(im.file, info.Size(), func(bucket string, key []byte, value func() []byte) {
		switch bucket {
		case string(runningBucket):
			im.record(string(key), value())
		case string(longBucket):
			im.long(key, value())
		case string(historyBucket):
			im.remember(key, value())
		case string(metaBucket), string(schemaBucket):
			if found := im.single(string(key), value()); found != nil {
				st = found
			}
		}
	})
	im.Problems = append(p.problems, im.Problems...)
	im.sound = len(p.problems) == 0
	if im.format != "" && im.format != string(format) && im.format != format2 {
		return fmt.Errorf("it is in the format %q; this version reads %q and upgrades older files when it runs on them", im.format, format)
	}
	im.settle(st)
	return nil
}

func (im *Image) problem(format string, args ...any) {
	im.Problems = append(im.Problems, fmt.Errorf(format, args...))
}

func (im *Image) record(key string, sealed []byte) {
	v, _, err := unseal(key, sealed)
	if err != nil {
		im.damaged[key] = true
		im.problem("record %s: %w", key, err)
		return
	}
	im.records[key] = owned(v)
}

func (im *Image) long(hash, sealed []byte) {
	r, err := openLong(sealed)
	switch {
	case err == nil && bytes.Equal(hashed(r.Key), hash):
		im.records[r.Key] = owned(r.Value)
		return
	case bytes.Equal(hashed(r.Key), hash):
		im.damaged[r.Key] = true
	default:
		im.nameless++
	}
	im.problem("record with the long key %x: %w", hash, errDamaged)
}

func (im *Image) remember(key, value []byte) {
	e, undo, err := readEntry(key, value)
	if err != nil {
		im.problem("history entry %x: %w", key, err)
		return
	}
	h := past{entry: e, undo: owned(undo)}
	if len(undo) > 0 {
		if _, err := readUndo(key, undo); err != nil {
			h.err = fmt.Errorf("what leads back from commit %d: %w", e.Head.Revision, err)
			im.Problems = append(im.Problems, h.err)
		}
	}
	im.history[e.Head.Revision] = h
}

// single reads what stands alone in its bucket; it returns the state.
func (im *Image) single(key string, value []byte) *state {
	switch key {
	case string(formatKey):
		im.format = string(value)
	case string(modulesKey):
		var err error
		if im.State.Modules, err = parseModules(owned(value)); err != nil {
			im.Problems = append(im.Problems, err)
		}
	case string(stateKey):
		if st, err := parseState(value); err == nil {
			return &st
		}
	}
	return nil
}

// settle finds out what the newest commit is and whether its state is whole.
func (im *Image) settle(st *state) {
	newest := uint64(0)
	for n := range im.history {
		newest = max(newest, n)
	}
	if st != nil {
		im.stated = true
		im.newest = entry{Head: st.Head, Digest: st.Digest, Count: st.Count}
		im.State.Head, im.State.Pending, im.State.Scrub = st.Head, st.Pending, st.Scrub
	} else {
		im.problem("the state of the store is missing or damaged")
		im.newest = im.history[newest].entry
		im.State.Head = im.newest.Head
	}
	head := im.newest.Head.Revision
	if h, ok := im.history[head]; head > 0 && (!ok || h.entry != im.newest) || newest != head {
		im.problem("the history does not end with the newest commit, %d", head)
	}
	oldest := head
	for n := range im.history {
		oldest = min(oldest, n)
	}
	for n := oldest; n < head; n++ {
		if _, ok := im.history[n]; !ok {
			im.problem("commit %d is missing in the history", n)
		}
	}
	im.Back(func(h persist.Head, whole bool) bool {
		if !whole {
			im.problem("the records are not those of %s: %d of %d are left, %d damaged",
				name(h), len(im.records), im.newest.Count, len(im.damaged)+im.nameless)
		}
		return false
	})
}

func name(h persist.Head) string {
	if h.Revision == 0 {
		return "an empty store"
	}
	return fmt.Sprintf("commit %d", h.Revision)
}

// replay is the state of one commit.
type replay struct {
	records map[string][]byte
	lost    map[string]bool // records that are not known
	digest  uint64
	count   uint64
}

func (r *replay) set(key string, value []byte) {
	if old, ok := r.records[key]; ok {
		r.digest -= sum(key, old)
		r.count--
		delete(r.records, key)
	}
	delete(r.lost, key)
	if value != nil {
		r.digest += sum(key, value)
		r.count++
		r.records[key] = value
	}
}

func (r *replay) is(e entry) bool { return r.digest == e.Digest && r.count == e.Count }

// start is the state of the newest commit as far as it is left.
func (im *Image) start() *replay {
	r := &replay{records: make(map[string][]byte, len(im.records)), lost: maps.Clone(im.damaged)}
	for k, v := range im.records {
		r.set(k, v)
	}
	return r
}

// each calls f with each commit that can be reached, newest first, until f returns
// false. The replay is f's until it returns.
func (im *Image) each(f func(e entry, r *replay) bool) {
	r := im.start()
	for e := im.newest; f(e, r); {
		n := e.Head.Revision
		h, ok := im.history[n]
		if !ok || h.err != nil || len(h.undo) == 0 {
			return
		}
		undo, err := readUndo(revisionKey(n), h.undo)
		if err != nil {
			return
		}
		for _, u := range undo {
			r.set(u.Key, u.Value)
		}
		if h, ok = im.history[n-1]; !ok {
			return
		}
		e = h.entry
	}
}

// Back calls f with each commit that can be reached from the newest one, newest
// first, until f returns false; whole tells that its state is exactly as it was. The
// state of a commit can be whole when that of a later one is not.
func (im *Image) Back(f func(h persist.Head, whole bool) bool) {
	im.each(func(e entry, r *replay) bool { return f(e.Head, r.is(e)) })
}

// Commits calls f with the metadata of every commit that can be read, newest first.
func (im *Image) Commits(f func(persist.Head)) {
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(im.history))) {
		f(im.history[n].entry.Head)
	}
}

// Content is the state of one commit as far as it is left.
type Content struct {
	Head    persist.Head
	Records []persist.Record // by key
	Whole   bool             // they are exactly those that were written
	Lost    []string         // keys of records that are not left, as far as they are known
	Unknown uint64           // how many more are not left
}

// At returns the state of commit n, or an error that tells why it cannot be reached.
func (im *Image) At(n uint64) (Content, error) {
	var out Content
	last, found := uint64(0), false
	im.each(func(e entry, r *replay) bool {
		last = e.Head.Revision
		if last != n {
			return true
		}
		found = true
		out = content(e, r)
		return false
	})
	if !found {
		return out, im.unreachable(n, last)
	}
	return out, nil
}

func content(e entry, r *replay) Content {
	c := Content{Head: e.Head, Whole: r.is(e), Lost: slices.Sorted(maps.Keys(r.lost))}
	for _, k := range slices.Sorted(maps.Keys(r.records)) {
		c.Records = append(c.Records, persist.Record{Key: k, Value: r.records[k]})
	}
	if known := r.count + uint64(len(c.Lost)); known < e.Count {
		c.Unknown = e.Count - known
	}
	return c
}

// unreachable says why commit n cannot be reached; last is the last that can.
func (im *Image) unreachable(n, last uint64) error {
	switch {
	case n == 0 || n > im.newest.Head.Revision:
		return fmt.Errorf("%s has no commit %d; the newest is %d", im.Path, n, im.newest.Head.Revision)
	case im.history[last].err != nil:
		return fmt.Errorf("commit %d cannot be reached: %w", n, im.history[last].err)
	}
	return fmt.Errorf("commit %d cannot be reached: %w, only back to commit %d", n, persist.ErrForgotten, last)
}

// CheckPages has bbolt check the file too and returns what it finds.
func (im *Image) CheckPages() (found []error) {
	if !im.sound {
		return nil // it would read outside the file
	}
	err := guarded(func() error {
		db, err := bbolt.Open(im.Path, 0, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true, Timeout: lockWait})
		if err != nil {
			return err
		}
		defer db.Close()
		return db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				found = append(found, err)
			}
			return nil
		})
	})
	if err != nil {
		found = append(found, err)
	}
	return found
}
