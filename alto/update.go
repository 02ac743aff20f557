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
	parts   [][]byte // of the JSON text, not to be modified; a patch or the full response
}

// newUpdate returns the update that takes who has the response of prev to that of next,
// by patches of these formats; prev without a snapshot takes anyone there.
func newUpdate(prev, next view, formats PatchFormats) *update {
	return &update{prev: prev, next: next, formats: formats}
}

// make computes the update. Cost is that of both responses; nothing the second time.
func (u *update) make() {
	u.once.Do(func() {
		prev, next := u.prev, u.next
		u.prev, u.next = view{}, view{}
		var full text
		if full, u.media, u.failure = next.response(); u.failure != nil {
			return
		}
		u.changed, u.parts = true, [][]byte{full.head, full.body}
		if prev.snapshot == nil {
			return
		}
		before, _, e := prev.response()
		if e != nil {
			return
		}
		if u.changed = !before.equal(full); u.changed {
			u.diff(before, full)
		}
	})
}

// diff puts a patch in the place of the full response where that is smaller, or nothing
// where only the order of members is another.
func (u *update) diff(prev, next text) {
	w := newPatchWriter(u.formats, next.size())
	diffMembers(w, prev.members(), next.members(), maxPatchDepth)
	u.changed = w.changed
	if media, patch := w.smallest(); patch != nil && len(patch) < next.size() {
		u.media, u.parts = media, [][]byte{patch}
	}
}

// size is that of what is sent, in bytes.
func (u *update) size() (n int) {
	for _, p := range u.parts {
		n += len(p)
	}
	return n
}

func (t text) size() int { return len(t.head) + len(t.body) }

func (t text) equal(o text) bool { return bytes.Equal(t.head, o.head) && bytes.Equal(t.body, o.body) }

// members splits the response; the text of its data is not copied.
func (t text) members() []member {
	head := bytes.TrimSuffix(t.head, []byte{','})
	list := membersOf(append(slices.Clip(head), '}'))
	i := 1 + bytes.IndexByte(t.body[1:], '"') // the name is a plain one
	name, value := t.body[:i+1], t.body[i+2:len(t.body)-1]
	return append(list, member{name: name, key: name[1:i], value: value})
}
