package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/altoam/altoam/datastore/tree"
)

// Errors of subscriptions.
var (
	// ErrNoStream tells that there is no stream of that name.
	ErrNoStream = errors.New("there is no such event stream")
	// ErrBehind ends a subscription whose next event is not kept any more.
	ErrBehind = errors.New("the subscriber is too slow: events that it has not seen are not kept any more")
)

// Request says what a subscriber wants.
type Request struct {
	Stream string // "" is NETCONF
	// View, where set, is the event as the subscriber may see it, nil where it may not.
	// Next calls it before Filter.
	View func(*Event) *Event
	// Filter tells which events are wanted; nil for all. It is called by Next.
	Filter func(*Event) bool
	// Start, where set, asks for a replay of the events from that time on.
	Start time.Time
	// Stop, where set, ends the subscription behind the events of up to that time.
	Stop time.Time
	// After, where not 0 and Start is not set, asks for the events with a greater
	// number (the header Last-Event-ID of server-sent events).
	After uint64
	// Closed, where set, is called by Close.
	Closed func()
}

// Subscription is a place in the row of events. Its methods are for one goroutine.
type Subscription struct {
	b        *Broker
	r        Request
	next     uint64 // number of the event to look at next
	replayTo uint64 // newest number at the time of subscribing
	replay   bool   // the mark of its end is still to come
	moved    bool   // an event was looked at
	last     uint64 // the newest number to look at, once stop has passed
	stopped  bool   // last is set
	done     bool
	held     *Event // comes behind the mark

	place   place
	fetched []record // read from the files, not looked at
}

// Subscribe starts a subscription: all that is published from now on is part of it,
// and before that what the request asks for. The caller must Close it.
func (b *Broker) Subscribe(r Request) (*Subscription, error) {
	if r.Stream == "" {
		r.Stream = NETCONF
	}
	if !slices.ContainsFunc(b.Streams(), func(s Stream) bool { return s.Name == r.Stream }) {
		return nil, fmt.Errorf("%w: %q", ErrNoStream, r.Stream)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &Subscription{b: b, r: r, next: b.next, replayTo: b.next - 1}
	switch {
	case !r.Start.IsZero():
		s.replay = true
		s.next = b.oldest()
		if b.history != nil {
			s.next = min(s.next, b.history.since(r.Start))
		}
	case r.After != 0:
		s.next = min(r.After, b.next-1) + 1
	}
	b.open++
	return s, nil
}

// oldest is the number of the oldest event in memory, of the next one without any.
// Needs mu.
func (b *Broker) oldest() uint64 {
	if len(b.recent) > 0 {
		return b.recent[0].Seq
	}
	return b.next
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.b.mu.Lock()
	s.b.open--
	s.b.mu.Unlock()
	if s.r.Closed != nil {
		s.r.Closed()
	}
}

// Ended tells whether Next has returned the last event there is.
func (s *Subscription) Ended() bool { return s.done }

// Next waits for the next event that is wanted. A replay ends with the mark
// replayComplete, and a subscription with a stop time with notificationComplete and
// then io.EOF (RFC 5277 Section 3.3.2); marks have no number, and are left out where
// the schema lacks nc-notifications. Other errors are ErrBehind and that of ctx; no
// event follows them.
func (s *Subscription) Next(ctx context.Context) (*Event, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.done {
			return nil, io.EOF
		}
		if s.replay && s.next > s.replayTo {
			s.replay = false
			if e := s.b.mark("replayComplete"); e != nil {
				return e, nil
			}
		}
		e, err := s.held, error(nil)
		if s.held = nil; e == nil {
			e, err = s.look(ctx)
		}
		switch {
		case err != nil:
			return nil, err
		case s.replay && e != nil && e.Seq > s.replayTo: // numbers were left out
			s.held = e
		case s.done:
			if e := s.b.mark("notificationComplete"); e != nil {
				return e, nil
			}
		case e != nil && s.due(e):
			if s.r.View != nil {
				e = s.r.View(e)
			}
			if e != nil && (s.r.Filter == nil || s.r.Filter(e)) {
				return e, nil
			}
		}
	}
}

// look returns the event that is next and moves behind it; nil where there is none of
// that number. It waits where there is none yet.
func (s *Subscription) look(ctx context.Context) (*Event, error) {
	b := s.b
	b.mu.Lock()
	oldest, end, changed, missing := b.oldest(), b.next, b.changed, b.missing
	var e *Event
	if s.next >= oldest && s.next < end {
		e = b.recent[s.next-oldest].Event
	}
	b.mu.Unlock()
	if !s.stopped && !s.r.Stop.IsZero() && !b.o.Now().Before(s.r.Stop) {
		s.stopped, s.last = true, end-1
	}
	switch {
	case s.stopped && s.next > s.last:
		s.done = true
		return nil, nil
	case e != nil:
		s.fetched = nil
		s.next, s.moved = s.next+1, true
		return e, nil
	case s.next < end:
		return s.past(oldest, missing)
	}
	return nil, s.wait(ctx, changed)
}

// wait waits for a change or the stop time.
func (s *Subscription) wait(ctx context.Context, changed <-chan struct{}) error {
	var stop <-chan time.Time
	if !s.r.Stop.IsZero() {
		t := time.NewTimer(s.r.Stop.Sub(s.b.o.Now()))
		defer t.Stop()
		stop = t.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-stop:
	}
	return nil
}

// past returns the next event that is only in the files; nil when there is none before
// oldest, or it cannot be read.
func (s *Subscription) past(oldest, missing uint64) (*Event, error) {
	h := s.b.history
	if len(s.fetched) == 0 {
		if h != nil {
			var err error
			if s.fetched, err = h.read(&s.place, s.next); err != nil {
				s.b.failed("read", err)
			}
		}
		seamless := s.moved || !s.replay && s.r.After == 0
		if seamless && (h == nil || s.next <= h.forgotten() || s.next <= missing && s.next > s.replayTo) {
			s.b.metrics.fellBehind.Inc()
			return nil, ErrBehind
		}
	}
	if len(s.fetched) == 0 || s.fetched[0].seq >= oldest {
		s.next = oldest
		return nil, nil
	}
	r := s.fetched[0]
	s.fetched = s.fetched[1:]
	s.next, s.moved = r.seq+1, true
	if h.tooOld(r.time, s.b.o.Now()) {
		return nil, nil
	}
	e, err := r.event(s.b.o.Schema)
	if err != nil {
		s.b.o.Logger.Debug("an event of the history does not fit the modules that are loaded now", "error", err)
	}
	return e, nil
}

// due tells whether e is of the stream and the times of the subscription.
func (s *Subscription) due(e *Event) bool {
	return (s.r.Stream == NETCONF || s.r.Stream == e.Stream) && !e.Time.Before(s.r.Start) &&
		(s.r.Stop.IsZero() || !e.Time.After(s.r.Stop))
}

// mark is a notification of nc-notifications without a number, or nil.
func (b *Broker) mark(name string) *Event {
	n := b.o.Schema.Find("/nc-notifications:" + name)
	if n == nil {
		return nil
	}
	return &Event{Time: b.o.Now().UTC(), Tree: tree.New(n)}
}
