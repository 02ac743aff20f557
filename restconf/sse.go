package restconf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore/notify"
)

// nsEvent is the namespace of <notification> (RFC 5277 Section 4).
const nsEvent = "urn:ietf:params:xml:ns:netconf:notification:1.0"

// silence is after how long without an event a comment is sent, so that neither side
// nor anybody between them takes the connection for dead.
const silence = 30 * time.Second

// reconnect is after how long a client whose stream has ended should come back.
const reconnect = 3 * time.Second

// deliver sends the events of sub as server-sent events (RFC 8040 Section 6.4) until
// the subscription, the client, the session, what authenticated the user or the server
// ends, or the client takes longer for an event than it may.
func (q *request) deliver(sub *notify.Subscription, e encoding) {
	ctx, cancel := context.WithCancel(q.r.Context())
	if until := q.until(); !until.IsZero() {
		defer time.AfterFunc(time.Until(until), cancel).Stop()
	}
	defer context.AfterFunc(q.ending, cancel)()
	if rec, ok := q.w.(*recorder); ok {
		rec.timeout = 0 // events have a time-out of their own
	}
	f := feed{events: make(chan *notify.Event)}
	go f.fill(ctx, sub)
	err := q.relay(&f, e)
	cancel()
	for range f.events { // until sub is not used any more
	}
	if err == nil {
		err = f.err
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			q.metrics.limited.WithLabelValues("event-timeout").Inc()
		}
		q.log.Info("an event stream was lost", "user", q.user.Name, "address", peer(q.r), "error", err)
	}
}

// relay sends the events of f, until its end, that of the session, or an error.
func (q *request) relay(f *feed, e encoding) error {
	out := &eventWriter{http.NewResponseController(q.w), q.w, q.policy.Load().event}
	err := out.start()
	for err == nil {
		quiet := time.NewTimer(silence)
		select {
		case ev, more := <-f.events:
			if !more {
				return nil
			}
			err = q.sendEvent(out, ev, e)
		case <-quiet.C:
			err = out.write([]byte(":\n\n"))
		case <-q.session.Done():
			return nil
		}
		quiet.Stop()
	}
	return err
}

// feed takes events from a subscription.
type feed struct {
	events chan *notify.Event // closed at the end
	err    error              // why, once it is closed
}

func (f *feed) fill(ctx context.Context, sub *notify.Subscription) {
	defer close(f.events)
	for {
		var e *notify.Event
		if e, f.err = sub.Next(ctx); f.err != nil {
			return
		}
		select {
		case f.events <- e:
		case <-ctx.Done():
			f.err = ctx.Err()
			return
		}
	}
}

// sendEvent sends e with its number as the id, by which a client can resume.
func (q *request) sendEvent(out *eventWriter, ev *notify.Event, e encoding) error {
	var b bytes.Buffer
	when := ev.Time.UTC().Format(time.RFC3339Nano)
	var err error
	if e == inXML {
		fmt.Fprintf(&b, "<notification xmlns=%q><eventTime>%s</eventTime>", nsEvent, when)
		err = ev.WriteXML(&b, q.schema)
		b.WriteString("</notification>")
	} else {
		fmt.Fprintf(&b, `{"%s:notification":{"eventTime":%q,`, restconfModule, when)
		err = ev.WriteJSON(&b, q.schema)
		b.WriteString("}}")
	}
	if err != nil {
		return err
	}
	q.session.Counters.OutNotifications.Add(1)
	return out.write(message(ev.Seq, b.String()))
}

// lines makes one end of line of those that end a line of an event stream.
var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// message is an event of an event stream; id 0 stands for none.
func message(id uint64, text string) []byte {
	var b bytes.Buffer
	if id != 0 {
		fmt.Fprintf(&b, "id: %d\n", id)
	}
	for line := range strings.SplitSeq(lines.Replace(text), "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// eventWriter writes an event stream.
type eventWriter struct {
	control *http.ResponseController
	w       http.ResponseWriter
	timeout time.Duration
}

// start sends the header. What bounds the time of a request does not bound a stream.
func (w *eventWriter) start() error {
	if err := w.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	w.w.Header().Set("Content-Type", eventMedia)
	w.w.WriteHeader(http.StatusOK)
	return w.write([]byte("retry: " + strconv.FormatInt(reconnect.Milliseconds(), 10) + "\n\n"))
}

// write sends b; the client has the timeout to take it.
func (w *eventWriter) write(b []byte) error {
	if err := w.deadline(time.Now().Add(w.timeout)); err != nil {
		return err
	}
	if _, err := w.w.Write(b); err != nil {
		return err
	}
	if err := w.control.Flush(); err != nil {
		return err
	}
	// HTTP/2 resets a stream at its deadline even when nothing is being written.
	return w.deadline(time.Time{})
}

func (w *eventWriter) deadline(t time.Time) error {
	if err := w.control.SetWriteDeadline(t); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
