package alto

import (
	"crypto/rand"
	"encoding/base64"
	"maps"
	"net/netip"
	"slices"
	"sync"
)

// streamSet holds the open update streams of a server. The zero value is empty. Its
// mutex is taken last: no other is taken while it is held.
type streamSet struct {
	mu         sync.RWMutex
	open       int
	byPath     map[string]*stream              // of the control URI, of those that have one
	byResource map[string]map[*stream]struct{} // of the update stream service
}

// add takes a stream in unless max of the same service are open.
func (set *streamSet) add(st *stream, max int) bool {
	set.mu.Lock()
	defer set.mu.Unlock()
	if set.byPath == nil {
		set.byPath, set.byResource = make(map[string]*stream), make(map[string]map[*stream]struct{})
	}
	of := set.byResource[st.resource]
	if len(of) >= max {
		return false
	}
	if of == nil {
		of = make(map[*stream]struct{})
		set.byResource[st.resource] = of
	}
	of[st] = struct{}{}
	set.open++
	if st.path != "" {
		set.byPath[st.path] = st
	}
	return true
}

// remove takes an open stream out.
func (set *streamSet) remove(st *stream) {
	set.mu.Lock()
	defer set.mu.Unlock()
	set.open--
	delete(set.byPath, st.path)
	delete(set.byResource[st.resource], st)
	if len(set.byResource[st.resource]) == 0 {
		delete(set.byResource, st.resource)
	}
}

// at returns the stream that a path controls, nil where there is none.
func (set *streamSet) at(path string) *stream {
	set.mu.RLock()
	defer set.mu.RUnlock()
	return set.byPath[path]
}

// count is the number of streams that are open.
func (set *streamSet) count() int {
	set.mu.RLock()
	defer set.mu.RUnlock()
	return set.open
}

// of returns the streams of a service.
func (set *streamSet) of(resource string) []*stream {
	set.mu.RLock()
	defer set.mu.RUnlock()
	list := make([]*stream, 0, len(set.byResource[resource]))
	for st := range set.byResource[resource] {
		list = append(list, st)
	}
	return list
}

// advance takes all streams to the next snapshot, and wakes their senders when it is done
// with all of them, so that these do not take its processor.
func (set *streamSet) advance(t *transition) {
	set.mu.RLock()
	list := make([]*stream, 0, set.open)
	for _, of := range set.byResource {
		list = slices.AppendSeq(list, maps.Keys(of))
	}
	set.mu.RUnlock()
	list = slices.DeleteFunc(list, func(st *stream) bool { return !st.advance(t) })
	for _, st := range list {
		st.signal()
	}
	if len(t.late) > 0 {
		go t.makeLate()
	}
}

// open begins a stream of service n of e, nil where too many are open. What has
// been published since e is in its queue already.
func (s *Server) open(e *epoch, n *served, added []addition, client netip.Addr) *stream {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	st := newStream(&s.streams, e.snapshot, n, added, client)
	if !s.streams.add(st, orDefault(st.limits.MaxStreams, DefaultMaxStreams)) {
		return nil
	}
	if now := s.epoch.Load(); now != e {
		st.advance(newTransition(e.snapshot, now.snapshot))
	}
	return st
}

// newStreamToken returns 192 bits that nobody guesses, which no stream has had
// before (RFC 8895 Section 7.1).
func newStreamToken() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
