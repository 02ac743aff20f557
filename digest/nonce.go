package digest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

// How long a nonce can be used, and how many are remembered that have been.
const (
	nonceLifetime = 5 * time.Minute
	mostUsed      = 8192
)

// issueSize and markSize are the parts of a nonce: when it was issued with random bytes,
// and what only this process can make of these.
const (
	issueSize = 16
	markSize  = 16
)

// issue tells nonces apart, in the order of when they were issued.
type issue [issueSize]byte

func (i issue) at() int64 { return int64(binary.BigEndian.Uint64(i[:])) } // nanoseconds since 1970

// nonces are issued without being remembered, so that strangers take no memory: only
// those with which someone has proved who he is are.
type nonces struct {
	key [32]byte
	now func() time.Time

	mu    sync.Mutex
	used  map[issue]*window
	floor int64 // no nonce that was issued then or earlier is taken, nanoseconds since 1970
}

func newNonces(now func() time.Time) *nonces {
	n := &nonces{now: now, used: make(map[issue]*window)}
	_, _ = rand.Read(n.key[:]) // never fails
	return n
}

// next issues a nonce.
func (n *nonces) next() string {
	var i issue
	binary.BigEndian.PutUint64(i[:], uint64(n.now().UnixNano()))
	_, _ = rand.Read(i[8:])
	return base64.RawURLEncoding.EncodeToString(append(i[:], n.mark(i)...))
}

func (n *nonces) mark(i issue) []byte {
	h := hmac.New(sha256.New, n.key[:])
	_, _ = h.Write(i[:])
	return h.Sum(nil)[:markSize]
}

// take uses a nonce for the count-th time: false where it is not ours, too old, or has
// been used so already. Counts may come in another order, up to 64 apart.
func (n *nonces) take(text string, count uint32) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != issueSize+markSize {
		return false
	}
	i := issue(raw)
	if !hmac.Equal(raw[issueSize:], n.mark(i)) {
		return false
	}
	now := n.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.fresh(i, now) {
		return false
	}
	w := n.used[i]
	if w == nil {
		if n.drop(now); !n.fresh(i, now) {
			return false
		}
		w = new(window)
		n.used[i] = w
	}
	return w.take(count)
}

// fresh tells whether a nonce of ours can be used. Needs mu.
func (n *nonces) fresh(i issue, now time.Time) bool {
	age := now.UnixNano() - i.at()
	return age >= 0 && age < int64(nonceLifetime) && i.at() > n.floor
}

// drop makes room where there is none: for the nonces that are too old, else for the
// older half, which nobody can use again. Needs mu.
func (n *nonces) drop(now time.Time) {
	if len(n.used) < mostUsed {
		return
	}
	var issued []int64
	for i := range n.used {
		if n.fresh(i, now) {
			issued = append(issued, i.at())
		}
	}
	if slices.Sort(issued); len(issued) > mostUsed/2 {
		n.floor = issued[len(issued)/2]
	}
	for i := range n.used {
		if !n.fresh(i, now) {
			delete(n.used, i)
		}
	}
}

// window is which counts were used: the highest, and those shortly before it.
type window struct {
	highest uint32
	seen    uint64 // bit i: highest-i
}

func (w *window) take(count uint32) bool {
	if count > w.highest {
		w.seen = w.seen<<(count-w.highest) | 1
		w.highest = count
		return true
	}
	bit := uint64(1) << (w.highest - count)
	if bit == 0 || w.seen&bit != 0 {
		return false
	}
	w.seen |= bit
	return true
}
