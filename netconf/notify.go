package netconf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/netconf/transport"
)

// nsEvent is the namespace of <notification> (RFC 5277 Section 4).
const nsEvent = "urn:ietf:params:xml:ns:netconf:notification:1.0"

// delivery sends the events of a session's subscription. The zero value has none.
type delivery struct {
	// subscription is one whose reply is still to be sent; of the session's goroutine.
	subscription *notify.Subscription
	active       atomic.Bool
	lost         atomic.Bool // for what the client did not do, and the session with it
	cancel       context.CancelFunc
	sending      sync.WaitGroup
}

// subscribed tells whether the session has a subscription.
func (d *delivery) subscribed() bool { return d.subscription != nil || d.active.Load() }

// deliver starts to send the events of a new subscription, once the reply has been sent.
func (ss *session) deliver() {
	s := ss.subscription
	if s == nil {
		return
	}
	ss.subscription = nil
	ss.active.Store(true)
	ss.idle.subscribe(true) // which keeps the session
	ctx, cancel := context.WithCancel(context.Background())
	ss.cancel = cancel
	ss.sending.Go(func() {
		defer s.Close()
		defer cancel()
		err := ss.sendEvents(ctx, s)
		switch {
		case err == nil:
			ss.log.Info("NETCONF subscription is complete")
		case ctx.Err() == nil:
			ss.log.Warn("NETCONF subscription lost, the session ends", "error", err)
			ss.conn.Close()
		}
	})
}

// rest ends the time in which a subscription keeps an idle session alive.
func (ss *session) rest() {
	ss.idle.subscribe(false)
	ss.active.Store(false) // now there may be another
}

// undeliver ends the subscription and waits until nothing is sent any more; the
// connection is closed if it has one, because the client may have stopped reading.
func (ss *session) undeliver() {
	if s := ss.subscription; s != nil {
		s.Close()
	}
	if ss.cancel != nil {
		ss.cancel()
		ss.conn.Close()
	}
	ss.sending.Wait()
}

// sendEvents returns nil at the end of the subscription. A connection that fails ends
// the session by itself: what is lost is a subscription that does.
func (ss *session) sendEvents(ctx context.Context, s *notify.Subscription) error {
	for {
		e, err := s.Next(ctx)
		if s.Ended() && ss.active.Load() {
			ss.rest() // before the client hears of it and subscribes again
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err == nil:
			err = ss.sendEvent(e)
		case ctx.Err() == nil:
			ss.lost.Store(true)
		}
		if err != nil || s.Ended() {
			return err
		}
	}
}

// sendEvent sends a <notification> (RFC 5277 Section 2.2.1). One that :base:1.0 cannot
// carry is left out.
func (ss *session) sendEvent(e *notify.Event) error {
	m := ss.framer.NewMessage()
	fmt.Fprintf(m, "<notification xmlns=%q><eventTime>%s</eventTime>", nsEvent, e.Time.UTC().Format(time.RFC3339Nano))
	if err := e.WriteXML(m, ss.schema); err != nil {
		m.Discard()
		return err
	}
	m.WriteString("</notification>")
	switch err := m.Close(); {
	case errors.Is(err, transport.ErrDelimiter):
		ss.log.Warn("an event holds \"]]>]]>\", which a session of :base:1.0 cannot carry", "event", e.Node().QName())
		return nil
	case err != nil:
		return err
	}
	ss.counters.outNotifications.Add(1)
	ss.data.Counters.OutNotifications.Add(1)
	return nil
}

// matcher is the filter of a subscription. An event that an expression cannot judge
// within its limits is not wanted.
func (ss *session) matcher(f query.EventFilter) func(*notify.Event) bool {
	return func(e *notify.Event) bool {
		ok, err := f.Matches(context.Background(), e.Path, e.Tree)
		if err != nil {
			ss.log.Info("the filter of a subscription fails", "event", e.Node().QName(), "error", err)
		}
		return ok && err == nil
	}
}
