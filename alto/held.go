package alto

import (
	"io"
	"net/netip"
	"sync"
)

// heldShare is how much of Limits.Memory one client may take: a fourth.
const heldShare = 4

// What is charged before it is known: bytes for each byte of a body, most of which its
// parts take, and for each pair of a response.
const (
	chargeBody = 8
	chargePair = 32
	keptBody   = 2 // of the body that opened a stream
)

// held counts the bytes that requests take beside what is served to all: their parameters,
// and the responses made for them alone. The zero value is ready, and all methods are safe
// for concurrent use.
type held struct {
	mu      sync.Mutex
	bytes   int64
	clients map[netip.Addr]int64 // of those that hold something
}

// hold is what one request has of held, or an update stream after it, whose mu then guards
// it.
type hold struct {
	of     *held
	client netip.Addr // budgetKey
	max    int64      // 0: no bound
	bytes  int64

	rates *rateBudgets // that the request takes from; nil where it has done so before
}

// take charges n more bytes, or tells that there are not as many.
func (h *hold) take(n int64) bool {
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	if h.max > 0 && (h.of.bytes+n > h.max || h.of.clients[h.client]+n > h.max/heldShare) {
		return false
	}
	h.add(n)
	return true
}

// set charges n bytes in place of what has been charged so far; it is not refused.
func (h *hold) set(n int64) {
	if n == h.bytes {
		return
	}
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	h.add(n - h.bytes)
}

// settle charges what a request takes once its answer is made, unless the answer is that
// of all.
func (h *hold) settle(a *answer) {
	switch {
	case a == nil || a.kept:
		h.set(0)
	case h.bytes > 0:
		h.set(int64(a.size()))
	}
}

// keep charges what a stream keeps of the parameters that it was opened with.
func (st *stream) keep(h *hold) {
	h.set(h.bytes / chargeBody * keptBody)
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.ended {
		st.hold = h
	}
}

// keepMore charges the stream with what it keeps of the parameters of a control request.
func (st *stream) keepMore(h *hold) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.hold != nil {
		st.hold.set(st.hold.bytes + h.bytes/chargeBody*keptBody)
	}
}

// add needs the mutex of held.
func (h *hold) add(n int64) {
	h.bytes += n
	h.of.bytes += n
	if h.of.clients == nil {
		h.of.clients = make(map[netip.Addr]int64)
	}
	if h.of.clients[h.client] += n; h.of.clients[h.client] == 0 {
		delete(h.of.clients, h.client)
	}
}

// heldBody charges a body as it comes.
type heldBody struct {
	io.Reader
	hold *hold
	full bool // reading has ended for want of memory
}

func (b *heldBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if n > 0 && !b.hold.take(int64(n)*chargeBody) {
		b.full = true
		return 0, io.ErrShortBuffer
	}
	return n, err
}
