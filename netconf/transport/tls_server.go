package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

// NetconfTLS is [Conn.Transport] of TLS, an identity of ietf-netconf-monitoring
// (RFC 6022 Section 2.1.4).
const NetconfTLS = "netconf-tls"

// TLSServer serves NETCONF over TLS with client certificates (RFC 7589). Its fields
// must not change while it serves.
type TLSServer struct {
	// Config has the server's certificate, and versions and cipher suites where those
	// of the tls package are not wanted. How clients are authenticated is set here.
	Config *tls.Config

	// Trust says whose certificates are accepted.
	Trust ClientTrust

	// Users derives the username from an accepted certificate.
	Users CertMaps

	// Attempted, where it is not nil, is called for each client that shows a certificate:
	// with the user, or with why there is none.
	Attempted func(user string, remote net.Addr, err error)

	// Handle is called for each authenticated connection, which is closed when it
	// returns; ctx is as for [SSHServer.Handle].
	Handle func(ctx context.Context, c *Conn)

	// Limits bounds what clients can take; Idle, Keepalive and Channels are of SSH
	// only.
	Limits SSHLimits

	// Logger gets a record of each connection and failed handshake; nil for none.
	Logger *slog.Logger

	open CertifiedConns
}

// tlsServing is what the connections of one Serve share.
type tlsServing struct {
	*TLSServer
	config *tls.Config
	limits SSHLimits
	logger *slog.Logger
}

// Serve accepts connections of l like [SSHServer.Serve].
func (s *TLSServer) Serve(ctx context.Context, l net.Listener) error {
	v := s.begin()
	a := &acceptor{name: "TLS", admission: newAdmission(v.limits), logger: v.logger}
	return a.accept(ctx, l, func(ctx context.Context, nc net.Conn, t *ticket) {
		_ = v.serve(ctx, nc, t.authenticate) // logged
	})
}

func (s *TLSServer) begin() *tlsServing {
	v := &tlsServing{TLSServer: s, config: s.Config.Clone(), limits: s.Limits.withDefaults(), logger: s.Logger}
	if v.logger == nil {
		v.logger = slog.New(slog.DiscardHandler)
	}
	v.config.MinVersion = max(v.config.MinVersion, tls.VersionTLS12)
	v.config.ClientAuth = tls.RequireAnyClientCert // VerifyConnection does the rest
	v.config.ClientCAs = s.Trust.Names()
	// A ticket would outlive a change of who is trusted.
	v.config.SessionTicketsDisabled = true
	return v
}

// serve runs one connection to its end and closes it. The error tells why there was
// no session.
func (v *tlsServing) serve(ctx context.Context, nc net.Conn, authenticated func()) error {
	defer nc.Close()
	logger := v.logger.With("remote", nc.RemoteAddr().String())
	tc, user, err := v.handshake(ctx, nc)
	if err != nil {
		logger.Info("TLS handshake failed", "error", err)
		return fmt.Errorf("TLS handshake: %w", err)
	}
	authenticated()
	if v.Attempted != nil {
		v.Attempted(user, nc.RemoteAddr(), nil)
	}
	logger = logger.With("user", user)
	logger.Info("TLS connection")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &tlsConn{tls: tc, limits: v.limits, ctx: ctx}
	defer c.Close()
	defer context.AfterFunc(ctx, c.end)()
	defer v.open.Add(tc.ConnectionState().PeerCertificates, user, cancel)()
	v.Handle(ctx, &Conn{ReadWriteCloser: c, User: user, Remote: nc.RemoteAddr(), Transport: NetconfTLS})
	logger.Info("TLS connection ended")
	return nil
}

// handshake authenticates the client within the time that Limits give it.
func (v *tlsServing) handshake(ctx context.Context, nc net.Conn) (tc *tls.Conn, user string, err error) {
	config := v.config.Clone()
	config.VerifyConnection = func(s tls.ConnectionState) (err error) {
		if user, err = v.User(s.PeerCertificates); err != nil && v.Attempted != nil {
			v.Attempted("", nc.RemoteAddr(), err)
		}
		return err
	}
	if v.limits.Handshake != unlimited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, v.limits.Handshake)
		defer cancel()
	}
	tc = tls.Server(nc, config)
	if err := tc.HandshakeContext(ctx); err != nil {
		return nil, "", err
	}
	if user == "" {
		return nil, "", ErrNoUser
	}
	return tc, user, nil
}

// tlsConn adds to tls.Conn what [Conn] promises.
type tlsConn struct {
	tls    *tls.Conn
	limits SSHLimits
	ctx    context.Context // of the server: no reads after its end

	mu     sync.Mutex
	closed bool
	linger *time.Timer
}

func (c *tlsConn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *tlsConn) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, net.ErrClosed
	}
	n, err := c.tls.Read(p)
	if err != nil && (c.ctx.Err() != nil || c.isClosed()) {
		err = net.ErrClosed
	}
	return n, err
}

func (c *tlsConn) Write(p []byte) (int, error) {
	if c.limits.Stall != unlimited {
		_ = c.tls.SetWriteDeadline(time.Now().Add(c.limits.Stall)) // fails only where Write does
	}
	n, err := c.tls.Write(p)
	if err != nil {
		c.Close()
		err = net.ErrClosed
	}
	return n, err
}

// Close sends close_notify (RFC 7589 Section 4), unless a write is stuck, and closes
// the connection.
func (c *tlsConn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	if c.linger != nil {
		c.linger.Stop()
	}
	c.mu.Unlock()
	cut := time.AfterFunc(c.limits.Grace, func() { c.tls.NetConn().Close() })
	defer cut.Stop()
	_ = c.tls.Close() // the peer may have been faster
	return nil
}

// end, called when ctx has ended, makes a pending read fail and leaves writes the
// grace.
func (c *tlsConn) end() {
	_ = c.tls.SetReadDeadline(time.Unix(1, 0))
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.linger = time.AfterFunc(c.limits.Grace, func() { c.Close() })
	}
}

// ClientTrust is what client certificates are judged by (RFC 7589 Section 5).
type ClientTrust struct {
	// Authorities are CA certificates: a chain that one of them ends is trusted,
	// whether it is self-signed or not.
	Authorities []*x509.Certificate
	// Clients are trusted as they are.
	Clients []*x509.Certificate
}

// Empty tells whether nobody is trusted.
func (t ClientTrust) Empty() bool { return len(t.Authorities)+len(t.Clients) == 0 }

// Names are the authorities that clients are told to be asked for.
func (t ClientTrust) Names() *x509.CertPool {
	if len(t.Clients) > 0 {
		return nil // a client may not offer one that no named authority has issued
	}
	pool := x509.NewCertPool()
	for _, c := range t.Authorities {
		pool.AddCert(c)
	}
	return pool
}

var errUntrusted = errors.New("the client's certificate is not one that is trusted")

// Verify returns the chains that the presented certificates, the client's own first,
// make up to one that is trusted.
func (t ClientTrust) Verify(presented []*x509.Certificate, now time.Time) ([][]*x509.Certificate, error) {
	if len(presented) == 0 {
		return nil, errors.New("the client has no certificate")
	}
	leaf := presented[0]
	for _, c := range t.Clients {
		if !c.Equal(leaf) {
			continue
		}
		if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
			return nil, x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired}
		}
		return [][]*x509.Certificate{{leaf}}, nil
	}
	if len(t.Authorities) == 0 {
		return nil, errUntrusted
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range t.Authorities {
		roots.AddCert(c)
	}
	for _, c := range presented[1:] {
		between.AddCert(c)
	}
	return leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}
