package notify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits bound the history. What exceeds one of them goes, the oldest first, a
// sixteenth of the whole at a time.
type Limits struct {
	Events int           // DefaultEvents if 0
	Bytes  int64         // DefaultBytes if 0
	Age    time.Duration // 0 for any age
}

// The limits by default.
const (
	DefaultEvents = 100_000
	DefaultBytes  = 64 << 20
)

// segments is about how many files the history is spread over.
const segments = 16

const (
	segmentSuffix = ".events"
	createdFile   = "created"
)

// history is a folder of files of records, each named after its first one. It is safe
// for concurrent use; one goroutine at a time may write.
type history struct {
	dir    string
	limits Limits
	log    *slog.Logger
	// created is when the history began.
	created time.Time

	mu   sync.Mutex // guards what follows; not held during I/O
	segs []*segment // oldest first
	gone uint64     // the newest number that was removed
	out  *os.File   // of the last segment; nil before the first write
}

// segment is one file. Its content only grows.
type segment struct {
	first, last uint64 // first is that of the file's name; there may be none so low
	newest      time.Time
	events      int
	size        int64
}

func (s *segment) path(dir string) string {
	return filepath.Join(dir, fmt.Sprintf("%020d%s", s.first, segmentSuffix))
}

func (s *segment) add(r *record) {
	if r.time.After(s.newest) {
		s.newest = r.time
	}
	s.last = r.seq
	s.events++
	s.size += r.size()
}

// openHistory opens or makes the folder. What follows the first damaged byte of a file
// is left out, and cut off where it is the newest file: a crash leaves such tails.
func openHistory(dir string, limits Limits, now time.Time, log *slog.Logger) (*history, error) {
	if limits.Events <= 0 {
		limits.Events = DefaultEvents
	}
	if limits.Bytes <= 0 {
		limits.Bytes = DefaultBytes
	}
	h := &history{dir: dir, limits: limits, log: log}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := h.load(name); err != nil {
			return nil, err
		}
	}
	if len(h.segs) > 0 {
		s := h.segs[len(h.segs)-1]
		if h.out, err = os.OpenFile(s.path(dir), os.O_RDWR, 0o600); err != nil {
			return nil, err
		}
		if err := h.out.Truncate(s.size); err != nil {
			return nil, errors.Join(err, h.out.Close())
		}
	}
	return h, h.readCreated(now)
}

// load reads what one file holds.
func (h *history) load(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	first, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(name), segmentSuffix), 10, 64)
	if err != nil {
		return nil // not one of ours
	}
	s := &segment{first: first, last: max(first, 1) - 1}
	for at := 0; at < len(b); {
		r, n, err := parseRecord(b[at:])
		if err != nil || r.seq <= s.last {
			h.log.Warn("event history: the rest of a file is damaged and left out", "file", name, "octets", len(b)-at)
			break
		}
		s.add(&r)
		at += n
	}
	if s.events == 0 || h.last() >= s.first {
		h.log.Warn("event history: a file without events of its own is removed", "file", name)
		return os.Remove(name)
	}
	h.segs = append(h.segs, s)
	return nil
}

