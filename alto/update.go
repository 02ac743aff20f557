package alto

import (
	"bytes"
	"slices"
	"sync"
)

// view is what a substream is about in one snapshot.
type view struct {
	snapshot *Snapshot
	*substream
}

// text is a full response: an object without its last member, whose end is a comma, and
// that member with the closing brace.
type text struct{ head, body []byte }

// response is the full response.
func (v view) response() (t text, media string, e *protocolError) {
	n := v.snapshot.byID.At(v.resource)
	if v.accepts == "" {
		return text{n.head, n.full.encoded()}, n.media, nil
	}
	a, e := n.answer(&query{snapshot: v.snapshot, params: v.input, client: v.client})
	if e != nil {
		return text{}, "", e
	}
	return text{a.head, a.body}, a.media, nil
}

// update is the step from one version of a resource's response to the next: the smallest
// of the full response and its patches, made when it is asked for the first time and
// shared by all who send it.
type update struct {
	once sync.Once

	prev, next view // what it is made from, not kept; prev has no snapshot where all is new
	formats    PatchFormats

	// What make makes.
	failure *protocolError // the response is an error now
	changed bool           // there is something to send
	media   string
	parts   [][]byte     // of the JSON text, not to be modified; a patch or the full response
	each    []partUpdate // of a multipart response, in the place of parts; nil: parts is sent
}

// newUpdate returns the update that takes who has the response of prev to that of next,
// by patches of these formats; prev without a snapshot takes anyone there.
func newUpdate(prev, next view, formats PatchFormats) *update {
	return &update{prev: prev, next: next, formats: formats}
}

// make computes the update. Cost is that of a comparison of the data behind both responses
// or, where a response is not all of its data, of both texts; nothing the second time.
func (u *update) make() {
	u.once.Do(func() {
		prev, next := u.prev, u.next
		u.prev, u.next = view{}, view{}
		u.changed = true
		if multipartService(next.snapshot.byID.At(next.resource).Service) {
			u.makeParts(prev, next)
			return
		}
		var w *patchWriter
		var least int // size of the full response at least
		if prev.snapshot != nil {
			w, least = u.compare(prev, next)
		}
		var patch []byte
		if w != nil {
			u.changed = w.changed
			u.media, patch = w.smallest()
		}
		if !u.changed || patch != nil && len(patch) < least {
			u.parts = [][]byte{patch}
			return
		}
		full, media, e := next.response()
		if u.failure = e; e != nil {
			return
		}
		if u.parts = [][]byte{patch}; patch == nil || len(patch) >= full.size() {
			u.media, u.parts = media, [][]byte{full.head, full.body}
		}
	})
}

// compare tells a writer in what the responses differ; nil where there is nothing to
// compare. least is a lower bound of the size of the one after.
func (u *update) compare(prev, next view) (w *patchWriter, least int) {
	if w, least = u.compareData(prev, next); w != nil {
		return w, least
	}
	before, _, e := prev.response()
	if e != nil {
		return nil, 0
	}
	after, _, e := next.response()
	if e != nil {
		return nil, 0
	}
	w, least = newPatchWriter(u.formats, after.size()), after.size()
	if !before.equal(after) {
		diffMembers(w, before.members(), after.members(), maxPatchDepth)
	}
	return w, least
}

// differing is data that knows in what it differs from other data of its kind without
// the text of either.
type differing interface {
	data
	// diff tells w in what the data member of the response differs.
	diff(w *patchWriter, prev data)
	// leastSize is a lower bound of encodedSize.
	leastSize() int
}

var (
	_ differing = (*NetworkMap)(nil)
	_ differing = (*CostMatrix)(nil)
	_ differing = (*PropertyMap)(nil)
)

// minPatchLimit is the length in bytes below which a patch is compared with the response.
const minPatchLimit = 64 << 10

// compareData is compare for responses with all of their data.
func (u *update) compareData(prev, next view) (w *patchWriter, least int) {
	if next.accepts != "" || u.formats == 0 {
		return nil, 0
	}
	a, b := prev.snapshot.byID.At(prev.resource), next.snapshot.byID.At(next.resource)
	after, ok := b.full.(differing)
	if !ok || a.full.kind() != after.kind() {
		return nil, 0
	}
	least = len(b.head) + after.leastSize()
	w = newPatchWriter(u.formats, max(2*least, minPatchLimit)) // a longer patch is not worth its time
	diffMembers(w, text{head: a.head}.members(), text{head: b.head}.members(), maxPatchDepth)
	after.diff(w, a.full)
	return w, least
}

func (t text) size() int { return len(t.head) + len(t.body) }

func (t text) equal(o text) bool { return bytes.Equal(t.head, o.head) && bytes.Equal(t.body, o.body) }

// members splits the response, or its head alone; the text of the data is not copied.
func (t text) members() []member {
	head := bytes.TrimSuffix(t.head, []byte{','})
	list := membersOf(append(slices.Clip(head), '}'))
	if len(t.body) == 0 {
		return list
	}
	i := 1 + bytes.IndexByte(t.body[1:], '"') // the name is a plain one
	name, value := t.body[:i+1], t.body[i+2:len(t.body)-1]
	return append(list, member{name: name, key: name[1:i], value: value})
}
