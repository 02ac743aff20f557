package agent

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

const sourceModule = "altoam-source"

// safeguard is what is done about a source that fails (altoam-source).
type safeguard struct {
	withdraw  bool
	maxAge    time.Duration // 0: any
	maxGrowth uint64        // 0: any
}

// safeguardOf reads that of a source; cost does not grow with their number.
func (a *Agent) safeguardOf(w *world, id string) (g safeguard) {
	list := a.nodes.child("data-source")
	if w.server == nil || list == nil {
		return g
	}
	entry := w.server.Entry(list, id)
	s := list.Child(sourceModule, "safeguard")
	if entry == nil || s == nil {
		return g
	}
	leaf := func(name string) *tree.Node { return entry.Child(s).Child(s.Child(sourceModule, name)) }
	g.maxGrowth = 10 // the default, where the container is not there
	if entry.Child(s) == nil {
		return g
	}
	if n := leaf("when-failing"); n != nil {
		g.withdraw = n.Value().String() == "withdraw"
	}
	if n := leaf("maximum-age"); n != nil {
		seconds, _ := n.Value().Uint()
		g.maxAge = time.Duration(seconds) * time.Second
	}
	if n := leaf("max-growth"); n != nil {
		g.maxGrowth, _ = n.Value().Uint()
	}
	return g
}

// leastGrown is how many parts new data has that is judged to have grown too much.
const leastGrown = 100

// extent counts the parts of data: its records, prefixes and the pairs that its costs are for.
func extent(d *driver.Data) (n uint64) {
	n = uint64(d.Records())
	for _, p := range d.PIDs {
		n += uint64(len(p.Prefixes))
	}
	for _, c := range d.Costs {
		n += uint64(len(c.Costs.PIDs())) * uint64(len(c.Costs.PIDs()))
	}
	return n
}

// judge refuses data that has nothing left of so many parts that were in use last, or many
// times as many.
func (g safeguard) judge(before uint64, next *driver.Data) error {
	after := extent(next)
	switch {
	case before > 0 && after == 0:
		return fmt.Errorf("there is nothing in it, the data in use has %d parts", before)
	case g.maxGrowth > 0 && before > 0 && after >= leastGrown && after/before >= g.maxGrowth:
		return fmt.Errorf("it has %d parts, which is %d times as many as the data in use, not less than %d times", after, after/before, g.maxGrowth)
	}
	return nil
}

// lost tells whether the data of a source is to be withdrawn.
func (a *Agent) lost(w *world, s *source) bool {
	g := a.safeguardOf(w, s.id)
	if !g.withdraw {
		return false
	}
	_, status := s.Snapshot()
	if g.maxAge > 0 {
		return a.dataAge(s) > g.maxAge
	}
	return status.LastError != "" || s.refused.Load() != nil && !s.guarded.Load()
}

// renamed is data that is used under another tag: a map under a tag that another map had
// in use has, as of a source that cannot know what was read before a restart.
type renamed struct{ read, used *driver.Data }

// distinct returns next, or where its network map is another one than that in use under
// the same tag a copy without the tag.
func (s *source) distinct(inUse, next *driver.Data) *driver.Data {
	if inUse == nil || next.NetworkMapTag == "" || inUse.NetworkMapTag != next.NetworkMapTag || reflect.DeepEqual(inUse.PIDs, next.PIDs) {
		return next
	}
	copied := *next
	copied.NetworkMapTag = ""
	s.renamed.Store(&renamed{next, &copied})
	return &copied
}

// uses tells whether the data in use is what the source has read.
func (s *source) uses(inUse, read *driver.Data) bool {
	r := s.renamed.Load()
	return inUse == read || r != nil && r.read == read && r.used == inUse
}

// dataAge is how long ago the data of a source was last read without an error; 0 where it
// never was.
func (a *Agent) dataAge(s *source) time.Duration {
	_, status := s.Snapshot()
	at := status.LastSuccess
	if at.IsZero() {
		at = s.keptFrom
	}
	if at.IsZero() {
		return 0
	}
	return max(0, time.Since(at))
}

// safeguardLoop has the data of sources withdrawn that are lost, and taken into use again,
// until ctx ends.
func (a *Agent) safeguardLoop(ctx context.Context) {
	every(ctx, min(lookEvery, a.retry), func(time.Time) { a.lookForLost() })
}

func (a *Agent) lookForLost() {
	w := a.world.Load()
	for id, s := range w.sources.All() {
		lost := a.lost(w, s)
		if lost == w.data.Has(id) && (lost || s.refused.Load() == nil) { // what was refused waits for news
			a.announce(id)
		}
	}
}

// resume takes a source of a restart into a world in the making: with the data that was in
// use before it, and newer data is judged as while the agent runs.
func (a *Agent) resume(next *world, s *source) {
	next.take(s)
	if s.configured {
		return
	}
	kept, at, err := a.kept.loadData(s.id, s.config)
	if err != nil {
		a.log.Error("the data of a source of before the restart cannot be used", "source", s.id, "error", err)
	}
	if kept == nil {
		return
	}
	s.keptFrom = at
	if a.safeguardOf(next, s.id).withdraw && a.lost(next, s) {
		return
	}
	s.kept = kept
	next.data = next.data.With(s.id, kept)
	s.use(kept)
}

// freshState writes how old the data of a source is.
func (a *Agent) freshState(w *datastore.Writer, s *source) {
	if s.configured {
		return
	}
	if _, status := s.Snapshot(); !status.LastSuccess.IsZero() || !s.keptFrom.IsZero() {
		w.Set("age", int64(a.dataAge(s)/time.Second))
	}
	if since := s.since.Load(); since != 0 {
		w.Set("in-use-since", dateAndTime(time.Unix(0, since))).Set("lag", s.lag.Load()/int64(time.Millisecond))
	}
}

// agedConditions tells which data in use is older than it may be, where nothing else is
// wrong with the source.
func (a *Agent) agedConditions(w *world) (list []alarms.Condition) {
	for id, s := range w.sources.All() {
		g := a.safeguardOf(w, id)
		_, status := s.Snapshot()
		if age := a.dataAge(s); g.maxAge > 0 && age > g.maxAge && status.LastError == "" {
			list = append(list, condition(sourcePath(id), alarmSourceStale, alarms.Major, "the data was read more than %s ago", g.maxAge))
		}
	}
	return list
}
