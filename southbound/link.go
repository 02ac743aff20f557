package southbound

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/alto"
)

const (
	// askTime is how long to wait for figures: for a step that is being made, and then for
	// the reply.
	askTime = 5 * time.Second
	// stepTime is how long the server may take for a step.
	stepTime = 2 * time.Minute
)

// link is a connection to a server. It is safe for concurrent use: one request after the
// other. After an error it is of no use any more.
type link struct {
	hello   *hello
	conn    net.Conn
	replies chan *message
	gone    chan struct{} // closed when the connection has ended and nothing more is read
	pushed  func([]byte)  // takes what comes without being asked for; nil: nothing may

	turn    chan struct{} // is full from a request to its reply
	w       *bufio.Writer // of who has the turn
	stepped atomic.Int64  // when the step that is being made began, in Unix nanoseconds; 0: none is
	err     error         // why the connection has ended; read after gone
}

// dial connects to a server of the same user. pushed, which may be nil, takes what the
// server hands over without being asked. The link must be closed.
func dial(ctx context.Context, socket string, pushed func([]byte)) (*link, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	if err := sameUser(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return greet(conn, pushed)
}

// greet begins a link with what answers at conn, which belongs to the link.
func greet(conn net.Conn, pushed func([]byte)) (*link, error) {
	l := &link{
		conn: conn, replies: make(chan *message, 1), gone: make(chan struct{}), pushed: pushed,
		turn: make(chan struct{}, 1), w: bufio.NewWriter(conn),
	}
	go l.read()
	m, err := l.reply(askTime)
	switch {
	case err != nil:
	case m.Hello == nil:
		err = errors.New("what answers at the socket is no ALTO server of altoam")
	case m.Hello.Protocol != protocol:
		err = fmt.Errorf("the ALTO server speaks version %d of the protocol, expected %d: restart it", m.Hello.Protocol, protocol)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	l.hello = m.Hello
	return l, nil
}

// close ends the link; it returns when nothing is read any more.
func (l *link) close() {
	_ = l.conn.Close()
	<-l.gone
}

// read takes in replies until the connection ends, so that its end is seen at once.
func (l *link) read() {
	defer close(l.gone)
	defer l.conn.Close()
	r := bufio.NewReader(l.conn)
	for {
		kind, content, err := readFrame(r)
		if err == nil && kind == pushFrame && l.pushed != nil {
			l.pushed(content)
			continue
		}
		if err == nil && kind != messageFrame {
			err = fmt.Errorf("a frame of kind %q that nobody asked for", kind)
		}
		var m *message
		if err == nil {
			m, err = readMessage(content)
		}
		if err != nil {
			l.err = fmt.Errorf("the connection to the ALTO server has ended: %w", err)
			return
		}
		select {
		case l.replies <- m:
		default:
			l.err = errors.New("the ALTO server says what nobody asked for")
			return
		}
	}
}

// reply waits for a message.
func (l *link) reply(within time.Duration) (*message, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case m := <-l.replies:
		return m, nil
	case <-l.gone:
		select {
		case m := <-l.replies: // the last one
			return m, nil
		default:
		}
		return nil, l.err
	case <-timer.C:
		_ = l.conn.Close()
		return nil, fmt.Errorf("the ALTO server has not replied within %s", within)
	}
}

// request sends data and a message and returns the reply, when it is its turn.
func (l *link) request(m *message, data [][]byte, within time.Duration) (*message, error) {
	l.turn <- struct{}{}
	return l.inTurn(m, data, within)
}

// inTurn is request for who has the turn, which ends with it.
func (l *link) inTurn(m *message, data [][]byte, within time.Duration) (*message, error) {
	defer func() { <-l.turn }()
	if m.Step != nil {
		l.stepped.Store(time.Now().UnixNano())
		defer l.stepped.Store(0)
	}
	_ = l.conn.SetWriteDeadline(time.Now().Add(within)) // fails on a closed connection, as writing does
	err := func() error {
		for _, form := range data {
			if err := writeFrame(l.w, dataFrame, form); err != nil {
				return err
			}
		}
		return writeMessage(l.w, m)
	}()
	if err != nil {
		_ = l.conn.Close()
		return nil, err
	}
	return l.reply(within)
}

// ask returns the reply to a question, nil where the link has broken, or where a step
// keeps the server busy for askTime, however many ask meanwhile.
func (l *link) ask(a *ask) *told {
	patience := askTime
	if began := l.stepped.Load(); began != 0 {
		patience = max(0, askTime-time.Since(time.Unix(0, began)))
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case l.turn <- struct{}{}:
	case <-timer.C:
		return nil
	}
	m, err := l.inTurn(&message{Ask: a}, nil, askTime)
	if err != nil || m.Told == nil {
		return nil
	}
	return m.Told
}

// step makes a step. The error is that of the link, or of the server where it is refused.
func (l *link) step(x *step, data [][]byte) (*applied, error) {
	m, err := l.request(&message{Step: x}, data, stepTime)
	switch {
	case err != nil:
		return nil, err
	case m.Applied == nil:
		_ = l.conn.Close()
		return nil, errors.New("the ALTO server replied to something else than the step")
	case m.Applied.Error != "":
		return m.Applied, &refusedError{m.Applied.Error}
	}
	return m.Applied, nil
}

// refusedError is why the server has not made a step.
type refusedError struct{ reason string }

func (e *refusedError) Error() string { return e.reason }

// known is what a manager knows the server to have.
type known struct {
	settings  alto.Digest
	resources map[string]held
	data      map[alto.Digest]int // number of resources behind which it is
}

func knownOf(h *hello) *known {
	k := &known{settings: h.Settings, resources: make(map[string]held, len(h.Resources)), data: make(map[alto.Digest]int)}
	for _, r := range h.Resources {
		k.put(r)
	}
	return k
}

func (k *known) put(r held) {
	for _, d := range r.Data {
		k.data[d]++
	}
	k.drop(r.ID)
	k.resources[r.ID] = r
}

func (k *known) drop(id string) {
	for _, d := range k.resources[id].Data {
		if k.data[d]--; k.data[d] == 0 {
			delete(k.data, d)
		}
	}
	delete(k.resources, id)
}
