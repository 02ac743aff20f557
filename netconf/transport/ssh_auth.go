package transport

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
)

// Authenticator decides who may log in. A nil error lets the user in; any error
// is logged and not told to the client. Implementations are called from many
// goroutines, and for users that do not exist: they should take as long for them
// as for a wrong password. What is left of a difference is hidden up to the
// multiples of time at which failures are answered.
type Authenticator interface {
	Password(user, password string, remote net.Addr) error

	// PublicKey says whether key is one of user's. The client proves afterwards
	// that it holds it, and may ask for keys that it does not hold. Keys are
	// never certificates.
	PublicKey(user string, key ssh.PublicKey, remote net.Addr) error
}

// Standing is an Authenticator that is asked again when an SSH connection begins a session,
// which may be long after its user was let in. Those for whom an authority of user
// certificates vouched need not stand.
type Standing interface {
	Authenticator
	// Stands tells whether the user could still log in, by whatever password or key.
	Stands(user string) bool
}

// Failures are answered at multiples of these after the question, each longer
// than the check commonly takes: a password hash and a look-up.
const (
	passwordQuantum  = 250 * time.Millisecond
	publicKeyQuantum = 10 * time.Millisecond
)

var (
	errDenied   = errors.New("authentication failed")
	errUsername = errors.New("username is not representable in XML")
)

// gate turns an Authenticator into the callbacks of the ssh package.
type gate struct {
	ctx    context.Context // that of Serve: its end ends waiting
	auth   Authenticator
	vouch  []ssh.PublicKey // authorities of user certificates
	logger *slog.Logger
}

func (g *gate) password(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	return g.decide(c, "password", passwordQuantum, func() error {
		return g.auth.Password(c.User(), string(password), c.RemoteAddr())
	})
}

// keyboardInteractive asks for the password, whoever the user is (RFC 4256).
func (g *gate) keyboardInteractive(c ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	answers, err := ask("", "", []string{"Password: "}, []bool{false})
	if err != nil {
		return nil, err
	}
	return g.decide(c, "keyboard-interactive", passwordQuantum, func() error {
		return g.auth.Password(c.User(), answers[0], c.RemoteAddr())
	})
}

func (g *gate) publicKey(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	if certificate, ok := key.(*ssh.Certificate); ok {
		return g.certificate(c, certificate)
	}
	return g.decide(c, "publickey", publicKeyQuantum, func() error {
		return g.auth.PublicKey(c.User(), key, c.RemoteAddr())
	})
}

// decide runs check and answers every failure alike, at a multiple of quantum
// after the start. The cause goes to the log, at debug level for public keys, of
// which clients commonly offer several.
func (g *gate) decide(c ssh.ConnMetadata, method string, quantum time.Duration, check func() error) (*ssh.Permissions, error) {
	start := time.Now()
	err := check()
	if err == nil && !validUsername(c.User()) {
		err = errUsername
	}
	if err == nil {
		return nil, nil
	}
	level := slog.LevelWarn
	if method == "publickey" {
		level = slog.LevelDebug
	}
	g.logger.Log(g.ctx, level, "SSH authentication failed",
		"user", clip(c.User()), "remote", c.RemoteAddr().String(), "method", method, "error", err)
	select {
	case <-time.After(quantum - time.Since(start)%quantum):
	case <-g.ctx.Done():
	}
	return nil, errDenied
}

// clip shortens a name, of which a client may send many kilobytes, for the log.
func clip(name string) string {
	const most = 255
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

// validUsername reports whether a NETCONF session can have the username: RFC
// 6242 Section 3 demands that others be dropped. The characters are those of
// the Char production of XML 1.0.
func validUsername(name string) bool {
	if name == "" || !utf8.ValidString(name) {
		return false
	}
	for _, r := range name {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}
