package alto

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
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

// socket is a bound address with the HTTP server of its connections.
type socket struct {
	net.Listener
	server   *http.Server
	settings atomic.Pointer[ListenConfig] // for connections to come
	retired  atomic.Bool
}

func newSocket(ln net.Listener, handler http.Handler) *socket {
	return &socket{Listener: ln, server: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}}
}

// Accept applies the settings of the moment to a new connection.
func (n *socket) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	settings := n.settings.Load()
	if tcp, ok := conn.(*net.TCPConn); ok && settings.KeepAlive.Enable {
		_ = tcp.SetKeepAliveConfig(settings.KeepAlive) // fails only on a connection that is gone
	}
	if settings.TLS != nil {
		return tls.Server(conn, settings.TLS), nil
	}
	return conn, nil
}
