package listeners

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/altoam/altoam/logins"
)

// peer is a connection of HTTP, or stands for one of HTTP/3, and what is known of the
// client.
type peer struct {
	net.Conn
	web    *web
	events *streams
	user   string // that its certificate names; "" for none

	mu     sync.Mutex // a handshake may be going on while the connection is closed
	closed bool
	left   []func() // called when it is
}

// Close implements net.Conn.
func (p *peer) Close() error {
	p.mu.Lock()
	left := p.left
	p.closed, p.left = true, nil
	p.mu.Unlock()
	for _, f := range left {
		f()
	}
	return p.Conn.Close()
}

// onClose has f called when the connection is closed, at once where it is.
func (p *peer) onClose(f func()) {
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.left = append(p.left, f)
	}
	p.mu.Unlock()
	if closed {
		f()
	}
}

// peerKey is that of the peer in the context of a request.
type peerKey struct{}

// CertificateUser is the user that the certificate of the client of a request names by
// the endpoint's cert-to-name; ctx is that of a request. False where there is no
// certificate, it names nobody, or the connection is none of Listeners.
func CertificateUser(ctx context.Context) (name string, ok bool) {
	p, _ := ctx.Value(peerKey{}).(*peer)
	if p == nil || p.user == "" {
		return "", false
	}
	return p.user, true
}

// PasswordUser tells whether the endpoint that a request came over has a user of that
// name and password; ctx is that of the request. Where it has not that takes the same time
// for each name.
func PasswordUser(ctx context.Context, name, password string) bool {
	p, _ := ctx.Value(peerKey{}).(*peer)
	if p == nil {
		return false
	}
	_, ok := p.web.l.passwords.VerifyAny(ctx, p.web.users[name], p.web.cost, password)
	return ok
}

// KnowsPassword tells, without taking time, whether PasswordUser did before.
func KnowsPassword(ctx context.Context, name, password string) bool {
	p, _ := ctx.Value(peerKey{}).(*peer)
	return p != nil && p.web.l.passwords.Knows(p.web.users[name], password)
}

// secure makes the server's side of a TLS connection, before its handshake.
func (w *web) secure(nc net.Conn, events *streams) *tls.Conn {
	p := &peer{Conn: nc, web: w, events: events}
	config := w.tls
	if !w.trust.Empty() {
		config = config.Clone()
		config.VerifyConnection = func(s tls.ConnectionState) (err error) {
			if p.user, err = w.identify(s); err != nil {
				w.l.o.Logins.Note(logins.Attempt{Remote: nc.RemoteAddr().String(), Transport: strings.ToLower(w.l.web()), Method: logins.Certificate, Cause: err})
				w.l.log.Info(w.l.web()+" client refused", "remote", nc.RemoteAddr().String(), "error", err)
			}
			if err == nil && len(s.PeerCertificates) > 0 {
				p.onClose(w.open.Add(s.PeerCertificates, p.user, func() { nc.Close() }))
			}
			return err
		}
	}
	return tls.Server(p, config)
}

// identify verifies the certificate of a client, which it may be without. The user is ""
// where the certificate names none: then it is for HTTP to tell.
func (w *web) identify(s tls.ConnectionState) (user string, err error) {
	if len(s.PeerCertificates) == 0 {
		return "", nil
	}
	return w.userOf(s.PeerCertificates)
}

func (w *web) userOf(presented []*x509.Certificate) (user string, err error) {
	chains, err := w.trust.Verify(presented, time.Now())
	if err != nil {
		return "", err
	}
	if user, err = w.maps.User(chains); err != nil {
		return "", nil
	}
	return user, nil
}
