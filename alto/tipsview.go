package alto

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// tipsView is a TIPS view (RFC 9569 Section 2.2): the updates graph of a resource with its
// input. Publishing tells it that there is something new; whoever asks next makes the
// step, once for all. So what is published while nobody asks becomes one version.
type tipsView struct {
	token string // the segment of its path that nobody guesses
	key   viewKey
	sub   *substream

	making sync.Mutex // held to make a step; taken before mu

	mu      sync.Mutex
	graph   updatesGraph
	at, now *Snapshot     // of the end of the graph, and published last
	news    chan struct{} // closed when there may be something to come
	ended   bool
	waiting int           // requests
	used    time.Duration // since the start of the server: the last request
	service TIPS
}

// newTIPSView returns a view of one version: the response in s. The error is that of the
// resource for its input.
func newTIPSView(s *Snapshot, r *viewRequest, key viewKey, service TIPS) (*tipsView, *protocolError) {
	v := &tipsView{token: newStreamToken(), key: key, sub: r.substream, at: s, now: s, news: make(chan struct{}), service: service}
	first, e := v.snapshotIn(s)
	if e != nil {
		return nil, e
	}
	v.graph = newUpdatesGraph(1, v.tagsIn(s), first)
	return v, nil
}

// tagsIn returns what clients know the version in s by: the tag of the resource and the
// entity tag, where it has them.
func (v *tipsView) tagsIn(s *Snapshot) []string {
	n := s.byID.At(v.sub.resource)
	if v.sub.accepts != "" {
		return nil
	}
	if tag := n.version.String(); n.tag != tag && n.tag != "" {
		return []string{n.tag, tag}
	}
	return []string{n.version.String()}
}

// snapshotIn returns the full response in s.
func (v *tipsView) snapshotIn(s *Snapshot) (*updateItem, *protocolError) {
	if v.sub.accepts == "" {
		n := s.byID.At(v.sub.resource)
		return &updateItem{media: n.media, whole: n}, nil
	}
	full, media, e := view{s, v.sub}.response()
	if e != nil {
		return nil, e
	}
	return &updateItem{media: media, parts: [2][]byte{full.head, full.body}}, nil
}

// advance tells the view that there is another snapshot, in which the resource may be
// another one. Calls take turns.
func (v *tipsView) advance(t *transition) {
	if !t.changed[v.key.service] && !t.changed[v.key.resource] && t.prev.config == t.next.config {
		v.move(t.next)
		return
	}
	n := t.next.byID.At(v.key.service)
	var service TIPS
	ok := n != nil
	if ok {
		service, ok = n.Service.(TIPS)
	}
	ok = ok && slices.Contains(service.Covers, v.key.resource)
	if ok {
		ok, _ = t.continues(v.sub)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = v.ended || !ok
	v.now, v.service = t.next, service.withDefaults()
	v.wake()
}

// move lets go of a snapshot before s, in which nothing is another one for the view.
func (v *tipsView) move(s *Snapshot) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.at == v.now {
		v.at = s
	}
	v.now = s
}

// wake has those who wait look again; mu is held.
func (v *tipsView) wake() {
	close(v.news)
	v.news = make(chan struct{})
}

// end closes the view: whoever waits is told so.
func (v *tipsView) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	v.wake()
}

// extend makes the version of what was published last, if it is another one. Cost is that
// of an update where something has been published, nothing else. A view whose resource no
// longer accepts the input ends.
func (v *tipsView) extend() {
	v.making.Lock()
	defer v.making.Unlock()
	v.mu.Lock()
	from, to, service, ended := v.at, v.now, v.service, v.ended
	v.mu.Unlock()
	if from == to || ended {
		return
	}
	var u *update
	if !v.sameIn(from, to) {
		u = newUpdate(view{from, v.sub}, view{to, v.sub}, patchesOf(service.Patches, v.key.resource))
		if u.make(); u.failure != nil {
			v.end()
			return
		}
	}
	v.mu.Lock()
	v.at = to
	due := u != nil && u.changed && v.graph.add(v.tagsIn(to), stepOf(u), service.Retention)
	v.mu.Unlock()
	if due {
		v.keep(to, service.Retention)
	}
}

// keep has the graph hold the full response of its last version.
func (v *tipsView) keep(s *Snapshot, retention int) {
	full, e := v.snapshotIn(s)
	if e != nil {
		return // it has just been made: the next version is as good
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.graph.keep(full, retention)
}

// stepOf returns what u has made.
func stepOf(u *update) *updateItem {
	step := &updateItem{media: u.media}
	copy(step.parts[:], u.parts)
	return step
}

// sameIn tells whether nothing that the response is made from differs.
func (v *tipsView) sameIn(a, b *Snapshot) bool {
	return a.byID.At(v.sub.resource).version == b.byID.At(v.sub.resource).version
}

// look returns the item of an edge, or what to wait for where it may be there later; else
// the error of RFC 9569 Section 7.2.
func (v *tipsView) look(e edge, ahead int) (*updateItem, <-chan struct{}, *protocolError) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return nil, nil, noSuchView(v.token)
	}
	if item := v.graph.at(e); item != nil {
		return item, nil, nil
	}
	start, end := v.graph.start, v.graph.end()
	switch {
	case e.to <= e.from:
		return nil, nil, edgeError(404, "seq-j", e.to)
	case e.from != 0 && e.from < start:
		return nil, nil, edgeError(410, "seq-i", e.from)
	case e.to < start:
		return nil, nil, edgeError(410, "seq-j", e.to)
	case e.to > end+ahead:
		return nil, nil, edgeError(425, "seq-j", e.to)
	case e.to > end && e.from == e.to-1:
		return nil, v.news, nil
	}
	return nil, nil, edgeError(404, "seq-j", e.to)
}

// summary returns the TIPSViewSummary for a client that has the version with a tag; ok is
// false where the view has ended.
func (v *tipsView) summary(tag string) (text []byte, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return nil, false
	}
	return v.graph.appendSummary(nil, v.graph.version(strings.TrimSuffix(tag, gzipSuffix))), true
}

// memory is about what the view holds beside the resource, in bytes.
func (v *tipsView) memory() (bytes uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	g := &v.graph
	bytes = g.cost(g.start, g.end()) + 2*uint64(len(v.sub.inputText))
	for _, s := range g.snapshots {
		if s.item.whole == nil {
			bytes += s.item.size()
		} else if s.version < g.end() {
			bytes += s.item.whole.full.memory()
		}
	}
	for _, item := range g.shortcuts {
		if item != nil {
			bytes += item.size()
		}
	}
	return bytes
}
