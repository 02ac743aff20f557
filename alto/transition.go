package alto

import (
	"net/netip"
	"slices"

	"github.com/altoam/altoam/alto/persistent"
)

// transition is the step from one snapshot to the next, in which all streams share
// the updates.
type transition struct {
	prev, next *Snapshot
	changed    map[string]bool // IDs of resources
	ranks      ranks
	updates    map[updateKey]*update
	late       []*update // that streams will not come to soon
}

// makeLate makes the updates that would hold the snapshots before and after until a slow
// client has read what comes before them.
func (t *transition) makeLate() {
	for _, u := range t.late {
		u.make()
	}
}

// updateKey tells substreams apart whose responses differ. The client is the one
// that endpoint costs are from where it names no source.
type updateKey struct {
	resource, input string
	client          netip.Addr
	formats         PatchFormats
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

// update returns the update of a substream in the formats that it and its service have.
// Callers take turns.
func (t *transition) update(sub *substream, formats PatchFormats) *update {
	formats &= sub.formats
	key := updateKey{resource: sub.resource, formats: formats}
	if sub.accepts != "" {
		key.input, key.client = sub.inputText, sub.client
	}
	u := t.updates[key]
	if u == nil {
		u = newUpdate(view{t.prev, sub}, view{t.next, sub}, formats)
		t.updates[key] = u
	}
	return u
}

// continues reports whether the resource of a substream is still the same kind of
// thing, and changed whether its response may have changed.
func (t *transition) continues(sub *substream) (ok, changed bool) {
	prev, next := t.prev.byID.At(sub.resource), t.next.byID.At(sub.resource)
	if prev == nil || next == nil || prev.media != next.media || prev.accepts != next.accepts || !streamable(next.Service) {
		return false, false
	}
	return true, prev.version != next.version
}
