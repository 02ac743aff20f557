package alto

import (
	"cmp"
	"sync/atomic"
	"time"
)

// ServerStats are the statistics of the whole server.
type ServerStats struct {
	Total         Counts        // since the server was made
	Last          Counts        // over the last Window
	Window        time.Duration // whole seconds
	Started       time.Time     // when all counters were zero
	Discontinuity time.Time     // start or last reconfiguration of the server
	Reported      time.Time     // when these figures were taken
	OtherClients  Counts        // of the clients that are not counted each by itself
	BytesSent     uint64        // of bodies, as they went out
	Latency       Latency
}

// ResourceStats are the statistics of one account, that is of one configured
// resource: requests for it and the size of what it holds.
type ResourceStats struct {
	Total         Counts
	Last          Counts
	Window        time.Duration
	Created       time.Time // when its counters were zero
	Discontinuity time.Time // creation or last reconfiguration of the resource
	Reported      time.Time
	BytesSent     uint64 // of bodies, as they went out
	Latency       Latency
	Tag           string      // of its version tag, or of its entity where it has none of its own; "": neither
	Digest        string      // SHA-256 of the full response, in hexadecimal digits; "": it has none
	Changed       time.Time   // when its content became what it is
	Updates       uint64      // changes of version since the resource was created
	MemoryBytes   uint64      // data, tables and kept encodings; an estimate
	EncodedBytes  uint64      // of the JSON encoding: the full response, or all data where there is none
	PIDs          uint64      // of a network map
	Entries       uint64      // entities of a property map; prefixes and entities of endpoint properties
	BaseObjects   uint64      // base advertisement objects of a CDNI advertisement
	Streams       StreamStats // of an update stream service
	Views         ViewStats   // of a TIPS
}

// account is what a server keeps of an account from snapshot to snapshot.
type account struct {
	requests      atomic.Pointer[counter] // nil before the first
	created       time.Duration           // since the server's start
	discontinuity atomic.Int64            // nanoseconds since the server's start
	changed       atomic.Int64            // likewise: the last change of version
	updates       atomic.Uint64
	versions      version // of its resources, as published last; guarded by Server.publishing
}

// counter returns that of the requests.
func (a *account) counter() *counter {
	if a.requests.Load() == nil {
		a.requests.CompareAndSwap(nil, new(counter))
	}
	return a.requests.Load()
}

// read is that of the counter.
func (a *account) read(second int64, window time.Duration) (total, last Counts) {
	if c := a.requests.Load(); c != nil {
		return c.read(second, window)
	}
	return total, last
}

// DefaultWindow is the length of the statistics window until SetWindow.
const DefaultWindow = 300 * time.Second

// SetWindow sets the length of the window, at least a second and in whole seconds.
// After it has grown, the window fills up over time: what had left the old one
// stays forgotten.
func (s *Server) SetWindow(window time.Duration) {
	s.window.Store(int64(max(time.Second, window.Truncate(time.Second))))
}

func (s *Server) windowNow() time.Duration { return time.Duration(s.window.Load()) }

// sinceStart never goes back, whatever happens to the wall clock.
func (s *Server) sinceStart() time.Duration { return s.now().Sub(s.started) }

// Stats returns the server-level statistics.
func (s *Server) Stats() ServerStats {
	elapsed, window := s.sinceStart(), s.windowNow()
	total, last := s.requests.read(int64(elapsed/time.Second), window)
	stats := ServerStats{
		Total: total, Last: last, Window: window, Started: s.started,
		Discontinuity: s.started.Add(time.Duration(s.discontinuity.Load())), Reported: s.started.Add(elapsed),
	}
	stats.BytesSent, stats.Latency = s.requests.answers()
	stats.OtherClients, _ = s.clients.others.read(int64(elapsed/time.Second), window)
	return stats
}

// ResourceStats returns the statistics of an account of the published snapshot; ok
// is false where it has none of that name. The first call for a version measures its
// encoding and takes its digest, which takes as long as to encode it; nothing else is kept
// of that.
func (s *Server) ResourceStats(name string) (stats ResourceStats, ok bool) {
	e := s.epoch.Load()
	if e == nil || !e.accounts.Has(name) {
		return ResourceStats{}, false
	}
	a, elapsed, window := e.accounts.At(name), s.sinceStart(), s.windowNow()
	total, last := a.read(int64(elapsed/time.Second), window)
	stats = ResourceStats{
		Total: total, Last: last, Window: window, Updates: a.updates.Load(), Created: s.started.Add(a.created),
		Discontinuity: s.started.Add(time.Duration(a.discontinuity.Load())), Reported: s.started.Add(elapsed),
		Changed: s.started.Add(time.Duration(a.changed.Load())),
	}
	if c := a.requests.Load(); c != nil {
		stats.BytesSent, stats.Latency = c.answers()
	}
	resources := e.snapshot.account(name)
	stats.Streams = s.streamStats(resources, int64(elapsed/time.Second), window)
	for _, n := range resources {
		switch n.media {
		case MediaNetworkMap:
			stats.PIDs = max(stats.PIDs, n.count)
		case MediaPropertyMap, MediaEndpointProp:
			stats.Entries = max(stats.Entries, n.count)
		case MediaCDNI:
			stats.BaseObjects = max(stats.BaseObjects, n.count)
		}
		if n.full != nil {
			stats.Tag, stats.Digest = n.tag, n.digest().String()
			stats.Tag = cmp.Or(stats.Tag, n.version.String())
			stats.EncodedBytes += uint64(len(n.head))
		}
	}
	for _, d := range heldBy(resources) {
		stats.EncodedBytes += d.encodedSize()
	}
	stats.Views = s.viewStats(resources)
	stats.MemoryBytes = e.snapshot.memory(resources) + stats.Views.Memory
	return stats, true
}

// ResourceLoad returns, of an account, the MemoryBytes and the open streams of
// ResourceStats as they are at this moment: nothing is encoded for it.
func (s *Server) ResourceLoad(name string) (memory, streams uint64, ok bool) {
	e := s.epoch.Load()
	if e == nil || !e.accounts.Has(name) {
		return 0, 0, false
	}
	resources := e.snapshot.account(name)
	for _, n := range resources {
		streams += uint64(len(s.streams.of(n.ID)))
	}
	return e.snapshot.memory(resources) + s.viewStats(resources).Memory, streams, true
}

// memory estimates what resources of s hold.
func (s *Snapshot) memory(resources []*served) (bytes uint64) {
	var entry [512]byte
	for _, n := range resources {
		bytes += uint64(len(s.appendEntry(entry[:0], n))+len(n.head)) + n.gzip.size()
	}
	for _, d := range heldBy(resources) {
		bytes += d.memory()
	}
	return bytes
}

// heldBy returns the data behind resources, each piece once.
func heldBy(resources []*served) (list []data) {
	if len(resources) == 1 && len(resources[0].held) <= 1 {
		return resources[0].held
	}
	seen := make(map[string]bool)
	for _, n := range resources {
		for _, d := range n.held {
			if id := d.kind() + d.Tag(); !seen[id] {
				seen[id] = true
				list = append(list, d)
			}
		}
	}
	return list
}

// ServerReconfigured sets the server-level discontinuity time to now; counters go
// on.
func (s *Server) ServerReconfigured() { s.discontinuity.Store(int64(s.sinceStart())) }
