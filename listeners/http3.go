package listeners

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// altServiceTime is for how long clients may remember that there is HTTP/3.
const altServiceTime = time.Hour

// errNoEndpoint refuses clients of a socket that is left to its connections.
var errNoEndpoint = errors.New("no endpoint listens here")

// networks are those that a service needs at each of its addresses.
func networks(s service) []string {
	if w, ok := s.(*web); ok && w.http3 != nil {
		return []string{"tcp", "udp"}
	}
	return []string{"tcp"}
}

// overQUIC makes the server of HTTP/3 (RFC 9114) too.
func (w *web) overQUIC() {
	w.http3 = &http3.Server{
		Handler: w, IdleTimeout: w.limits.IdleTimeout, MaxHeaderBytes: w.limits.MaxHeaderBytes,
		ConnContext: func(ctx context.Context, c *quic.Conn) context.Context {
			p := &peer{web: w, events: w.streams}
			var err error
			if p.user, err = w.identify(c.ConnectionState().TLS); err != nil { // an endpoint of before has let it in
				_ = c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeRequestRejected), "")
			}
			if shown := c.ConnectionState().TLS.PeerCertificates; len(shown) > 0 {
				context.AfterFunc(c.Context(), w.open.Add(shown, p.user, func() { _ = c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "") }))
			}
			return context.WithValue(ctx, peerKey{}, p)
		},
	}
}

// quicTLS is the configuration of TLS of a client of HTTP/3.
func (w *web) quicTLS() *tls.Config {
	c := w.tls.Clone()
	c.MinVersion, c.NextProtos = tls.VersionTLS13, []string{http3.NextProtoH3}
	c.SetSessionTicketKeys([][32]byte{w.tickets}) // those of the socket would outlive the certificate
	if !w.trust.Empty() {
		c.VerifyConnection = func(s tls.ConnectionState) error {
			_, err := w.identify(s)
			return err
		}
	}
	return c
}

// announce tells a client of TCP that there is HTTP/3 at the same port (RFC 7838
// Section 3).
func announce(h http.Header, r *http.Request) {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		h.Set("Alt-Svc", fmt.Sprintf(`h3=":%d"; ma=%d`, a.Port, int(altServiceTime.Seconds())))
	}
}

// quicSocket is the acceptor of QUIC.
type quicSocket struct {
	l *Listeners
	s *socket
	*net.UDPConn
	transport *quic.Transport
	listener  *quic.Listener
}

// acceptQUIC makes the acceptor of s. The endpoint that s has at the time of a handshake
// decides about it.
func (l *Listeners) acceptQUIC(s *socket, c *net.UDPConn) (acceptor, error) {
	q := &quicSocket{l: l, s: s, UDPConn: c, transport: &quic.Transport{
		Conn: c,
		// Nothing is kept of a client before it has shown that its address is its own (RFC
		// 9000 Section 8.1.2), which takes a round trip more.
		VerifySourceAddress: func(net.Addr) bool { return true },
	}}
	var err error
	q.listener, err = q.transport.Listen(&tls.Config{
		MinVersion: tls.VersionTLS13, // as QUIC has it (RFC 9001 Section 4.2)
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			e := s.endpoint.Load()
			if e == nil {
				return nil, errNoEndpoint
			}
			return e.service.(*web).quicTLS(), nil // no other has a bind of UDP
		},
	}, &quic.Config{HandshakeIdleTimeout: 10 * time.Second, MaxIdleTimeout: time.Minute, KeepAlivePeriod: 20 * time.Second})
	if err != nil {
		return nil, err
	}
	return q, nil
}

// Addr implements acceptor.
func (q *quicSocket) Addr() net.Addr { return q.LocalAddr() }

// Close implements acceptor.
func (q *quicSocket) Close() error { return errors.Join(q.transport.Close(), q.UDPConn.Close()) }

func (q *quicSocket) accept(ctx context.Context) (func(*endpoint), error) {
	c, err := q.listener.Accept(ctx)
	if errors.Is(err, quic.ErrServerClosed) || errors.Is(err, quic.ErrTransportClosed) {
		err = net.ErrClosed
	}
	if err != nil {
		return nil, err
	}
	return func(e *endpoint) { q.serve(e, c) }, nil
}

// serve starts to serve a connection that has entered e. The socket stays as long as it does.
func (q *quicSocket) serve(e *endpoint, c *quic.Conn) {
	if e == nil {
		_ = c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
		return
	}
	l := q.l
	cut := func() { _ = c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeExcessiveLoad), "") }
	left, ok := l.o.Admit(c.RemoteAddr(), cut)
	if !ok {
		cut()
		e.feed.leave()
		return
	}
	l.mu.Lock()
	q.s.open++
	l.mu.Unlock()
	l.started.Go(func() {
		defer left()
		_ = e.service.(*web).http3.ServeQUICConn(c) // tells only how it ended
		_ = c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
		e.feed.leave()
		l.mu.Lock()
		defer l.mu.Unlock()
		q.s.open--
		l.drop(q.s.key, q.s)
	})
}
