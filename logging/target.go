package logging

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Settings are those of a target.
type Settings struct {
	Name string
	Selection
	Header
	Destination
	// Queue is how many records may wait; at least 1.
	Queue int
}

// Bounds of one write.
const (
	batchRecords = 256
	batchBytes   = 64 << 10
)

// How long to wait before a destination is tried again: from the first to the last, twice
// as long each time.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// endGrace is how long a target that is not wanted any more may take over its queue.
const endGrace = time.Second

// Status is how a target does.
type Status struct {
	Up        bool      // the last attempt to reach the destination was a success
	Since     time.Time // when that became so; zero before the first attempt
	LastError string    // why the last failure was, also after a success
	Sent      uint64    // records that were written
	Dropped   uint64    // records that were not: there was no room, or no time at the end
	Queued    int       // records that wait
}

// Target is a queue of records and who writes them. Its methods are safe for concurrent use.
type Target struct {
	Settings
	log     *slog.Logger
	records chan *Record
	ending  chan struct{} // closed by end
	once    sync.Once

	sent, dropped atomic.Uint64
	told          uint64 // of dropped: what the destination knows of; of run only

	mu     sync.Mutex
	status Status // without the counts
}

// NewTarget returns a target that takes records, and writes them once it runs. log, which must
// not lead to a target, is told when the destination is lost and when it is reached again.
func NewTarget(s Settings, log *slog.Logger) *Target {
	return &Target{Settings: s, log: log, records: make(chan *Record, max(1, s.Queue)), ending: make(chan struct{})}
}

// put queues r if it is wanted. It never waits.
func (t *Target) put(r *Record) {
	if !t.wants(r.Kind, t.facility(r.Kind), r.Severity) {
		return
	}
	select {
	case t.records <- r:
	default:
		t.dropped.Add(1)
	}
}

// Status returns how the target does at this moment.
func (t *Target) Status() Status {
	t.mu.Lock()
	s := t.status
	t.mu.Unlock()
	s.Sent, s.Dropped, s.Queued = t.sent.Load(), t.dropped.Load(), len(t.records)
	return s
}

// end asks run to return once the queue is written, or after endGrace.
func (t *Target) end() { t.once.Do(func() { close(t.ending) }) }

// run writes what is queued until end is called.
func (t *Target) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-ctx.Done():
			return
		case <-t.ending:
		}
		time.AfterFunc(endGrace, cancel)
	}()
	w := writer{Target: t, retry: firstRetry}
	defer w.shut()
	for w.next() {
		w.flush(ctx)
	}
}

// writer is the goroutine of a target.
type writer struct {
	*Target
	out   outlet // nil where the destination is not open
	retry time.Duration
	buf   []byte
	ends  []int
}

// next waits for records and makes a batch of them; it returns false at the end.
func (w *writer) next() bool {
	w.buf, w.ends = w.buf[:0], w.ends[:0]
	select {
	case r := <-w.records:
		w.add(r)
	case <-w.ending:
		select {
		case r := <-w.records:
			w.add(r)
		default:
			return false
		}
	}
	for len(w.ends) < batchRecords && len(w.buf) < batchBytes {
		select {
		case r := <-w.records:
			w.add(r)
		default:
			return true
		}
	}
	return true
}

func (w *writer) add(r *Record) {
	w.buf = w.Destination.append(w.buf, &w.Header, r)
	w.ends = append(w.ends, len(w.buf))
}

// flush writes the batch, however long it takes; when ctx ends what is left is dropped.
func (w *writer) flush(ctx context.Context) {
	buf, ends := w.buf, w.ends
	for {
		count, err := w.write(ctx, buf, ends)
		w.sent.Add(uint64(count))
		if count > 0 {
			begin := ends[count-1]
			buf, ends = buf[begin:], ends[count:]
			for i := range ends {
				ends[i] -= begin
			}
		}
		if err == nil {
			return
		}
		w.fail(err)
		w.pause(ctx)
		if ctx.Err() != nil {
			w.dropped.Add(uint64(len(ends)))
			return
		}
	}
}

// pause waits for the next attempt, which comes soon when the target ends.
func (w *writer) pause(ctx context.Context) {
	wait, ending := w.retry, w.ending
	w.retry = min(2*w.retry, lastRetry)
	select {
	case <-ending:
		wait, ending = firstRetry, nil
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ending:
	case <-ctx.Done():
	}
}

// write opens the destination where it is not, tells of what was dropped, and writes.
func (w *writer) write(ctx context.Context, buf []byte, ends []int) (count int, err error) {
	if w.out == nil {
		if w.out, err = w.open(ctx); err != nil {
			w.out = nil
			return 0, err
		}
	}
	if dropped := w.dropped.Load(); dropped > w.told {
		note := w.Destination.append(nil, &w.Header, droppedRecord(dropped-w.told))
		if _, err := w.out.write(note, []int{len(note)}); err != nil {
			return 0, err
		}
		w.told = dropped
	}
	if count, err = w.out.write(buf, ends); err != nil {
		return count, err
	}
	w.succeed()
	return count, nil
}

// droppedRecord is what a target tells first when it can be written to again.
func droppedRecord(count uint64) *Record {
	return &Record{
		Time: time.Now(), Kind: Event, Severity: Warning, Message: "records were dropped: the target was not reached or too slow",
		Params: []Param{{"count", fmt.Sprint(count)}},
	}
}

func (w *writer) succeed() {
	w.retry = firstRetry
	was, is := w.turn(true, "")
	if was.LastError != "" && !was.Up {
		w.log.Info("log target is written to again", "target", w.Name, "dropped", is.Dropped)
	}
}

func (w *writer) fail(err error) {
	w.shut()
	if was, _ := w.turn(false, err.Error()); was.Up || was.LastError == "" {
		w.log.Warn("log target cannot be written to, tried again until it can", "target", w.Name, "error", err)
	}
}

// turn notes how the target does and returns how it did.
func (w *writer) turn(up bool, reason string) (was, is Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was = w.status
	if was.Up != up || was.Since.IsZero() {
		w.status.Up, w.status.Since = up, time.Now()
	}
	if reason != "" {
		w.status.LastError = reason
	}
	is = w.status
	is.Dropped = w.dropped.Load()
	return was, is
}

func (w *writer) shut() {
	if w.out != nil {
		w.out.close()
		w.out = nil
	}
}
