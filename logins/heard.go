package logins

import (
	"errors"
	"net"
)

// Key is an attempt over SSH with a public key. Clients offer one after the other, and
// nobody guesses one: those that are refused are not counted. A nil Lockout hears nothing.
func (l *Lockout) Key(user string, remote net.Addr, err error) {
	if l == nil {
		return
	}
	a := Attempt{User: user, Remote: remote.String(), Transport: SSH, Method: PublicKey, Cause: err}
	if err != nil {
		l.Report(a)
		return
	}
	l.Note(a)
}

// Token is an attempt with a bearer token, which is refused where err is not nil. Those
// that are refused are counted, unless err tells that they are Genuine: no guess is.
func (l *Lockout) Token(a Attempt, err error) {
	if l == nil {
		return
	}
	a.Cause = err
	var refused interface{ Genuine() bool }
	if errors.As(err, &refused) && refused.Genuine() {
		l.Report(a)
		return
	}
	l.Note(a)
}

// Certificate is an attempt over TLS, likewise; those that are refused are counted.
func (l *Lockout) Certificate(user string, remote net.Addr, err error) {
	l.Note(Attempt{User: user, Remote: remote.String(), Transport: TLS, Method: Certificate, Cause: err})
}
