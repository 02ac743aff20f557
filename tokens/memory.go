package tokens

import (
	"crypto/sha256"
	"sync"
	"time"
)

// mostRemembered bounds the tokens whose verification is remembered.
const mostRemembered = 1024

// memory has the tokens that were verified: a signature takes longer to verify than most
// requests to answer. What it says holds until the token has expired, the issuers are
// configured otherwise, or the keys of the issuer's file are others.
type memory struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]verified
}

// verified is what was found of a token.
type verified struct {
	Grant
	by      *issuer
	version int // of the keys of the issuer's file
	issuers *map[string]*issuer
}

// recall returns what the token gives still.
func (m *memory) recall(token string, issuers *map[string]*issuer, now time.Time) (Grant, bool) {
	sum := sha256.Sum256([]byte(token))
	m.mu.Lock()
	k, ok := m.known[sum]
	m.mu.Unlock()
	if !ok || k.issuers != issuers || !now.Before(k.Until) || k.by.version() != k.version {
		return Grant{}, false
	}
	return k.Grant, true
}

// remember adds what was found of the token.
func (m *memory) remember(token string, k verified) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= mostRemembered {
		m.known = map[[sha256.Size]byte]verified{}
	}
	m.known[sha256.Sum256([]byte(token))] = k
}

// version tells one set of the keys of the file from another; it looks for changes.
func (i *issuer) version() int {
	if i.file == nil {
		return 0
	}
	_, version := i.file.current()
	return version
}
