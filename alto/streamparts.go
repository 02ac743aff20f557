package alto

import (
	"bytes"
	"slices"
)

// partUpdate is the update of one part of a multipart response.
type partUpdate struct {
	contentID string
	media     string
	data      [][]byte // of the JSON text: a patch or the part
}

// streamable tells the services that streams of updates can be about: those that are
// updatable, and those whose responses have several parts.
func streamable(s Service) bool { return updatable(s) || multipartService(s) }

func multipartService(s Service) bool {
	switch s.(type) {
	case PathVectorCostMap, PathVectorEndpointCosts:
		return true
	}
	return false
}

// eventMedia is the media type in an event of an update stream, where a comma ends it
// (RFC 8895 Section 5.2).
func (m *relatedParts) eventMedia() string {
	return MediaRelated + ";boundary=" + m.boundary + ";type=" + m.parts[0].media
}

// related is the full response of a service whose responses have several parts.
func (v view) related() (*relatedParts, *protocolError) {
	a, e := v.snapshot.byID.At(v.resource).answer(&query{snapshot: v.snapshot, params: v.input, client: v.client})
	if e != nil {
		return nil, e
	}
	return a.related, nil
}

// makeParts is make for such a service. Parts are updated by themselves, each by a patch
// where that is smaller (RFC 8895 Section 6.7.3); all of the response is sent where no
// patches are wanted, or a client could not tell which part is meant.
func (u *update) makeParts(prev, next view) {
	var after *relatedParts
	if after, u.failure = next.related(); u.failure != nil {
		return
	}
	u.media, u.parts = after.eventMedia(), [][]byte{after.encoded("\n")}
	if prev.snapshot == nil {
		return
	}
	before, e := prev.related()
	switch {
	case e != nil:
	case u.formats == 0 || !before.named(after):
		u.changed = !bytes.Equal(before.encoded("\n"), after.encoded("\n"))
	default:
		u.diffParts(before, after)
		u.changed = len(u.each) > 0
	}
}

// named tells whether the parts of two responses have the same names.
func (m *relatedParts) named(o *relatedParts) bool {
	return slices.EqualFunc(m.parts, o.parts, func(a, b part) bool { return a.contentID == b.contentID && a.media == b.media })
}

func (u *update) diffParts(before, after *relatedParts) {
	for i, p := range after.parts {
		a, b := text{before.parts[i].head, before.parts[i].body}, text{p.head, p.body}
		if a.equal(b) {
			continue
		}
		one := partUpdate{p.contentID, p.media, [][]byte{p.head, p.body}}
		w := newPatchWriter(u.formats, b.size())
		diffMembers(w, a.members(), b.members(), maxPatchDepth)
		if media, patch := w.smallest(); patch != nil && len(patch) < b.size() {
			one.media, one.data = media, [][]byte{patch}
		}
		if w.changed {
			u.each = append(u.each, one)
		}
	}
}

// sendParts sends the update of each part as an event of its own.
func (d *sender) sendParts(substream string, parts []partUpdate) error {
	for _, p := range parts {
		if err := d.sendEvent(p.media+","+substream+"."+p.contentID, p.data...); err != nil {
			return err
		}
	}
	return nil
}
