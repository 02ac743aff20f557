package southbound

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/altoam/altoam/alto"
)

// pushTime is how long a manager may take for what it has not asked for.
const pushTime = 5 * time.Second

// manager is a connection of a manager. Only who has the turn is answered.
type manager struct {
	conn net.Conn

	mu sync.Mutex // held while a frame is written
	w  *bufio.Writer
}

// write writes a message.
func (m *manager) write(x *message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return writeMessage(m.w, x)
}

// push hands something over; after an error the connection is closed.
func (m *manager) push(content []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.conn.SetWriteDeadline(time.Now().Add(pushTime)) // fails on a closed connection, as writing does
	err := writeFrame(m.w, pushFrame, content)
	if err == nil {
		err = m.w.Flush()
	}
	_ = m.conn.SetWriteDeadline(time.Time{})
	if err != nil {
		_ = m.conn.Close()
	}
	return err
}

// Push hands content over to the manager; it waits until there is one, until ctx ends at
// most. An error tells that it was not handed over.
func (s *Server) Push(ctx context.Context, content []byte) error {
	for {
		s.mu.Lock()
		m, changed := s.managing, s.changed
		s.mu.Unlock()
		if m != nil && m.push(content) == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// manages notes who is answered; nil: nobody.
func (s *Server) manages(m *manager) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.managing = m
	close(s.changed)
	s.changed = make(chan struct{})
}

// take makes conn the newest manager, and closes the one before.
func (s *Server) take(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newest != nil {
		_ = s.newest.Close()
	}
	if s.newest = conn; s.over {
		_ = conn.Close()
	}
}

// takeNoMore closes the newest manager, and whatever comes later.
func (s *Server) takeNoMore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over = true; s.newest != nil {
		_ = s.newest.Close()
	}
}

// manage serves one manager until its connection ends.
func (s *Server) manage(conn net.Conn) {
	defer conn.Close()
	s.turn.Lock()
	defer s.turn.Unlock()
	m, r := &manager{conn: conn, w: bufio.NewWriter(conn)}, bufio.NewReader(conn)
	err := m.write(&message{Hello: s.state.hello()})
	s.manages(m)
	defer s.manages(nil)
	fresh := make(map[alto.Digest][]byte)
	for err == nil {
		var kind byte
		var content []byte
		if kind, content, err = readFrame(r); err != nil {
			break
		}
		switch kind {
		case dataFrame:
			fresh[alto.DigestOf(content)] = content
		case messageFrame:
			err = s.answer(m, content, fresh)
			clear(fresh)
		default:
			err = fmt.Errorf("there are no frames of kind %q", kind)
		}
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		s.log.Warn("the manager has gone", "error", err)
	}
}

func (s *Server) answer(to *manager, content []byte, fresh map[alto.Digest][]byte) error {
	m, err := readMessage(content)
	switch {
	case err != nil:
		return err
	case m.Step != nil:
		a := s.state.advance(m.Step, fresh)
		if a.Error != "" {
			s.log.Error("a step is refused", "error", a.Error)
		}
		return to.write(&message{Applied: a})
	case m.Ask != nil && m.Ask.Release:
		s.state.release()
		err := to.write(&message{Told: new(told)})
		if m.Ask.Quit {
			s.once.Do(func() { close(s.quit) })
		}
		return err
	case m.Ask != nil && m.Ask.Want != nil:
		if s.o.Want != nil {
			s.o.Want(m.Ask.Want)
		}
		return to.write(&message{Told: new(told)})
	case m.Ask != nil:
		return to.write(&message{Told: s.state.tell(m.Ask)})
	}
	return errors.New("a message that asks for nothing")
}
