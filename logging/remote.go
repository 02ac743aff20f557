package logging

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"time"
	"unicode/utf8"
)

// Transport is how a syslog server is reached.
type Transport uint8

const (
	// UDP is that of RFC 5426: a datagram for each message.
	UDP Transport = iota
	// TCP is that of RFC 6587, with octet counting (Section 3.4.1).
	TCP
	// TLS is that of RFC 5425.
	TLS
)

// Ports of the transports (RFC 5426 Section 3.3, RFC 5425 Section 4.1); TCP has none of its own,
// and 601 is in use for it.
const (
	PortUDP = 514
	PortTCP = 601
	PortTLS = 6514
)

// maxDatagram is what each receiver of RFC 5426 Section 3.2 should take.
const maxDatagram = 2048

// dialTimeout bounds the look-up of a name, the connection and the handshake.
const dialTimeout = 5 * time.Second

// Remote is a syslog server.
type Remote struct {
	Transport Transport
	Addr      string // HOST:PORT
	// Security is that of TLS. It is not changed.
	Security *tls.Config
}

func (r Remote) append(dst []byte, h *Header, rec *Record) []byte {
	if r.Transport == UDP {
		begin := len(dst)
		dst = AppendRFC5424(dst, h, rec)
		if end := begin + maxDatagram; len(dst) > end {
			for !utf8.RuneStart(dst[end]) {
				end--
			}
			dst = dst[:end]
		}
		return dst
	}
	message := AppendRFC5424(nil, h, rec)
	dst = strconv.AppendInt(dst, int64(len(message)), 10)
	return append(append(dst, ' '), message...)
}

func (r Remote) open(ctx context.Context) (outlet, error) {
	if r.Transport == UDP {
		return dialDatagrams(ctx, "udp", r.Addr)
	}
	dial, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var d interface {
		DialContext(context.Context, string, string) (net.Conn, error)
	} = &net.Dialer{}
	if r.Transport == TLS {
		d = &tls.Dialer{Config: r.Security}
	}
	conn, err := d.DialContext(dial, "tcp", r.Addr)
	if err != nil {
		return nil, err
	}
	return newStream(ctx, conn), nil
}

// stream is a connection on which nothing is expected but its end.
type stream struct {
	conn  net.Conn
	ended chan struct{} // closed when the other side has closed
	stop  func() bool
}

func newStream(ctx context.Context, conn net.Conn) *stream {
	s := &stream{conn: conn, ended: make(chan struct{})}
	s.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
	go func() {
		defer close(s.ended)
		_, _ = io.Copy(io.Discard, conn)
	}()
	return s
}

var errEnded = errors.New("the server has closed the connection")

// write writes all or, as far as anybody can tell, nothing.
func (s *stream) write(buf []byte, ends []int) (count int, err error) {
	select {
	case <-s.ended:
		return 0, errEnded
	default:
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := s.conn.Write(buf); err != nil {
		return 0, err
	}
	return len(ends), nil
}

func (s *stream) close() {
	s.stop()
	_ = s.conn.Close()
	<-s.ended
}
