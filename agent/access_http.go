package agent

import (
	"errors"
	"net/http"
	"strings"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/tokens"
)

// realm is what HTTP users of ALTO are of; secrets of HTTP Digest are good for no other.
const realm = "alto"

// digestUser is an HTTP user with a secret of HTTP Digest.
type digestUser struct {
	id     string
	secret digest.Secret
}

// readDigest reads the users of HTTP Digest from the list below users, which may not
// exist.
func (a *Agent) readDigest(l *listening, users certs.Place) {
	l.digests = make(map[string][]digestUser)
	for _, u := range users.Entries("user") {
		parent := u.Below(accessModule + ":digest")
		at := parent.Below("credentials")
		if !at.Exists() {
			continue
		}
		text, err := a.secrets.Credentials(parent.Node, parent.Path, at.Node)
		if err != nil {
			l.unfit = append(l.unfit, rpcerr.All(err)...)
			continue
		}
		secret, err := digest.Parse(text)
		if err != nil {
			l.unfit = append(l.unfit, at.Refuse(rpcerr.InvalidValue, "no credentials of HTTP Digest: %v", err))
			continue
		}
		l.digests[secret.Username] = append(l.digests[secret.Username], digestUser{u.Key(), secret})
	}
}

// authorized returns the roles of a client by the header Authorization, by HTTP Basic
// (RFC 7617), Digest (RFC 7616) or a bearer token (RFC 6750).
func (x *access) authorized(r *http.Request) (roles []string, ok bool) {
	if name, password, given := r.BasicAuth(); given {
		if u, ok := x.byBasic(r, name, password); ok {
			x.note(r, u.name, proof{byPassword, u.id})
			return x.heldBy(proof{byPassword, u.id}), true
		}
	}
	if c, _ := digest.Of(r.Header); c != nil {
		if u, ok := x.byDigest(r, c); ok {
			x.note(r, c.Username, proof{byPassword, u.id})
			return x.heldBy(proof{byPassword, u.id}), true
		}
	}
	if token, given := tokens.Of(r.Header); given && x.rules.tokens.On() {
		return x.granted(r, token)
	}
	return nil, false
}

// granted returns the roles that a token gives. One that lacks a scope proves who the
// client is and gives none (RFC 6750 Section 3.1).
func (x *access) granted(r *http.Request, token string) (roles []string, ok bool) {
	g, err := x.rules.tokens.Verify(token)
	x.logins.Token(attempt(r, g.User, logins.Token), err)
	if err != nil {
		var e *tokens.Error
		return nil, errors.As(err, &e) && e.Status() == http.StatusForbidden
	}
	x.note(r, g.User, tokenProof(g.Issuer, g.User), tokenProof(g.Issuer, ""))
	roles = append(x.heldBy(tokenProof(g.Issuer, g.User)), x.heldBy(tokenProof(g.Issuer, ""))...)
	return append(roles, g.Roles...), true
}

// tokenProof is a token of an issuer for a user, "" for any.
func tokenProof(issuer, user string) proof { return proof{byToken, issuer + "\x00" + user} }

// challenges implements Config.Challenges of package alto: what a client can prove its
// identity by, the strongest first.
func (x *access) challenges(r *http.Request) (list []string) {
	if len(x.digests) > 0 {
		list = x.nonces.Challenges(realm, x.stale(r))
	}
	if x.rules != nil && x.rules.tokens.On() {
		list = append(list, x.refusedToken(r).Challenge(realm))
	}
	if len(x.users) > 0 || len(list) == 0 {
		list = append(list, `Basic realm="`+realm+`"`)
	}
	return list
}

// stale tells whether a request that was refused has credentials with which only the
// nonce is wrong. Of who is locked it tells nothing: it would tell of a guess.
func (x *access) stale(r *http.Request) bool {
	c, _ := digest.Of(r.Header)
	if c == nil || x.logins.Holds(attempt(r, c.Username, logins.Digest)) {
		return false
	}
	for _, u := range x.digests[c.Username] {
		if c.Match(r, realm, u.secret) {
			return true
		}
	}
	return false
}

// refusedToken tells why the token of a request that was refused is not accepted; nil
// where it has none.
func (x *access) refusedToken(r *http.Request) (e *tokens.Error) {
	token, given := tokens.Of(r.Header)
	if !given || strings.TrimSpace(token) == "" {
		return nil
	}
	_, err := x.rules.tokens.Verify(token)
	errors.As(err, &e)
	return e
}
