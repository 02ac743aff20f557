package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/listeners"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/restconf"
	"github.com/altoam/altoam/tokens"
	"github.com/altoam/altoam/users"
)

// realm is what users are of.
const realm = "altoam"

// httpUser is the user whom a RESTCONF request comes from (RFC 8040 Section 2.5): whom the
// certificate of the client names, whom a bearer token stands for, or whose password it
// has, a user of the endpoint or of the whole server.
func (s *server) httpUser(r *http.Request) (datastore.User, error) {
	if name, ok := listeners.CertificateUser(r.Context()); ok {
		s.logins.Note(attempted(r, name, logins.Certificate))
		return datastore.User{Name: name}, nil
	}
	if token, ok := tokens.Of(r.Header); ok && s.tokens.On() {
		g, err := s.tokens.Verify(token)
		s.logins.Token(attempted(r, g.User, logins.Token), err)
		if err != nil {
			return datastore.User{}, s.refusal(err)
		}
		return datastore.User{Name: g.User, Groups: g.Groups}, nil
	}
	name, password, ok := r.BasicAuth()
	if !ok {
		return datastore.User{}, s.refusal(users.ErrRefused)
	}
	if err := s.passwordUser(r, name, password); err != nil {
		return datastore.User{}, s.refusal(err)
	}
	return datastore.User{Name: name}, nil
}

// userUntil is when the token of a request expires, zero where it has none.
func (s *server) userUntil(r *http.Request) time.Time {
	token, ok := tokens.Of(r.Header)
	if _, certified := listeners.CertificateUser(r.Context()); certified || !ok || !s.tokens.On() {
		return time.Time{}
	}
	g, err := s.tokens.Verify(token)
	if err != nil {
		return time.Now()
	}
	return g.Until
}

// refusal is what a client gets to see of a failed authentication.
func (s *server) refusal(err error) error {
	if errors.Is(err, logins.ErrBusy) {
		return &restconf.Refusal{Status: http.StatusServiceUnavailable, Message: "too many clients log in at the moment: try again"}
	}
	refusal := &restconf.Refusal{
		Status: http.StatusUnauthorized, Err: err, Challenges: []string{`Basic realm="` + realm + `", charset="UTF-8"`},
		Message: "authentication failed: a user name and the password that goes with it are needed",
	}
	var bad *tokens.Error
	if errors.As(err, &bad) {
		refusal.Message, refusal.Err = "authentication failed: "+bad.Description, bad.Err
		if refusal.Status = bad.Status(); refusal.Status == http.StatusForbidden {
			refusal.Message = bad.Description + ": " + bad.Scope
			refusal.Challenges = nil
		}
	}
	if s.tokens.On() {
		refusal.Challenges = append(refusal.Challenges, bad.Challenge(realm))
	}
	return refusal
}
