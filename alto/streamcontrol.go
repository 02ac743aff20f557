package alto

import (
	"net/http"
	"slices"
)

// control answers a stream control request (RFC 8895 Section 7) for stream st, which
// is open.
func (s *Server) control(snapshot *Snapshot, st *stream, w http.ResponseWriter, r *http.Request, h *hold) (*response, *served) {
	n := snapshot.byID.At(st.resource)
	if n == nil {
		return status(http.StatusNotFound), nil
	}
	who, refusal := snapshot.admit(r, n, h.rates)
	if refusal != nil {
		return refusal, n
	}
	resp := snapshot.exchange(w, r, "", MediaUpdateParams, func() (*answer, *protocolError) {
		params, e := snapshot.readParameters(w, r, h)
		if e != nil {
			return nil, e
		}
		if e = st.change(params); e == nil {
			st.keepMore(h)
		}
		return nil, e
	})
	resp.clients = who.clients
	return resp, n
}

// maxChanges is how often a stream control request is read anew because something
// was published meanwhile.
const maxChanges = 10

// change adds and removes substreams as a request demands, or nothing where it has
// an error (RFC 8895 Sections 7.5 and 7.6). Parameters are tried out without mu, so
// that nothing waits for them.
func (st *stream) change(p parameters) *protocolError {
	for range maxChanges {
		snapshot, n := st.service()
		if n == nil {
			return &protocolError{status: http.StatusNotFound}
		}
		added, e := snapshot.readSubstreams(n, p, st.client)
		if e != nil {
			return e
		}
		removed, hasRemove, e := p.strings("remove")
		if e == nil && len(added) == 0 && !hasRemove {
			e = missingField("add")
		}
		if e != nil {
			return e
		}
		if current, e := st.apply(snapshot, added, removed, hasRemove); current {
			return e
		}
	}
	return &protocolError{status: http.StatusServiceUnavailable}
}

// service returns the snapshot that the queue leads to, with the update stream
// service in it; nil once the stream has ended.
func (st *stream) service() (*Snapshot, *served) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ended {
		return nil, nil
	}
	return st.snapshot, st.snapshot.byID.At(st.resource)
}

// apply does as asked unless the stream has moved on from snapshot: then current is
// false and nothing has happened.
func (st *stream) apply(snapshot *Snapshot, added []addition, removed []string, hasRemove bool) (current bool, e *protocolError) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ended {
		return true, &protocolError{status: http.StatusNotFound}
	}
	if st.snapshot != snapshot {
		return false, nil
	}
	if e := st.checkChange(added, removed, hasRemove); e != nil {
		return true, e
	}
	if len(added) > 0 {
		event := controlEvent{}
		for _, a := range added {
			event.started = append(event.started, a.id)
		}
		st.put(message{control: event.encoded()})
		st.start(added)
	}
	switch {
	case hasRemove && len(removed) == 0:
		st.stop(st.ids(), "")
	case hasRemove:
		st.stop(removed, "")
	}
	st.signal()
	return true, nil
}

// checkChange finds the errors of RFC 8895 Section 7.6.
func (st *stream) checkChange(added []addition, removed []string, hasRemove bool) *protocolError {
	var reused, unknown []string
	for _, a := range added {
		if st.used[a.id] {
			reused = append(reused, a.id)
		}
	}
	for _, id := range removed {
		if !st.used[id] {
			unknown = append(unknown, id)
		}
	}
	switch {
	case len(reused) > 0:
		slices.Sort(reused)
		return invalidValue("add", listed(reused))
	case len(unknown) > 0:
		return invalidValue("remove", listed(unknown))
	case hasRemove && len(removed) == 0 && len(added) > 0:
		return invalidValue("remove", "[]")
	case len(st.used)+len(added) > orDefault(st.limits.MaxSubstreams, DefaultMaxSubstreams):
		return &protocolError{status: http.StatusServiceUnavailable}
	}
	return nil
}

// listed writes substream IDs as the value of an error: one as it is, several as the
// text of an array.
func listed(ids []string) string {
	if len(ids) == 1 {
		return ids[0]
	}
	return string(appendStrings(nil, ids))
}
