package restconf

import (
	"errors"
	"net/http"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// Refusal is an error of Options.Authenticate that says what the client gets to see.
type Refusal struct {
	// Status is 401, for whoever is not known, 403, or 503 where that cannot be found out
	// now.
	Status int
	// Challenges are the values of WWW-Authenticate (RFC 9110 Section 11.6.1).
	Challenges []string
	Message    string
	Err        error // for the log
}

// Error implements error.
func (r *Refusal) Error() string { return r.Message }

// Unwrap returns what is for the log only.
func (r *Refusal) Unwrap() error { return r.Err }

// authenticate finds out whose request it is, and whether that user may send one more.
func (q *request) authenticate() (err error) {
	if q.user, err = q.o.Authenticate(q.r); err != nil {
		return refused(err)
	}
	q.connections.known(q.r)
	return q.withinRate()
}

// refused is the error for the client.
func refused(err error) error {
	r := &Refusal{
		Status: http.StatusUnauthorized, Err: err,
		Message: "authentication failed: a user name and the password that goes with it are needed",
	}
	errors.As(err, &r)
	e := rpcerr.NewProtocol(rpcerr.AccessDenied, "%s", r.Message)
	s := &statusError{err: e, code: r.Status, header: http.Header{}}
	switch e.Err = r.Err; r.Status {
	case http.StatusUnauthorized:
		e.Reason = rpcerr.NotAuthentic
	case http.StatusServiceUnavailable:
		e.Tag = rpcerr.ResourceDenied
		s.header.Set("Retry-After", "1")
	}
	if len(r.Challenges) > 0 {
		s.header["Www-Authenticate"] = r.Challenges
	}
	return s
}

// until is when what the user was authenticated by expires, zero for never.
func (q *request) until() time.Time {
	if q.o.Until == nil {
		return time.Time{}
	}
	return q.o.Until(q.r)
}
