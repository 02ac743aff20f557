// Package passwords verifies passwords against hashes that are slow by design. It knows
// neither users nor YANG.
package passwords

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
)

// maxRemembered bounds the memory of passwords that were right.
const maxRemembered = 4096

// Checker verifies passwords. One that was right is remembered, by a keyed digest, as HTTP
// has it in each request, and only some are computed at a time: guessing cannot take
// more. All methods are safe for concurrent use.
type Checker struct {
	check func(hash, password string) bool
	key   []byte
	turns chan struct{}

	mu    sync.Mutex
	right map[[sha256.Size]byte]bool
}

// NewChecker returns a Checker that asks check, at most atOnce at a time, whether hash is
// one of password. With a nil check no password is right.
func NewChecker(check func(hash, password string) bool, atOnce int) *Checker {
	c := &Checker{
		check: check, key: make([]byte, 32), turns: make(chan struct{}, max(1, atOnce)),
		right: map[[sha256.Size]byte]bool{},
	}
	rand.Read(c.key) // never fails
	return c
}

// Verify tells whether hash is one of password; false when ctx ends before. It takes the
// time of a hash, unless the same was right before.
func (c *Checker) Verify(ctx context.Context, hash, password string) bool {
	if c == nil || c.check == nil {
		return false
	}
	digest, known := c.recall(hash, password)
	if known {
		return true
	}
	select {
	case c.turns <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-c.turns }()
	if !c.check(hash, password) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.right) >= maxRemembered {
		clear(c.right)
	}
	c.right[digest] = true
	return true
}

// VerifyAny tells whether one of hashes is one of password, and which. Where none is it
// takes all of cost, whatever the hashes are: even where there are none.
func (c *Checker) VerifyAny(ctx context.Context, hashes []string, cost Cost, password string) (which int, ok bool) {
	for i, hash := range hashes {
		if c.Verify(ctx, hash, password) {
			return i, true
		}
		cost = cost.Minus(CostOf(hash))
	}
	for _, decoy := range cost.Decoys() {
		c.Verify(ctx, decoy, password)
	}
	return 0, false
}

// Knows tells whether the password was verified before with one of hashes. It takes no
// time.
func (c *Checker) Knows(hashes []string, password string) bool {
	if c == nil {
		return false
	}
	for _, hash := range hashes {
		if _, known := c.recall(hash, password); known {
			return true
		}
	}
	return false
}

// recall tells whether the password was right before, and what it is remembered by.
func (c *Checker) recall(hash, password string) (digest [sha256.Size]byte, known bool) {
	digest = c.digest(hash, password)
	c.mu.Lock()
	defer c.mu.Unlock()
	return digest, c.right[digest]
}

func (c *Checker) digest(hash, password string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, c.key)
	h.Write([]byte(hash + "\x00" + password))
	h.Sum(sum[:0])
	return sum
}