// readCreated reads or writes when the history began.
func (h *history) readCreated(now time.Time) error {
	name := filepath.Join(h.dir, createdFile)
	b, err := os.ReadFile(name)
	if err == nil {
		h.created, err = time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
		if err == nil {
			return nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	h.created = now.UTC().Truncate(time.Second)
	return os.WriteFile(name, []byte(h.created.Format(time.RFC3339)+"\n"), 0o600)
}

// last is the number of the newest event, 0 without one.
func (h *history) last() uint64 {
	if len(h.segs) == 0 {
		return 0
	}
	return h.segs[len(h.segs)-1].last
}

// append writes records, whose numbers rise. When it fails some of them are not kept.
func (h *history) append(records []*record) error {
	for len(records) > 0 {
		s, err := h.segment(records[0].seq)
		if err != nil {
			return err
		}
		next := *s
		var b []byte
		n := 0
		for n < len(records) && (n == 0 || !h.full(&next)) {
			b = records[n].append(b)
			next.add(records[n])
			n++
		}
		if _, err := h.out.WriteAt(b, s.size); err != nil {
			return errors.Join(err, h.out.Truncate(s.size))
		}
		h.mu.Lock()
		*s = next
		h.mu.Unlock()
		records = records[n:]
	}
	return nil
}

func (h *history) full(s *segment) bool {
	return s.events >= max(1, h.limits.Events/segments) || s.size >= h.limits.Bytes/segments
}

// segment returns the file to write the event numbered first to, a new one where the
// last is full.
func (h *history) segment(first uint64) (*segment, error) {
	if n := len(h.segs); n > 0 && !h.full(h.segs[n-1]) {
		return h.segs[n-1], nil
	}
	if h.out != nil {
		if err := errors.Join(h.out.Sync(), h.out.Close()); err != nil {
			return nil, err
		}
		h.out = nil
	}
	s := &segment{first: first}
	f, err := os.OpenFile(s.path(h.dir), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.out = f
	h.segs = append(h.segs, s)
	return s, nil
}

// trim removes the oldest files until the limits are kept. The file being written stays.
func (h *history) trim(now time.Time) error {
	h.mu.Lock()
	events, size := 0, int64(0)
	for _, s := range h.segs {
		events += s.events
		size += s.size
	}
	var gone []*segment
	for len(h.segs) > 1 {
		s := h.segs[0]
		if events <= h.limits.Events && size <= h.limits.Bytes && !h.tooOld(s.newest, now) {
			break
		}
		events -= s.events
		size -= s.size
		gone = append(gone, s)
		h.segs, h.gone = h.segs[1:], s.last
	}
	h.mu.Unlock()
	var errs []error
	for _, s := range gone {
		errs = append(errs, os.Remove(s.path(h.dir)))
	}
	return errors.Join(errs...)
}

// forgotten is the newest number that was removed since the start.
func (h *history) forgotten() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.gone
}

// since returns a number before which no event in the files is of t or later.
func (h *history) since(t time.Time) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.segs {
		if !s.newest.Before(t) {
			return s.first
		}
	}
	return math.MaxUint64
}

func (h *history) tooOld(t, now time.Time) bool {
	return h.limits.Age > 0 && now.Sub(t) > h.limits.Age
}

// sync makes what was written survive the end of the machine.
func (h *history) sync() error {
	if h.out == nil {
		return nil
	}
	return h.out.Sync()
}

func (h *history) close() error {
	if h.out == nil {
		return nil
	}
	return errors.Join(h.out.Sync(), h.out.Close())
}

// place is where in the files a reader is.
type place struct {
	segment uint64 // its first number
	offset  int64
	read    uint64 // the number before offset
}

// readSize is how much of a file is read at a time.
const readSize = 256 << 10

// read returns some of the records numbered from on, in order, none when there are no
// more. p is where the reader was before, and is moved on. Cost is that of a piece of a
// file, where p is that of another number that of a whole one.
func (h *history) read(p *place, from uint64) ([]record, error) {
	for {
		s, ok := h.find(from)
		if !ok {
			return nil, nil
		}
		if p.segment != s.first || p.read >= from {
			*p = place{segment: s.first}
		}
		records, err := h.piece(p, &s, from)
		if len(records) > 0 || err != nil {
			return records, err
		}
	}
}

// find returns the first segment that has a number of from or more.
func (h *history) find(from uint64) (segment, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, _ := slices.BinarySearchFunc(h.segs, from, func(s *segment, from uint64) int {
		if s.last < from {
			return -1
		}
		return 1
	})
	if i == len(h.segs) || h.segs[i].events == 0 {
		return segment{}, false
	}
	return *h.segs[i], true
}

// piece reads the records from p on that have a number of from or more.
func (h *history) piece(p *place, s *segment, from uint64) ([]record, error) {
	f, err := os.Open(s.path(h.dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // trimmed meanwhile: find goes on behind it
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for size := int64(readSize); ; {
		b := make([]byte, min(size, s.size-p.offset))
		if _, err := f.ReadAt(b, p.offset); err != nil && err != io.EOF {
			return nil, err
		}
		var out []record
		n := 0
		for {
			r, k, err := parseRecord(b[n:])
			if err != nil {
				break
			}
			n += k
			p.read = r.seq
			if r.seq >= from {
				out = append(out, r)
			}
		}
		p.offset += int64(n)
		switch {
		case len(out) > 0:
			return out, nil
		case n > 0:
		case int64(len(b)) == s.size-p.offset:
			return nil, fmt.Errorf("event history: %s is damaged at %d", s.path(h.dir), p.offset)
		default:
			size *= 2 // a record longer than that
		}
	}
}
