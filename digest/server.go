package digest

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Server issues nonces and verifies credentials. It is safe for concurrent use.
type Server struct{ nonces *nonces }

// NewServer makes a Server; the nonces of another one are none of its own. now is the
// clock.
func NewServer(now func() time.Time) *Server { return &Server{newNonces(now)} }

// Verify tells whether the credentials prove that the request comes from the user of the
// secret. They do once only: the same request sent again is refused (RFC 7616
// Section 5.4). Cost is that of four hashes.
func (s *Server) Verify(c *Credentials, r *http.Request, realm string, secret Secret) bool {
	if !c.Match(r, realm, secret) {
		return false
	}
	n, err := c.count()
	return err == nil && s.nonces.take(c.nonce, n)
}

// Match tells whether whoever made the credentials knew the secret, for this request or
// one like it, at any time. Where Verify refuses them all the same, a client may try
// again with another nonce: they are stale.
func (c *Credentials) Match(r *http.Request, realm string, secret Secret) bool {
	if c.realm != realm || c.Username != secret.Username || !c.meant(r) {
		return false
	}
	a := c.algorithm
	want := hash(a, secret.ha1[a], c.nonce, c.nc, c.cnonce, "auth", hash(a, r.Method, c.uri))
	return subtle.ConstantTimeCompare([]byte(want), []byte(c.response)) == 1
}

// meant tells whether the credentials are for what is requested (RFC 7616
// Section 3.4.6): an absolute URI stands for its path and query.
func (c *Credentials) meant(r *http.Request) bool {
	target := r.RequestURI
	if target == "" {
		target = r.URL.RequestURI()
	}
	return pathOf(c.uri) == pathOf(target)
}

func pathOf(target string) string {
	if strings.HasPrefix(target, "/") {
		return target
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return target
	}
	return u.RequestURI()
}

// Challenges are the values of WWW-Authenticate, one for each algorithm with the same
// nonce, the one that more clients know first. stale tells the client that only its nonce
// was wrong (RFC 7616 Section 3.3).
func (s *Server) Challenges(realm string, stale bool) []string {
	nonce := s.nonces.next()
	list := make([]string, len(algorithms))
	for i, a := range algorithms {
		list[i] = `Digest realm="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(realm) + `", qop="auth", algorithm=` + a +
			`, nonce="` + nonce + `", charset=UTF-8, userhash=false`
		if stale {
			list[i] += ", stale=true"
		}
	}
	return list
}
