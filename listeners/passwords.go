package listeners

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
)

// maxRemembered bounds the passwords of an endpoint that are remembered.
const maxRemembered = 256

// passwords are the users of one endpoint of HTTP. What was verified is remembered under a
// keyed hash: Basic authentication (RFC 7617) has the password in each request.
type passwords struct {
	l      *Listeners
	hashes map[string][]string // by name

	key        [32]byte
	mu         sync.Mutex
	remembered map[[32]byte]bool
}

func newPasswords(l *Listeners) *passwords {
	p := &passwords{l: l, hashes: map[string][]string{}, remembered: map[[32]byte]bool{}}
	_, _ = rand.Read(p.key[:]) // never fails
	return p
}

func (p *passwords) add(name, hash string) { p.hashes[name] = append(p.hashes[name], hash) }

// verify tells whether the password is one of the user's. It takes the time of a hash
// unless it is remembered or there is no such user.
func (p *passwords) verify(name, password string) bool {
	for _, hash := range p.hashes[name] {
		if p.matches(hash, password) {
			return true
		}
	}
	return false
}

func (p *passwords) matches(hash, password string) bool {
	m := hmac.New(sha256.New, p.key[:])
	m.Write([]byte(hash + "\x00" + password))
	memo := [32]byte(m.Sum(nil))
	p.mu.Lock()
	known := p.remembered[memo]
	p.mu.Unlock()
	if known || !p.l.verify(hash, password) {
		return known
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.remembered) >= maxRemembered {
		clear(p.remembered)
	}
	p.remembered[memo] = true
	return true
}
