package netconf

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore/codec"
)

// hello exchanges the hello messages of RFC 6241 Section 8.1, both at the same
// time, and chooses the framing (RFC 6242 Section 4.1).
func (ss *session) hello() error {
	late := time.AfterFunc(ss.limits.Load().hello, func() {
		ss.limited("hello-timeout")
		ss.timedOut.Store(true)
		ss.conn.Close()
	})
	defer late.Stop()
	sent := make(chan error, 1)
	go func() { sent <- ss.sendHello() }()
	versions, err := ss.readHello()
	if err != nil {
		ss.counters.badHellos.Add(1)
		ss.conn.Close()
		<-sent
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	ss.counters.sessions.Add(1)
	if ss.chunked = versions[base11]; ss.chunked {
		ss.framer.SetChunked()
	}
	return nil
}

func (ss *session) sendHello() error {
	m := ss.framer.NewMessage()
	fmt.Fprintf(m, "<hello xmlns=%q><capabilities>", nsBase)
	for _, c := range ss.capabilities {
		m.WriteString("<capability>" + textEscaper.Replace(c) + "</capability>")
	}
	fmt.Fprintf(m, "</capabilities><session-id>%d</session-id></hello>", ss.data.ID())
	return m.Close()
}

// readHello returns the base versions that the client has.
func (ss *session) readHello() (map[string]bool, error) {
	message, err := ss.framer.Next()
	if err != nil {
		return nil, err
	}
	x := codec.NewXMLReader(message, ss.o.XML)
	if t, err := x.Next(); err != nil || t.Space != nsBase || t.Local != "hello" {
		return nil, errors.Join(errors.New("the first message must be <hello> in the namespace "+nsBase), err)
	}
	versions := map[string]bool{}
	err = elements(x, func(t codec.XMLToken) error {
		switch {
		case t.Space == nsBase && t.Local == "session-id":
			return errors.New("a client's hello must not have a session-id (RFC 6241 Section 8.1)")
		case t.Space != nsBase || t.Local != "capabilities":
			return x.Skip()
		}
		return elements(x, func(t codec.XMLToken) error {
			text, err := x.Text()
			uri, _, _ := strings.Cut(strings.TrimSpace(text), "?")
			if uri == base10 || uri == base11 {
				versions[uri] = true
			}
			return err
		})
	})
	if err == nil {
		err = atEnd(x)
	}
	if err == nil && len(versions) == 0 {
		err = errors.New("the client supports no version of NETCONF that this server has")
	}
	return versions, err
}

// elements calls each for every child of the element that x has just started,
// up to and with its end tag. each must read its element to the end.
func elements(x *codec.XMLReader, each func(codec.XMLToken) error) error {
	for {
		t, err := x.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case codec.XMLStart:
			if err := each(t); err != nil {
				return err
			}
		case codec.XMLText:
			if text := strings.TrimSpace(string(t.Data)); text != "" {
				return unexpectedText(text)
			}
		default:
			return nil
		}
	}
}

// atEnd reads to the end of the document, of which the root element has ended.
func atEnd(x *codec.XMLReader) error {
	_, err := x.Next()
	return err
}
