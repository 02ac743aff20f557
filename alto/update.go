package alto

import (
	"bytes"
	"net/netip"
	"slices"
	"sync"

	"github.com/altoam/altoam/alto/persistent"
)

// view is what a substream is about in one snapshot.
type view struct {
	snapshot *Snapshot
	*substream
}

// response is the full response, in two parts.
func (v view) response() (head, body []byte, media string, e *protocolError) {
	n := v.snapshot.byID.At(v.resource)
	if v.accepts == "" {
		return n.head, n.full.encoded(), n.media, nil
	}
	a, e := n.answer(&query{snapshot: v.snapshot, params: v.input, client: v.client})
	if e != nil {
		return nil, nil, "", e
	}
	return a.head, a.body, a.media, nil
}

// update is what a substream is sent where its response may have changed. The first
// stream to send it makes it, all others that want the same share it.
type update struct {
	once sync.Once

	prev, next view // what it is made from, not kept; prev has no snapshot where all is new

	media      string
	head, body []byte // the full response
	patch      []byte // merge patch; nil: none, or it would not be smaller
	changed    bool
	failure    *protocolError // the response is an error now
}

// make computes the update. Cost is that of both responses; nothing the second time.
func (u *update) make() {
	u.once.Do(func() {
		prev, next := u.prev, u.next
		u.prev, u.next = view{}, view{}
		if u.head, u.body, u.media, u.failure = next.response(); u.failure != nil {
			return
		}
		u.changed = true
		if prev.snapshot == nil {
			return
		}
		head, body, _, e := prev.response()
		if e != nil {
			return
		}
		if bytes.Equal(head, u.head) && bytes.Equal(body, u.body) {
			u.changed = false
			return
		}
		patch, changed, ok := mergePatch(bytes.Join([][]byte{head, body}, nil), bytes.Join([][]byte{u.head, u.body}, nil))
		if ok {
			u.changed = changed
			if len(patch) < len(u.head)+len(u.body) {
				u.patch = patch
			}
		}
	})
}

// data returns the media type and the JSON text to send.
func (u *update) data(incremental bool) (media string, parts [][]byte) {
	if incremental && u.patch != nil {
		return MediaMergePatch, [][]byte{u.patch}
	}
	return u.media, [][]byte{u.head, u.body}
}

// transition is the step from one snapshot to the next, in which all streams share
// the updates.
type transition struct {
	prev, next *Snapshot
	changed    map[string]bool // IDs of resources
	ranks      ranks
	updates    map[updateKey]*update
}

// updateKey tells substreams apart whose responses differ. The client is the one
// that endpoint costs are from where it names no source.
type updateKey struct {
	resource, input string
	client          netip.Addr
}

func newTransition(prev, next *Snapshot) *transition {
	t := &transition{prev: prev, next: next, changed: make(map[string]bool), ranks: make(ranks), updates: make(map[updateKey]*update)}
	persistent.Diff(prev.byID, next.byID, func(id string, _, _ *served) { t.changed[id] = true })
	return t
}

// concerns tells whether anything is another for a stream: its service, one of its
// substreams, or who may do what.
func (t *transition) concerns(st *stream) bool {
	return t.prev.config != t.next.config || t.changed[st.resource] ||
		slices.ContainsFunc(st.active, func(sub *substream) bool { return t.changed[sub.resource] })
}

// update returns the update of a substream. Callers take turns.
func (t *transition) update(sub *substream) *update {
	key := updateKey{resource: sub.resource}
	if sub.accepts != "" {
		key.input, key.client = sub.inputText, sub.client
	}
	u := t.updates[key]
	if u == nil {
		u = &update{prev: view{t.prev, sub}, next: view{t.next, sub}}
		t.updates[key] = u
	}
	return u
}

// continues reports whether the resource of a substream is still the same kind of
// thing, and changed whether its response may have changed.
func (t *transition) continues(sub *substream) (ok, changed bool) {
	prev, next := t.prev.byID.At(sub.resource), t.next.byID.At(sub.resource)
	if prev == nil || next == nil || prev.media != next.media || prev.accepts != next.accepts || !updatable(next.Service) {
		return false, false
	}
	return true, prev.version != next.version
}
