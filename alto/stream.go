package alto

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// stream is an open update stream (RFC 8895 Section 6): what a client has asked for
// and the messages that wait for it. Publish and stream control put messages into
// the queue, the request's own goroutine sends them (see serve).
type stream struct {
	set      *streamSet
	resource string // ID of the update stream service
	path     string // of the control URI; "": it has none
	client   netip.Addr
	messages *counter // sent
	wake     chan struct{}

	mu       sync.Mutex
	snapshot *Snapshot // where the queue leads to
	limits   UpdateStreams
	active   []*substream
	used     map[string]bool // substream IDs, those of removed ones too
	queue    []message
	changes  int // snapshots so far that have brought messages
	ended    bool
	hold     *hold // of the request that opened it, for all parameters; nil unless it is being served
	hurried  bool
	deadline func(time.Time) error // of writes; nil unless it is being served
}

// message is a control event or an update of a substream, to be sent.
type message struct {
	control []byte
	sub     *substream
	update  *update
	change  int // value of stream.changes
}

// newStream returns a stream whose queue holds the control URI and the initial
// responses.
func newStream(set *streamSet, s *Snapshot, n *served, added []addition, client netip.Addr) *stream {
	st := &stream{
		set: set, resource: n.ID, client: client, messages: new(counter),
		wake: make(chan struct{}, 1), snapshot: s, limits: n.Service.(UpdateStreams), used: make(map[string]bool),
	}
	event := controlEvent{first: true}
	if !st.limits.NoControl {
		control := n.path() + "/" + newStreamToken()
		st.path, event.controlURI = s.base.path+control, s.base.uri(control)
	}
	st.put(message{control: event.encoded()})
	st.start(added)
	return st
}

// put appends to the queue. Who is not the sender signals afterwards.
func (st *stream) put(m message) {
	m.change = st.changes
	st.queue = append(st.queue, m)
}

// signal wakes the sender. It takes no lock.
func (st *stream) signal() {
	select {
	case st.wake <- struct{}{}:
	default:
	}
}

// start begins substreams; mu is held, as in all methods below but those that say
// otherwise.
func (st *stream) start(added []addition) {
	for _, a := range added {
		st.used[a.id] = true
		st.active = append(st.active, a.substream)
		if a.initial != nil {
			st.put(message{sub: a.substream, update: a.initial})
		}
	}
}

// stop ends the substreams with these IDs that are active, with a message, and the
// stream where none remains (RFC 8895 Sections 6.7.1 and 7.6).
func (st *stream) stop(ids []string, description string) {
	var stopped []string
	st.active = slices.DeleteFunc(st.active, func(sub *substream) bool {
		gone := slices.Contains(ids, sub.id)
		if gone {
			stopped = append(stopped, sub.id)
		}
		return gone
	})
	if len(stopped) > 0 {
		slices.Sort(stopped)
		st.put(message{control: controlEvent{stopped: stopped, description: description}.encoded()})
	}
	if len(st.active) == 0 {
		st.ended = true
		st.set.remove(st)
	}
}

// hurryTime is how long a client may take to read on once its stream has been ended
// by the server.
const hurryTime = 2 * time.Second

// end closes the stream at once: of what waits, only the last message is sent. One
// that has ended is not waited for any longer.
func (st *stream) end(description string) {
	if !st.ended {
		st.queue = nil
		st.stop(st.ids(), description)
	}
	st.hurried = true
	if st.deadline != nil {
		_ = st.deadline(time.Now().Add(hurryTime)) // a writer without deadlines never blocks
	}
}

func (st *stream) ids() []string {
	ids := make([]string, len(st.active))
	for i, sub := range st.active {
		ids[i] = sub.id
	}
	return ids
}

// advance queues what the step t changes and tells whether the sender is to be woken, if
// only because access may have changed. It takes mu itself, and turns with all other
// streams; cost is that of a look at each substream, and of comparing versions where one
// of them is concerned.
func (st *stream) advance(t *transition) (wake bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ended {
		return false
	}
	if !t.concerns(st) {
		st.snapshot = t.next
		return false
	}
	n := t.next.byID.At(st.resource)
	if n == nil {
		st.end("the update stream service has been removed")
		return true
	}
	service, ok := n.Service.(UpdateStreams)
	if !ok {
		st.end("the update stream service has been replaced")
		return true
	}
	st.snapshot, st.limits = t.next, service
	waiting := len(st.queue)
	slices.SortStableFunc(st.active, func(a, b *substream) int {
		return cmp.Compare(t.ranks.of(t.next, a.resource), t.ranks.of(t.next, b.resource))
	})
	var gone []string
	for _, sub := range st.active {
		ok, changed := t.continues(sub)
		switch {
		case !ok || !slices.Contains(service.Covers, sub.resource):
			gone = append(gone, sub.id)
		case changed:
			u := t.update(sub, service.patches(sub.resource))
			st.put(message{sub: sub, update: u})
			if waiting > 0 {
				t.late = append(t.late, u)
			}
		}
	}
	if len(gone) > 0 {
		st.stop(gone, "the resource is no longer covered")
	}
	if len(st.queue) > waiting {
		st.changes++
	}
	if len(st.queue) > 0 && st.changes-st.queue[0].change > orDefault(service.MaxBehind, DefaultMaxBehind) {
		st.end("the client reads too slowly")
	}
	return true
}
