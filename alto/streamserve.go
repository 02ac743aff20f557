package alto

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// eventWriters gather what is written until it is worth a chunk.
var eventWriters = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 32<<10) }}

// sender sends the queue of a stream as the response to the request that opened it,
// in that request's goroutine.
type sender struct {
	*stream
	server  *Server
	account *account // of the service; nil: it was gone already
	request *http.Request
	w       http.ResponseWriter
	control *http.ResponseController
	checked *Snapshot // last one in which the client may use the service
}

// serveStream sends messages until the stream ends, the client is gone or its socket
// is retired. checked is the snapshot that has admitted the client.
func (s *Server) serveStream(st *stream, a *account, checked *Snapshot, w http.ResponseWriter, r *http.Request, header http.Header) {
	d := &sender{stream: st, server: s, account: a, request: r, w: w, control: http.NewResponseController(w), checked: checked}
	st.attach(d.control.SetWriteDeadline)
	defer st.leave()
	_ = d.control.SetReadDeadline(time.Time{}) // that of the request would end the stream
	h := w.Header()
	for key, values := range header {
		h[key] = values
	}
	h.Set("Content-Type", MediaEventStream)
	h.Set("Cache-Control", "no-store")
	if r.ProtoMajor == 1 {
		h.Set("Connection", "close")
	}
	w.WriteHeader(http.StatusOK)
	d.run()
}

func (d *sender) run() {
	draining := drainingOf(d.request.Context())
	quiet := time.NewTimer(0)
	defer quiet.Stop()
	for {
		if ended, err := d.drain(); ended || err != nil {
			return
		}
		quiet.Reset(d.keepAlive())
		select {
		case <-d.wake:
		case <-quiet.C:
			if d.write(func(w *bufio.Writer) { _, _ = w.WriteString(keepAlive) }) != nil {
				return
			}
		case <-draining:
			draining = nil
			d.close("the server no longer listens here")
		case <-d.request.Context().Done():
			return
		}
	}
}

// drain sends what waits. An error means that the client is gone.
func (d *sender) drain() (ended bool, err error) {
	for {
		m, snapshot, ok, ended := d.take()
		if snapshot != d.checked && !d.admitted(snapshot) {
			d.close("access has been withdrawn")
			d.checked = snapshot
			continue
		}
		if !ok {
			return ended, nil
		}
		if err := d.send(m); err != nil {
			return false, err
		}
	}
}

// admitted asks again whether the client may use the service.
func (d *sender) admitted(snapshot *Snapshot) bool {
	n := snapshot.byID.At(d.resource)
	if n == nil {
		return true // the stream has ended, which the queue tells
	}
	if _, refusal := snapshot.admit(d.request, n, nil); refusal != nil {
		return false
	}
	d.checked = snapshot
	return true
}

func (d *sender) send(m message) error {
	if m.control != nil {
		return d.sendEvent(MediaUpdateControl, m.control)
	}
	m.update.make()
	switch {
	case m.update.failure != nil:
		d.drop(m.sub, "the resource does not accept the input any more")
		return nil
	case !m.update.changed:
		return nil
	case m.update.each != nil:
		return d.sendParts(m.sub.id, m.update.each)
	}
	return d.sendEvent(m.update.media+","+m.sub.id, m.update.parts...)
}

// sendEvent counts a message and sends it.
func (d *sender) sendEvent(event string, parts ...[]byte) error {
	d.messages.add(int64(d.server.sinceStart()/time.Second), d.server.windowNow(), true)
	return d.write(func(w *bufio.Writer) { writeEvent(w, event, parts...) })
}

// write lets the client have what fill writes; it has answerTimeout to take it.
func (d *sender) write(fill func(*bufio.Writer)) error {
	d.allow(answerTimeout)
	w := eventWriters.Get().(*bufio.Writer)
	defer eventWriters.Put(w)
	defer w.Reset(io.Discard)
	w.Reset(d)
	fill(w)
	if err := w.Flush(); err != nil {
		return err
	}
	if err := d.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// Write sends bytes of the stream and counts them.
func (d *sender) Write(p []byte) (n int, err error) {
	n, err = d.w.Write(p)
	d.server.requests.sent(n)
	if d.account != nil {
		d.account.counter().sent(n)
	}
	return n, err
}
