package listeners

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go/http3"

	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/passwords"
)

const (
	// longestRequest is for which a request goes on after its endpoint was removed.
	longestRequest = 5 * time.Minute
	// handshakeTime is what a client that was called has for the TLS handshake.
	handshakeTime = 30 * time.Second
)

// web serves RESTCONF on the connections of one endpoint or place. Its fields do not
// change while it serves.
type web struct {
	l     *Listeners
	tls   *tls.Config
	trust transport.ClientTrust // empty: clients are not asked for certificates
	maps  transport.CertMaps
	users map[string][]string // hashes of passwords by name
	cost  passwords.Cost      // of each password that is wrong
	name  string              // the header field Server; "" for none
	// silent is the time without a request after which a call ends; negative for none.
	silent time.Duration
	// limits has the handler, and the limits of requests.
	limits *http.Server
	http3  *http3.Server // nil for none

	retired atomic.Bool // connections are to end
	streams *streams    // of those connections that are accepted
	open    transport.CertifiedConns
	tickets [32]byte // the key of sessions of QUIC that can be resumed
}

// streams are the event streams of some connections.
type streams struct {
	context.Context // ends with them
	end             context.CancelFunc
}

func newStreams() *streams {
	s := new(streams)
	s.Context, s.end = context.WithCancel(context.Background())
	return s
}

func newWeb(l *Listeners) *web {
	w := &web{l: l, limits: l.o.HTTP(), users: map[string][]string{}, streams: newStreams()}
	_, _ = rand.Read(w.tickets[:]) // never fails
	return w
}

// askForCertificates has clients asked for a certificate where some are trusted, and
// refused without one if it is required. A certificate that is not trusted ends the
// handshake (RFC 8040 Section 2.5).
func (w *web) askForCertificates(required bool) {
	w.tls.NextProtos = []string{"h2", "http/1.1"}
	switch {
	case w.trust.Empty():
		return
	case required:
		w.tls.ClientAuth = tls.RequireAnyClientCert
	default:
		w.tls.ClientAuth = tls.RequestClientCert
	}
	w.tls.ClientCAs = w.trust.Names()
	w.tls.SessionTicketsDisabled = true // a ticket would outlive a change of who is trusted
}

// Serve implements service.
func (w *web) Serve(ctx context.Context, l net.Listener) error {
	return w.serve(ctx, w.server(ctx), &secured{Admitted(l, w.l.o.Admit), w}, w.streams)
}

// server makes the server of HTTP/1.1 and HTTP/2.
func (w *web) server(ctx context.Context) *http.Server {
	s := w.l.o.HTTP()
	s.Handler = w
	s.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, peerKey{}, c.(*tls.Conn).NetConn().(*peer))
	}
	if s.ErrorLog == nil {
		s.ErrorLog = slog.NewLogLogger(w.l.log.Handler(), slog.LevelDebug)
	}
	return s
}

// serve serves until ctx ends, and then ends event streams and lets requests finish.
func (w *web) serve(ctx context.Context, s *http.Server, l net.Listener, events *streams) error {
	served := make(chan struct{})
	var err error
	go func() {
		defer close(served)
		err = s.Serve(l)
	}()
	select {
	case <-served:
	case <-ctx.Done():
	}
	events.end()
	drain, cancel := w.l.draining()
	defer cancel()
	var ending sync.WaitGroup
	if w.http3 != nil {
		ending.Go(func() { _ = w.http3.Shutdown(drain) }) // that some were cut off is no error
	}
	if s.Shutdown(drain) != nil {
		_ = s.Close()
	}
	ending.Wait()
	<-served
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// draining is the time that requests have to finish.
func (l *Listeners) draining() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), longestRequest)
	forget := context.AfterFunc(l.ending, func() { time.AfterFunc(l.pace.drain, cancel) })
	return ctx, func() { forget(); cancel() }
}

// ServeConn implements service. The error is not nil where there was no TLS session.
func (w *web) ServeConn(ctx context.Context, nc net.Conn) error {
	open, closed := context.WithCancel(context.Background())
	c := &hangup{Conn: nc, tell: closed}
	defer c.Close()
	events := newStreams()
	tc := w.secure(c, events)
	shaking, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if err := tc.HandshakeContext(shaking); err != nil {
		return errors.Join(transport.ErrNoSession, err)
	}
	// Before the first request the client may be as silent as between others.
	s := w.server(ctx)
	s.IdleTimeout, s.ReadHeaderTimeout, s.ReadTimeout = w.silent, w.silent, 0
	return w.serve(ctx, s, &single{conn: tc, open: open, closed: closed}, events)
}

// retire has clients asked to open new connections. Those that are open stay until they
// have been silent, or have had an answer. Those of QUIC are asked a moment later: a request
// that crosses the frame GOAWAY is rejected, and the new connection that the client repeats
// it on must not be asked at once as well. Needs mu.
func (w *web) retire() {
	w.retired.Store(true)
	if w.http3 != nil {
		w.l.started.Go(func() {
			pause(w.l.ending, w.l.pace.reply)
			_ = w.http3.Shutdown(w.l.ending)
		})
	}
}

// ServeHTTP implements http.Handler.
func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	if w.name != "" {
		h.Set("Server", w.name)
	}
	switch {
	case r.ProtoMajor == 3 && w.limits.ReadTimeout > 0:
		_ = http.NewResponseController(rw).SetReadDeadline(time.Now().Add(w.limits.ReadTimeout)) // as of HTTP/2
	case r.ProtoMajor == 3:
	case w.retired.Load():
		h.Set("Connection", "close") // of HTTP/2: a GOAWAY
	case w.http3 != nil:
		announce(h, r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	s := &streaming{ResponseWriter: rw, events: r.Context().Value(peerKey{}).(*peer).events, cancel: cancel}
	defer s.stop()
	w.limits.Handler.ServeHTTP(s, r.WithContext(ctx))
}

// streaming ends a request with the event streams of its endpoint if the response is one.
type streaming struct {
	http.ResponseWriter
	events *streams
	cancel context.CancelFunc
	forget func() bool
}

// WriteHeader implements http.ResponseWriter.
func (s *streaming) WriteHeader(code int) {
	if s.forget == nil && s.Header().Get("Content-Type") == "text/event-stream" {
		s.forget = context.AfterFunc(s.events, s.cancel)
	}
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (s *streaming) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *streaming) stop() {
	if s.forget != nil {
		s.forget()
	}
}
