package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// rotate begins a new file. Its first record names the files that go. Needs mu.
func (l *Log) rotate() error {
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.durable = l.tip
	if err := l.writeHead(); err != nil {
		return err
	}
	return l.begin(&Record{What: Rotation})
}

// begin begins a new file with a record and removes files beyond the limit. When it fails the
// file before is still in use. Needs mu.
func (l *Log) begin(first *Record) error {
	next, old, size, begun := l.number+1, l.file, l.size, l.begun
	f, err := openFile(l.o.Dir, next, os.O_CREATE|os.O_EXCL)
	for tries := 0; errors.Is(err, fs.ErrExist) && tries < mostPlanted && next < mostNumber; tries++ { // somebody else has made it
		next++
		f, err = openFile(l.o.Dir, next, os.O_CREATE|os.O_EXCL)
	}
	if err != nil {
		return err
	}
	gone, removed, err := l.tooMany(next)
	if err == nil {
		first.File, first.Removed = next, removed
		l.file, l.size, l.begun = f, 0, first.Time
		if err = l.write([]*Record{first}); err == nil {
			err = errors.Join(f.Sync(), syncFolder(l.o.Dir))
		}
	}
	if err != nil && l.size == 0 {
		l.file, l.size, l.begun = old, size, begun
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if l.number = next; old != nil {
		_ = errors.Join(old.Sync(), old.Close()) // rotate has seen to it that there is nothing to sync
	}
	for _, n := range gone {
		err = errors.Join(err, os.Remove(filepath.Join(l.o.Dir, fileName(n))))
	}
	l.files = l.count()
	if err != nil {
		l.log.Warn("audit files", "error", err)
	}
	return nil
}

// mostPlanted is how many names of files that are there already are passed over.
const mostPlanted = 10_000

// tooMany returns the files that go once there is the file next, and the newest record in
// them. Needs mu.
func (l *Log) tooMany(next uint64) (gone []uint64, newest *Removed, err error) {
	all, err := fileNumbers(l.o.Dir)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(n uint64) bool { return n > next }) // not ours
	if n := len(all) - max(2, l.limits.Files); n > 0 {
		gone, all = all[:n], all[n:]
	}
	if len(gone) == 0 {
		return nil, nil, nil
	}
	for _, n := range all { // up to next; Verify says what is wrong with those that are damaged
		if e, err := firstIn(filepath.Join(l.o.Dir, fileName(n))); err == nil {
			return gone, &Removed{Last: e.Sequence - 1, Hash: e.Prev}, nil
		}
	}
	return gone, &Removed{Last: l.tip.Sequence, Hash: l.tip.next()}, nil
}

func (l *Log) count() int {
	all, _ := fileNumbers(l.o.Dir)
	return len(all)
}

// tooOld begins a new file if the newest is older than it may be.
func (l *Log) tooOld() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil || l.limits.Age <= 0 || l.begun.IsZero() || l.o.Now().Sub(l.begun) < l.limits.Age {
		return
	}
	if err := l.rotate(); err != nil {
		l.log.Error("no new audit file", "error", err)
	}
}

// unharmed begins a new file with a record of the Damage where the newest, or the head, is not
// what this Log has made of it. Needs mu.
func (l *Log) unharmed() error {
	harm, err := l.harm()
	if err != nil || harm == "" {
		return err
	}
	l.log.Error("the audit was tampered with", "finding", harm)
	if err := makeFolder(l.o.Dir); err != nil {
		return err
	}
	h := head{Durable: l.durable, Tip: l.tip, Boot: l.boot}
	f, err := openHead(l.o.Dir, h.encode(l.sealer))
	if err != nil {
		return err
	}
	_ = l.headFile.Close()
	l.headFile = f
	return l.begin(&Record{What: Damage, Reason: harm})
}

// harm says what is wrong with the newest file, "" for nothing. Needs mu.
func (l *Log) harm() (string, error) {
	info, err := l.file.Stat()
	if err != nil {
		return "", err
	}
	if info.Size() != l.size {
		return fmt.Sprintf("the newest file has %d octets, but %d were written", info.Size(), l.size), nil
	}
	now := l.o.Now()
	if now.Sub(l.looked).Abs() < lookAgain {
		return "", nil
	}
	switch {
	case !inPlace(l.file):
		return "the newest file is gone, or another one", nil
	case !inPlace(l.headFile):
		return "the head is gone, or another file", nil
	}
	l.looked = now
	return "", nil
}

// lookAgain is how often names are looked at.
const lookAgain = time.Second

// inPlace tells whether the name of an open file still leads to it.
func inPlace(f *os.File) bool {
	is, err := f.Stat()
	named, gone := os.Lstat(f.Name())
	return err == nil && gone == nil && os.SameFile(is, named)
}
