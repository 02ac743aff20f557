package alto

import (
	"net/http"
	"sync"
	"time"
)

// viewSet holds the TIPS views of a server. The zero value is empty. Its mutex is taken
// before that of a view.
type viewSet struct {
	mu      sync.Mutex
	byToken map[string]*tipsView
	byKey   map[viewKey]*tipsView
	waiting map[string]int // requests, by service
}

// at returns the view of a service with a token, which is used now; nil where there is
// none.
func (set *viewSet) at(service, token string, now, idle time.Duration) *tipsView {
	set.mu.Lock()
	defer set.mu.Unlock()
	v := set.byToken[token]
	if v == nil || v.key.service != service || set.drop(v, now, idle) {
		return nil
	}
	v.use(now)
	return v
}

// shared returns the view that r wants, nil where there is none.
func (set *viewSet) shared(key viewKey, now, idle time.Duration) *tipsView {
	set.mu.Lock()
	defer set.mu.Unlock()
	v := set.byKey[key]
	if v == nil || set.drop(v, now, idle) {
		return nil
	}
	v.use(now)
	return v
}

// use notes a request.
func (v *tipsView) use(now time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.used = now
}

// over tells whether the view has ended.
func (v *tipsView) over() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ended
}

// drop removes a view that has ended, or that nobody has asked for in a while, which ends
// it; mu is held.
func (set *viewSet) drop(v *tipsView, now, idle time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.ended && (v.waiting > 0 || now-v.used < idle) {
		return false
	}
	v.ended = true
	delete(set.byToken, v.token)
	if set.byKey[v.key] == v {
		delete(set.byKey, v.key)
	}
	return true
}

// enter counts a request that waits for a view, unless max of the same service do. leave
// must follow.
func (set *viewSet) enter(v *tipsView, max int) bool {
	set.mu.Lock()
	defer set.mu.Unlock()
	if set.waiting[v.key.service] >= max {
		return false
	}
	if set.waiting == nil {
		set.waiting = make(map[string]int)
	}
	set.waiting[v.key.service]++
	v.mu.Lock()
	defer v.mu.Unlock()
	v.waiting++
	return true
}

// leave ends what enter began.
func (set *viewSet) leave(v *tipsView, now time.Duration) {
	set.mu.Lock()
	defer set.mu.Unlock()
	if set.waiting[v.key.service]--; set.waiting[v.key.service] == 0 {
		delete(set.waiting, v.key.service)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.waiting--
	v.used = now
}

// of returns the views of a service, without those that nobody asks for any more.
func (set *viewSet) of(service string, now, idle time.Duration) []*tipsView {
	set.mu.Lock()
	defer set.mu.Unlock()
	var list []*tipsView
	for _, v := range set.byToken {
		if v.key.service == service && !set.drop(v, now, idle) {
			list = append(list, v)
		}
	}
	return list
}

// add takes a view in, unless there is one of its key, which it returns, or there are max
// of its service: then it returns nil.
func (set *viewSet) add(v *tipsView, max int) *tipsView {
	set.mu.Lock()
	defer set.mu.Unlock()
	if other := set.byKey[v.key]; other != nil && !other.over() {
		return other
	}
	for _, other := range set.byToken {
		if other.key.service == v.key.service {
			max--
		}
	}
	if max <= 0 {
		return nil
	}
	if set.byToken == nil {
		set.byToken, set.byKey = make(map[string]*tipsView), make(map[viewKey]*tipsView)
	}
	set.byToken[v.token], set.byKey[v.key] = v, v
	return v
}

// some tells whether there is any view.
func (set *viewSet) some() bool {
	set.mu.Lock()
	defer set.mu.Unlock()
	return len(set.byToken) > 0
}

// advance takes all views to the next snapshot and drops those that have ended or that
// nobody asks for.
func (set *viewSet) advance(t *transition, now time.Duration) {
	set.mu.Lock()
	list := make([]*tipsView, 0, len(set.byToken))
	for _, v := range set.byToken {
		list = append(list, v)
	}
	set.mu.Unlock()
	for _, v := range list {
		v.advance(t)
	}
	set.mu.Lock()
	defer set.mu.Unlock()
	for _, v := range list {
		set.drop(v, now, idleOf(t.next, v.key.service))
	}
}

// idleOf returns the idle time of the views of a service; 0 where there is none.
func idleOf(s *Snapshot, service string) time.Duration {
	if n := s.byID.At(service); n != nil {
		if x, ok := n.Service.(TIPS); ok {
			return x.withDefaults().IdleTimeout
		}
	}
	return 0
}

// openView returns the view that r wants of service n of e, made where there is none. What
// has been published since e is known to it already.
func (s *Server) openView(e *epoch, n *served, r *viewRequest) (*tipsView, *protocolError) {
	service, key := n.Service.(TIPS).withDefaults(), r.keyOf(n.ID)
	if v := s.views.shared(key, s.sinceStart(), service.IdleTimeout); v != nil {
		return v, nil
	}
	others := s.views.of(n.ID, s.sinceStart(), service.IdleTimeout)
	memory := uint64(0)
	for _, v := range others {
		memory += v.memory()
	}
	tooMany := &protocolError{status: http.StatusTooManyRequests, limit: LimitViews}
	if len(others) >= service.MaxViews || memory >= uint64(service.MaxMemory) {
		return nil, tooMany
	}
	v, failure := newTIPSView(e.snapshot, r, key, service)
	if failure != nil {
		return nil, failure
	}
	v.used = s.sinceStart()
	s.publishing.Lock()
	defer s.publishing.Unlock()
	if now := s.epoch.Load(); now != e {
		v.advance(newTransition(e.snapshot, now.snapshot))
	}
	if v = s.views.add(v, service.MaxViews); v == nil {
		return nil, tooMany // others have been faster
	}
	return v, nil
}
