package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"
)

// Limits bound the files.
type Limits struct {
	Bytes int64         // of one file; a batch of records may go beyond
	Age   time.Duration // of the first record in the newest file; 0 for any
	Files int           // in all, the newest included; at least 2
}

// DefaultLimits are those before any configuration is known.
var DefaultLimits = Limits{Bytes: 64 << 20, Files: 20}

// Options are those of a Log.
type Options struct {
	Dir string // made if absent, with mode 0700
	Key []byte // 32 octets
	// KeyIsOld tells that the key is not of this start: that there are no records then means
	// that they were removed.
	KeyIsOld bool
	Limits   Limits // DefaultLimits where zero
	Logger   *slog.Logger
	Now      func() time.Time // time.Now by default
}

// Log is the record that grows. Its methods are safe for concurrent use. There must be one Log
// only for a folder.
type Log struct {
	o   Options
	log *slog.Logger

	mu       sync.Mutex // guards what follows
	limits   Limits
	file     *os.File // nil after Close
	number   uint64   // of file
	files    int      // that there are
	size     int64
	begun    time.Time // time of the first record in file, zero for none
	looked   time.Time // when names were seen to lead to the files
	tip      place
	durable  place
	headFile *os.File
	sealer   *sealer
	lines    []byte // to be used again
	boot     string
	failure  error
	lost     uint64 // records that could not be written, until one tells so
	before   uint64 // those before Open, likewise

	unsynced chan struct{} // holds one while there is something to sync
}

// Open opens the record in a folder and makes good what an end without Close has left: a line
// that was not written whole is cut off. Where the files are not as they were left, the record
// goes on in a new file that begins with a record of the Damage.
func Open(o Options) (*Log, error) {
	if len(o.Key) != keySize {
		return nil, fmt.Errorf("a key of %d octets; expected %d", len(o.Key), keySize)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Log{o: o, log: o.Logger, limits: o.Limits, boot: boot(), sealer: newSealer(o.Key), unsynced: make(chan struct{}, 1)}
	if err := makeFolder(o.Dir); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if err := l.resume(); err != nil {
		return nil, fmt.Errorf("audit: %w", errors.Join(err, l.shut()))
	}
	return l, nil
}

// Append numbers the records and writes them, all or none. When it returns nil they outlive this
// process; they outlive the machine soon after, see Run. It waits for no disk, as long as the
// system has room to keep what is written. How many could not be written is for the caller to
// append as Lost; should the process end before, the next Log does.
func (l *Log) Append(records ...*Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.append(records)
	if l.failure = err; err != nil {
		l.lose(records)
	}
	return err
}

// lose has the head tell of records that could not be written, should the process end before
// whoever appends them can. Needs mu.
func (l *Log) lose(records []*Record) {
	was := l.lost
	for _, r := range records {
		if r.What != Lost { // it is written again
			l.lost++
		}
	}
	if l.headFile != nil && l.lost != was {
		if err := l.writeHead(); err != nil {
			l.log.Error("the head of the audit cannot be written", "error", err)
		}
	}
}

// append needs mu.
func (l *Log) append(records []*Record) error {
	if l.file == nil {
		return errors.New("the audit log is closed")
	}
	if err := l.unharmed(); err != nil {
		return err
	}
	if l.size > 0 && l.size >= l.limits.Bytes {
		if err := l.rotate(); err != nil {
			return fmt.Errorf("rotate: %w", err)
		}
	}
	lost, before := l.lost, l.before
	if slices.ContainsFunc(records, func(r *Record) bool { return r.What == Lost }) {
		l.lost = 0
	}
	if l.before = 0; before > 0 {
		records = append([]*Record{{What: Lost, Count: before, Reason: "records could not be written until the program ended"}}, records...)
	}
	err := l.write(records)
	if err != nil {
		l.lost, l.before = lost, before
	}
	return err
}

// write writes records to the newest file. Needs mu.
func (l *Log) write(records []*Record) error {
	at := l.tip
	lines := l.lines[:0]
	for _, r := range records {
		r.clip()
		if r.Time.IsZero() {
			r.Time = l.o.Now()
		}
		r.Time, r.Sequence, r.Prev = r.Time.UTC().Round(0), at.Sequence+1, at.next()
		begin, hash, err := len(lines), "", error(nil)
		if lines, err = r.appendBody(lines); err != nil {
			return err
		}
		lines, hash = l.sealer.seal(lines, begin)
		r.hash, at = hash, at.after(r, hash)
	}
	if n, err := l.file.Write(lines); err != nil {
		if n > 0 {
			err = errors.Join(err, l.file.Truncate(l.size))
		}
		return err
	}
	if l.size += int64(len(lines)); cap(lines) <= maxLine {
		l.lines = lines
	}
	if l.begun.IsZero() && len(records) > 0 {
		l.begun = records[0].Time
	}
	l.tip = at
	if err := l.writeHead(); err != nil {
		l.log.Error("the head of the audit cannot be written", "error", err)
	}
	select {
	case l.unsynced <- struct{}{}:
	default:
	}
	return nil
}

// writeHead needs mu.
func (l *Log) writeHead() error {
	h := head{Durable: l.durable, Tip: l.tip, Boot: l.boot, Lost: l.before + l.lost}
	_, err := l.headFile.WriteAt(h.encode(l.sealer), 0)
	return err
}

// Sync makes durable what was appended.
func (l *Log) Sync() error {
	l.mu.Lock()
	f, tip, durable := l.file, l.tip, l.durable
	l.mu.Unlock()
	if f == nil || tip == durable {
		return nil
	}
	err := f.Sync() // without mu: nobody waits for the disk
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != f || tip.Sequence <= l.durable.Sequence { // rotated, closed, or another was faster
		return nil
	}
	if err != nil {
		l.failure = err
		return err
	}
	l.durable = tip
	return l.writeHead()
}

// syncDelay is how long records wait to become durable together.
const syncDelay = 200 * time.Millisecond

// Run makes records durable soon after they were appended, and begins a new file when the
// newest is too old, until ctx ends.
func (l *Log) Run(ctx context.Context) {
	old := time.NewTicker(time.Minute)
	defer old.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-old.C:
			l.tooOld()
			continue
		case <-l.unsynced:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(syncDelay):
		}
		if err := l.Sync(); err != nil {
			l.log.Error("the audit does not become durable", "error", err)
		}
	}
}

// SetLimits has the files follow other limits from the next record on.
func (l *Log) SetLimits(limits Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limits = limits
}

// Close makes the records durable and ends the Log.
func (l *Log) Close() error {
	err := l.Sync()
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(err, l.shut())
}

// shut needs mu, or nobody else who has l.
func (l *Log) shut() error {
	var errs []error
	for _, f := range []*os.File{l.file, l.headFile} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	l.file, l.headFile = nil, nil
	return errors.Join(errs...)
}

// Status is how a Log does.
type Status struct {
	Sequence uint64 // of the newest record
	Hash     string
	Durable  uint64 // the newest record that is
	Commit   uint64 // the newest on record, 0 for none
	Files    int
	File     uint64 // number of the newest
	Bytes    int64  // of the newest file
	Failure  error  // of the last attempt to write
}

// Status returns how the Log does at this moment.
func (l *Log) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Status{
		Sequence: l.tip.Sequence, Hash: l.tip.next(), Durable: l.durable.Sequence, Commit: l.tip.Commit,
		Files: l.files, File: l.number, Bytes: l.size, Failure: l.failure,
	}
}
