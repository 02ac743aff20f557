package alto

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/doorway"
)

// Limits against clients that hold connections: time for the header, for a whole
// request, for a whole response (47 MB at 1 Mbit/s take 6 minutes), and between
// requests.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 60 * time.Second
	answerTimeout  = 10 * time.Minute
	idleTimeout    = 120 * time.Second
	maxHeaderBytes = 64 << 10
)

// Limits of an HTTP/2 connection: requests at a time, update streams among them, and
// bytes of bodies that wait to be read. One whose client has gone without a word ends
// when it has been silent for pingAfter and does not answer a ping within pingTimeout.
const (
	maxStreams  = 250
	maxReceived = 1 << 20
	pingAfter   = 60 * time.Second
	pingTimeout = 15 * time.Second
)

// protocols are HTTP/1.1 and HTTP/2: with TLS as the client chooses (ALPN), without it
// for who begins with the preface of HTTP/2 (RFC 9113 Section 3.3).
func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// socket is a bound address with the HTTP server of its connections.
type socket struct {
	net.Listener
	admit    func(remote net.Addr, cut func()) *doorway.Place // nil for any
	server   *http.Server
	settings atomic.Pointer[ListenConfig] // for connections to come
	retired  atomic.Bool
	draining chan struct{} // closed when requests without end have to end
}

// drainingKey is that of the channel draining in the context of requests.
type drainingKey struct{}

// drainingOf returns a channel that is closed when the socket behind a request is no
// longer wanted; nil for a request that came in another way.
func drainingOf(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(drainingKey{}).(chan struct{})
	return c
}

func newSocket(ln net.Listener, handler http.Handler, admit func(net.Addr, func()) *doorway.Place) *socket {
	draining := make(chan struct{})
	return &socket{Listener: ln, admit: admit, draining: draining, server: &http.Server{
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), drainingKey{}, draining)
		},
		ConnContext:       withPlace,
		Handler:           holding(handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		Protocols:         protocols(),
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams, MaxReceiveBufferPerConnection: maxReceived,
			SendPingTimeout: pingAfter, PingTimeout: pingTimeout,
		},
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}}
}

// Accept applies the settings of the moment to a new connection. It closes those that are
// not admitted.
func (n *socket) Accept() (net.Conn, error) {
	for {
		conn, err := n.Listener.Accept()
		if err != nil {
			return nil, err
		}
		settings := n.settings.Load()
		if tcp, ok := conn.(*net.TCPConn); ok && settings.KeepAlive.Enable {
			_ = tcp.SetKeepAliveConfig(settings.KeepAlive) // fails only on a connection that is gone
		}
		if n.admit != nil {
			raw := conn
			place := n.admit(raw.RemoteAddr(), func() { raw.Close() })
			if place == nil {
				raw.Close()
				continue
			}
			conn = &admitted{raw, place}
		}
		if settings.TLS != nil {
			return tls.Server(conn, settings.TLS), nil
		}
		return conn, nil
	}
}
