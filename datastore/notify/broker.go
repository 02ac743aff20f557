package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/altoam/altoam/yang"
)

// NETCONF is the stream that carries all events (RFC 5277 Section 3.2.3).
const NETCONF = "NETCONF"

// Stream is an event stream as it is advertised.
type Stream struct{ Name, Description string }

// Options configure a Broker.
type Options struct {
	Schema *yang.Schema
	// Dir is the folder of the history, "" for none: events are then kept in memory
	// only, as many as Memory and MemoryBytes allow.
	Dir    string
	Limits Limits
	// Memory and MemoryBytes bound what is kept in memory for subscribers that are in
	// the present; 1024 events and 8 MiB by default.
	Memory      int
	MemoryBytes int64
	// Streams are those besides NETCONF.
	Streams []Stream
	Logger  *slog.Logger     // nil for none
	Now     func() time.Time // time.Now by default
}

// skipped is how many numbers are left out at a start: more than can have been given to
// events that a crash kept from the files.
const skipped = 1 << 20

// Broker takes events and hands them to subscribers. It is safe for concurrent use.
type Broker struct {
	o       Options
	history *history // nil without a folder
	metrics *metrics

	mu      sync.Mutex // guards what follows; never held during I/O
	changed chan struct{}
	recent  []*kept // without gaps in their numbers, oldest first
	size    int64   // of recent
	next    uint64  // number of the next event
	written uint64  // number up to which events are in the files, or will never be
	missing uint64  // the newest number that the files lack although it was published
	created time.Time
	open    int // subscriptions
}

// kept is an event in memory.
type kept struct {
	*Event
	payload []byte
}

// Open returns a Broker that goes on where the one before it on the same folder ended.
// Without Run nothing is written to the folder.
func Open(o Options) (*Broker, error) {
	o.Memory = cmp.Or(o.Memory, 1024)
	o.MemoryBytes = cmp.Or(o.MemoryBytes, 8<<20)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	b := &Broker{o: o, metrics: newMetrics(), changed: make(chan struct{}), next: 1, created: o.Now()}
	if o.Dir == "" {
		return b, nil
	}
	h, err := openHistory(o.Dir, o.Limits, o.Now(), o.Logger)
	if err != nil {
		return nil, fmt.Errorf("event history: %w", err)
	}
	b.history, b.created = h, h.created
	if last := h.last(); last > 0 {
		b.next = last + skipped
	}
	b.written = b.next - 1
	return b, nil
}

// Streams are all streams, NETCONF the first. Each can be replayed.
func (b *Broker) Streams() []Stream {
	return append([]Stream{{NETCONF, "All events of this server."}}, b.o.Streams...)
}

// Created is when the history of the streams began (replayLogCreationTime of RFC 5277
// Section 3.4).
func (b *Broker) Created() time.Time { return b.created }

// Publish gives e its number, its time where it has none, and to subscribers. The
// content is not validated. It never waits for a reader or a disk; cost is that of
// encoding the event. The error is one of encoding: the event was not published.
func (b *Broker) Publish(e Event) error {
	payload, err := encodePayload(&e, b.o.Schema)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Time.IsZero() {
		e.Time = b.o.Now().UTC()
	}
	e.Seq = b.next
	b.next++
	b.recent = append(b.recent, &kept{&e, payload})
	b.size += int64(len(payload))
	b.forget()
	b.metrics.published.WithLabelValues(e.Node().QName()).Inc()
	close(b.changed)
	b.changed = make(chan struct{})
	return nil
}

// patience is by how much more than is allowed memory may hold events that are not
// written yet, before they are lost to the history.
const patience = 4

// forget drops the oldest events in memory. Needs mu.
func (b *Broker) forget() {
	n := 0
	for n < len(b.recent)-1 {
		over := max(float64(len(b.recent)-n)/float64(b.o.Memory), float64(b.size)/float64(b.o.MemoryBytes))
		e := b.recent[n]
		waits := b.history != nil && e.Seq > b.written
		if over <= 1 || waits && over <= patience {
			break
		}
		if waits {
			b.metrics.lost.Inc()
			b.written, b.missing = e.Seq, e.Seq
		}
		b.size -= int64(len(e.payload))
		b.recent[n] = nil
		n++
	}
	b.recent = b.recent[n:]
}

// How often what was written is synced, and how often old events are looked for.
const (
	syncEvery = 5 * time.Second
	trimEvery = time.Minute
)

// Run writes the history until ctx ends, and then what is left. Call it once; no event
// that is published after it has returned is kept.
func (b *Broker) Run(ctx context.Context) error {
	if b.history == nil {
		<-ctx.Done()
		return nil
	}
	sync, trim := time.NewTicker(syncEvery), time.NewTicker(trimEvery)
	defer sync.Stop()
	defer trim.Stop()
	dirty := false
	for {
		wrote, changed := b.write()
		dirty = dirty || wrote
		select {
		case <-ctx.Done():
			b.write()
			return b.history.close()
		case <-changed:
		case <-trim.C:
			b.failed("trim", b.history.trim(b.o.Now()))
		case <-sync.C:
			if dirty {
				b.failed("sync", b.history.sync())
			}
			dirty = false
		}
	}
}

// write writes the events that are not written yet, and returns what is closed when
// there are more.
func (b *Broker) write() (wrote bool, changed <-chan struct{}) {
	for {
		b.mu.Lock()
		changed = b.changed
		i, _ := slices.BinarySearchFunc(b.recent, b.written+1, func(k *kept, seq uint64) int { return cmp.Compare(k.Seq, seq) })
		waiting := slices.Clone(b.recent[i:])
		b.mu.Unlock()
		if len(waiting) == 0 {
			return wrote, changed
		}
		records := make([]*record, len(waiting))
		for i, k := range waiting {
			records[i] = &record{k.Seq, k.Time, k.payload}
		}
		err := b.history.append(records)
		b.failed("write", errors.Join(err, b.history.trim(b.o.Now())))
		b.mu.Lock()
		b.written = max(b.written, waiting[len(waiting)-1].Seq)
		if err != nil {
			b.missing = b.written
		}
		b.forget()
		b.mu.Unlock()
		wrote = true
	}
}

func (b *Broker) failed(what string, err error) {
	if err != nil {
		b.metrics.errors.Inc()
		b.o.Logger.Error("event history: "+what+" failed; events may be missing from replays", "error", err)
	}
}
