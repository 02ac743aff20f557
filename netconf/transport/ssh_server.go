package transport

import (
	"context"
	"log/slog"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// SSHServer serves the SSH subsystem `netconf` (RFC 6242 Section 3). Its fields
// must not change while it serves.
type SSHServer struct {
	// HostKeys has one key of each type; at least one. LoadOrCreateHostKeys
	// makes them.
	HostKeys []ssh.Signer

	// KeysNow, where it is not nil, returns the keys that a new connection gets instead.
	// It may return others later; a connection keeps what it began with, also when it
	// exchanges keys again. It is called for each connection and must not wait.
	KeysNow func() []ssh.Signer

	// Algorithms are those to offer, where not all that are offered by default.
	Algorithms SSHAlgorithms

	// Auth decides who may log in, by password, keyboard-interactive or public key.
	Auth Authenticator

	// UserAuthorities are keys whose OpenSSH user certificates let a client in as each
	// of their principals; see ssh_certificate.go.
	UserAuthorities []ssh.PublicKey

	// Handle is called in a goroutine of its own for each `netconf` subsystem;
	// one SSH connection may have several. The connection is closed when it
	// returns. ctx ends when the client is gone or the server ends: then Handle
	// must return; its pending or next Read fails at once, and it has the grace
	// of Limits to finish and answer the message at hand before writes fail too.
	Handle func(ctx context.Context, c *Conn)

	// Attempted, where it is not nil, is called with the end of each attempt to log in by
	// a public key, which includes offers of keys that are refused; err is nil for a proof.
	Attempted func(user string, remote net.Addr, err error)

	// Limits bounds what clients can take; the zero value has the defaults.
	Limits SSHLimits

	// Logger gets a record of each connection and failed log-in; nil for none.
	Logger *slog.Logger
}

// serving is what the connections of one Serve share.
type serving struct {
	config    func() (*ssh.ServerConfig, error) // of a new connection
	auth      Authenticator
	handle    func(context.Context, *Conn)
	limits    SSHLimits
	admission *admission
	logger    *slog.Logger
}

// Serve accepts connections of l until ctx ends, and then returns nil; or until
// l fails for good, and then returns why. It closes l and returns after all that
// it started has ended: connections that are not authenticated and idle sessions
// end at once, the others within the grace of Limits and the time that Handle
// takes to return. It may be called for several listeners; Limits count for each.
func (s *SSHServer) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v, err := s.begin(ctx)
	if err != nil {
		l.Close()
		return err
	}
	return (&acceptor{name: "SSH", admission: v.admission, logger: v.logger}).accept(ctx, l, v.serve)
}

func (s *SSHServer) begin(ctx context.Context) (*serving, error) {
	logger := s.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	g := &gate{ctx: ctx, auth: s.Auth, vouch: s.UserAuthorities, logger: logger}
	config := &ssh.ServerConfig{
		Config:                      s.Algorithms.config(),
		PublicKeyAuthAlgorithms:     ssh.SupportedAlgorithms().PublicKeyAuths,
		PasswordCallback:            g.password,
		KeyboardInteractiveCallback: g.keyboardInteractive,
		PublicKeyCallback:           g.publicKey,
		AuthLogCallback:             s.attempted,
		ServerVersion:               "SSH-2.0-altoam",
	}
	limits := s.Limits.withDefaults()
	v := &serving{auth: s.Auth, handle: s.Handle, limits: limits, admission: newAdmission(limits), logger: logger}
	if s.KeysNow != nil {
		v.config = func() (*ssh.ServerConfig, error) { return s.withKeys(*config, s.KeysNow()) }
		return v, nil
	}
	whole, err := s.withKeys(*config, s.HostKeys)
	v.config = func() (*ssh.ServerConfig, error) { return whole, nil }
	return v, err
}

// withKeys adds host keys to a configuration that has none.
func (s *SSHServer) withKeys(config ssh.ServerConfig, keys []ssh.Signer) (*ssh.ServerConfig, error) {
	signers, err := s.Algorithms.signers(keys)
	if err != nil {
		return nil, err
	}
	for _, key := range signers {
		config.AddHostKey(key)
	}
	return &config, nil
}

// attempted passes on the end of an attempt by a public key. The Authenticator knows of
// those by a password.
func (s *SSHServer) attempted(c ssh.ConnMetadata, method string, err error) {
	if method == "publickey" && s.Attempted != nil {
		s.Attempted(c.User(), c.RemoteAddr(), err)
	}
}

// serve runs one connection to its end and closes it.
func (v *serving) serve(ctx context.Context, nc net.Conn, t *ticket) {
	defer nc.Close()
	logger := v.logger.With("remote", nc.RemoteAddr().String())
	// The end of the server and the deadline both cut a handshake short.
	unauthenticated := context.AfterFunc(ctx, func() { nc.Close() })
	late := time.AfterFunc(v.limits.Handshake, func() { nc.Close() })
	sc, channels, requests, err := v.handshake(nc)
	late.Stop()
	if err != nil {
		unauthenticated()
		logger.Info("SSH handshake failed", "error", err)
		return
	}
	t.authenticate()
	c := newSSHConn(v, nc, sc, logger.With("user", sc.User()))
	if unauthenticated() {
		c.logger.Info("SSH connection")
	}
	c.run(ctx, channels, requests)
	c.logger.Info("SSH connection ended")
}

func (v *serving) handshake(nc net.Conn) (*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	config, err := v.config()
	if err != nil {
		return nil, nil, nil, err
	}
	return ssh.NewServerConn(nc, config)
}
