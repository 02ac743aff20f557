package transport

import (
	"crypto/x509"
	"sync"
	"time"
)

// User is the user that a client with these certificates, its own first, is now; an error
// where it is not to be let in.
func (s *TLSServer) User(presented []*x509.Certificate) (string, error) {
	chains, err := s.Trust.Verify(presented, time.Now())
	if err != nil {
		return "", err
	}
	return s.Users.User(chains)
}

// EndUntrusted ends the sessions of clients that next, which took the place of s, would not
// let in as the same user. What is being answered has the grace of Limits.
func (s *TLSServer) EndUntrusted(next *TLSServer) {
	s.open.EndUnless(func(presented []*x509.Certificate, user string) bool {
		now, err := next.User(presented)
		return err == nil && now == user
	})
}

// CertifiedConns are the open connections of clients that have shown a certificate. Safe for
// concurrent use.
type CertifiedConns struct {
	mu    sync.Mutex
	all   map[*certifiedConn]struct{}
	stays func(presented []*x509.Certificate, user string) bool // nil: all
}

type certifiedConn struct {
	presented []*x509.Certificate
	user      string
	end       func()
}

// Add notes a connection with the certificates that were presented and the user that they
// stand for, until remove is called; end ends it, at once where it is not to stay.
func (c *CertifiedConns) Add(presented []*x509.Certificate, user string, end func()) (remove func()) {
	x := &certifiedConn{presented, user, end}
	c.mu.Lock()
	if c.all == nil {
		c.all = map[*certifiedConn]struct{}{}
	}
	c.all[x] = struct{}{}
	stays := c.stays
	c.mu.Unlock()
	if stays != nil && !stays(presented, user) {
		end()
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.all, x)
	}
}

// EndUnless ends those that are not to stay, and those that come to it later.
func (c *CertifiedConns) EndUnless(stays func(presented []*x509.Certificate, user string) bool) {
	c.mu.Lock()
	c.stays = stays
	var gone []*certifiedConn
	for x := range c.all {
		if !stays(x.presented, x.user) {
			gone = append(gone, x)
		}
	}
	c.mu.Unlock()
	for _, x := range gone {
		x.end()
	}
}
