// Package remote asks HTTP servers for the documents that data sources are made of. There
// are few types. A [Server] knows how one server is asked and what it is told; a
// [Document] is fetched from it again and again, by conditional requests; a [Schedule]
// tells when.
//
// Errors never hold user, password, token or the query of a URI.
package remote

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/altoam/altoam/agent/driver"
)

// Params are those of the grouping access of altoam-source-remote.
type Params interface {
	GetPollInterval() uint32
	GetJitter() uint8
	GetMaxBackoff() uint32
	GetTimeout() uint32
	GetMaxSize() uint32
}

// maxRedirects bounds how often a request is sent elsewhere.
const maxRedirects = 5

// Server asks one server, and whom it leads to. It is for one goroutine.
type Server struct {
	http     http.Client
	timeout  time.Duration
	limit    int64
	network  *driver.Network
	received uint64
	status   int
}

// NewServer returns one that proves who it is to the server of home only, an absolute URI.
func NewServer(home string, p Params, n *driver.Network) *Server {
	s := NewOpenServer(time.Duration(p.GetTimeout())*time.Second, int64(p.GetMaxSize()), n)
	a := &authorizer{RoundTripper: s.http.Transport, credentials: n.Authorization}
	if u, err := url.Parse(home); err == nil {
		a.scheme, a.host = u.Scheme, u.Host
	}
	s.http.Transport = a
	return s
}

// NewOpenServer returns one that is told nothing: timeout is for an answer, limit the bytes
// that one may have.
func NewOpenServer(timeout time.Duration, limit int64, n *driver.Network) *Server {
	return &Server{timeout: timeout, limit: limit, network: n, http: http.Client{CheckRedirect: checkRedirect, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: tlsOf(n), ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: 64 << 10,
	}}}
}

func tlsOf(n *driver.Network) *tls.Config {
	if n.TLS == nil {
		return nil
	}
	return n.TLS.Clone()
}

// checkRedirect lets nobody lead out of TLS, or on and on.
func checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return errors.New("redirected too often")
	case via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https":
		return errors.New("redirected from HTTPS to another scheme")
	}
	return nil
}

// authorizer adds credentials to requests to one server.
type authorizer struct {
	http.RoundTripper
	scheme, host string
	credentials  string // "": none
}

func (a *authorizer) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.credentials != "" && r.URL.Scheme == a.scheme && r.URL.Host == a.host {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", a.credentials)
	}
	return a.RoundTripper.RoundTrip(r)
}

// CloseIdleConnections passes on what http.Client asks for.
func (a *authorizer) CloseIdleConnections() {
	a.RoundTripper.(*http.Transport).CloseIdleConnections()
}

// Rest closes connections that are not in use; the next request opens one.
func (s *Server) Rest() { s.http.CloseIdleConnections() }

// Received counts the bytes of content that were read.
func (s *Server) Received() uint64 { return s.received }

// Status is that of the last answer, 0 where there was none.
func (s *Server) Status() int { return s.status }

// Streaming returns a client for answers that have no end, which calls alive when some of
// one comes. Redirections and credentials are as for other requests.
func (s *Server) Streaming(alive func()) *http.Client {
	c := s.http
	c.Transport = &listener{c.Transport, alive}
	return &c
}

// listener calls alive when something is read.
type listener struct {
	http.RoundTripper
	alive func()
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = &heard{resp.Body, l.alive}
	}
	return resp, err
}

type heard struct {
	io.ReadCloser
	alive func()
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	if n > 0 {
		h.alive()
	}
	return n, err
}
