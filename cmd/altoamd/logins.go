package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/listeners"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/users"
)

// addLogins makes what all attempts to log in pass through.
func (s *server) addLogins() {
	s.logins = logins.New(logins.Default())
	s.logins.Follow(s.store, s.log)
	s.logins.OnAttempt(s.auditAttempt)
	s.rule.Minimum = s.logins.MinimumPassword
	s.store.AddParticipant(s.rule)
	s.store.AddParticipant(users.Leaving{Store: s.store, Wait: time.Second})
	s.registry.MustRegister(s.logins)
}

// sshUsers are the users of the whole server, for SSH.
type sshUsers struct{ *users.Directory }

func (u sshUsers) Password(user, password string, _ net.Addr) error {
	return u.Directory.Password(user, password)
}

func (u sshUsers) PublicKey(user string, key ssh.PublicKey, _ net.Addr) error {
	return u.Directory.PublicKey(user, key.Type(), key.Marshal())
}

// guardedUsers are they where nobody else looks after lock-out.
type guardedUsers struct {
	sshUsers
	logins *logins.Lockout
}

func (u guardedUsers) Password(user, password string, remote net.Addr) error {
	a := logins.Attempt{User: user, Remote: remote.String(), Transport: logins.SSH, Method: logins.Password}
	return u.logins.Try(context.Background(), a,
		func() bool { return u.Knows(user, password) },
		func() error { return u.sshUsers.Password(user, password, remote) })
}

// passwordUser decides about a request with a name and password: of a user of the endpoint
// or of the whole server.
func (s *server) passwordUser(r *http.Request, name, password string) error {
	ctx := r.Context()
	return s.logins.Try(ctx, attempted(r, name, logins.Password),
		func() bool { return listeners.KnowsPassword(ctx, name, password) || s.users.Knows(name, password) },
		func() error {
			if listeners.PasswordUser(ctx, name, password) {
				return nil
			}
			return s.users.Password(name, password)
		})
}

// attempted is an attempt of the client of a request.
func attempted(r *http.Request, user, method string) logins.Attempt {
	return logins.Attempt{User: user, Remote: r.RemoteAddr, Transport: logins.RESTCONF, Method: method}
}
