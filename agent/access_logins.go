package agent

import (
	"errors"
	"net/http"

	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/logins"
)

var (
	errPassword = errors.New("no user with that name and password")
	errDigest   = errors.New("the response is not that of a user with that name")
	errStale    = errors.New("the nonce is not one of ours, too old or used")
)

func attempt(r *http.Request, user, method string) logins.Attempt {
	return logins.Attempt{User: user, Remote: r.RemoteAddr, Transport: logins.ALTO, Method: method}
}

// byBasic is the user that a name and password are of, false for none. That takes the same
// time for each name that it is not.
func (x *access) byBasic(r *http.Request, name, password string) (found user, ok bool) {
	list := x.users[name]
	hashes := make([]string, len(list))
	for i, u := range list {
		hashes[i] = u.hash
	}
	known := func() bool { return x.passwords.Knows(hashes, password) }
	right := func() error {
		if i, ok := x.passwords.VerifyAny(r.Context(), hashes, x.cost, password); ok {
			found = list[i]
			return nil
		}
		return errPassword
	}
	if x.logins.Try(r.Context(), attempt(r, name, logins.Password), known, right) != nil {
		return user{}, false
	}
	if found.id == "" { // it is known, so that this takes no time
		_ = right()
	}
	return found, found.id != ""
}

// byDigest is likewise the user that credentials of HTTP Digest are of.
func (x *access) byDigest(r *http.Request, c *digest.Credentials) (found digestUser, ok bool) {
	err := x.logins.Try(r.Context(), attempt(r, c.Username, logins.Digest), nil, func() error {
		list := x.digests[c.Username]
		if len(list) == 0 {
			list = []digestUser{{secret: digest.Decoy(c.Username)}}
		}
		for _, u := range list {
			switch {
			case u.id == "":
				c.Match(r, realm, u.secret)
			case x.nonces.Verify(c, r, realm, u.secret):
				found = u
				return nil
			case c.Match(r, realm, u.secret):
				return logins.NoGuess(errStale)
			}
		}
		return errDigest
	})
	return found, err == nil
}
