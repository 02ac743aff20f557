package agent

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"runtime"
	"sync"
	"time"

	"github.com/altoam/altoam/digest"
)

// maxRemembered bounds the memory of passwords that were right.
const maxRemembered = 4096

// passwords verifies passwords. To compute a hash is slow by design, so that one that
// was right is remembered, by a keyed digest, and only as many are computed at a time
// as there are processors.
type passwords struct {
	check func(hash, password string) bool
	key   []byte
	turns chan struct{}

	digests *digest.Server // of users that send no password

	mu    sync.Mutex
	right map[[sha256.Size]byte]bool
}

func newPasswords(check func(hash, password string) bool) *passwords {
	p := &passwords{digests: digest.NewServer(time.Now), check: check, key: make([]byte, 32), turns: make(chan struct{}, runtime.GOMAXPROCS(0)), right: map[[sha256.Size]byte]bool{}}
	rand.Read(p.key) // never fails
	return p
}

// verify tells whether hash is one of password; false when ctx ends before.
func (p *passwords) verify(ctx context.Context, hash, password string) bool {
	if p == nil || p.check == nil {
		return false
	}
	digest := p.digest(hash, password)
	p.mu.Lock()
	known := p.right[digest]
	p.mu.Unlock()
	if known {
		return true
	}
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-p.turns }()
	if !p.check(hash, password) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.right) >= maxRemembered {
		clear(p.right)
	}
	p.right[digest] = true
	return true
}

func (p *passwords) digest(hash, password string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte(hash + "\x00" + password))
	h.Sum(sum[:0])
	return sum
}
