package alto

import "slices"

// updateItem is what stands on an edge of an updates graph (RFC 9569 Section 2.2): a
// patch or a full response. It is immutable.
type updateItem struct {
	media string
	parts [2][]byte
	whole *served // has the full response instead, encoded when somebody asks for it
	gzip  lazyBytes
}

// answer is that to a client which asks for the item.
func (i *updateItem) answer() *answer {
	if i.whole != nil {
		return &answer{media: i.media, head: i.whole.head, body: i.whole.full.encoded(), gzip: &i.whole.gzip}
	}
	return &answer{media: i.media, head: i.parts[0], body: i.parts[1], gzip: &i.gzip}
}

// size is that of the answer in bytes. The first call for data that nobody has asked for
// takes as long as to encode it.
func (i *updateItem) size() uint64 {
	if i.whole != nil {
		return uint64(len(i.whole.head)) + i.whole.full.encodedSize()
	}
	return uint64(len(i.parts[0]) + len(i.parts[1]))
}

// isMergePatch tells whether the item can be composed with others.
func (i *updateItem) isMergePatch() bool { return i.media == MediaMergePatch && i.parts[1] == nil }

// edge leads from one version to another; 0 stands for having none.
type edge struct{ from, to int }

// A graph holds at least fewSnapshots full responses, where so many have been made: the
// recommended one stays while two more are. Steps of fewBytes together are never too many.
const (
	fewSnapshots = 3
	fewBytes     = 64 << 10
)

// maxShortcuts bounds the shortcuts that are kept made.
const maxShortcuts = 16

// updatesGraph has the last versions of a resource and what leads to them (RFC 9569
// Section 3): the step from each to the next, and snapshots of a few, the first among
// them. Versions only move on: it satisfies the invariants of Section 3.2 at any time. It
// is for one goroutine at a time.
type updatesGraph struct {
	start     int
	tags      [][]string    // by which clients know the versions from start on
	steps     []*updateItem // steps[k] leads from start+k to start+k+1
	snapshots []snapshotAt  // ascending, the first of start
	shortcuts map[edge]*updateItem
	advised   map[int]edge // next of versions before the end, where it has been asked for
}

type snapshotAt struct {
	version int
	item    *updateItem
}

// newUpdatesGraph returns the graph of one version, which has the number start, at least 1.
func newUpdatesGraph(start int, tags []string, snapshot *updateItem) updatesGraph {
	return updatesGraph{start: start, tags: [][]string{tags}, snapshots: []snapshotAt{{start, snapshot}}}
}

func (g *updatesGraph) end() int { return g.start + len(g.steps) }

// add appends a version, reached by step, and tells whether keep is to follow: there have
// been half of retention steps since the last snapshot, or half as many bytes.
func (g *updatesGraph) add(tags []string, step *updateItem, retention int) (due bool) {
	g.steps, g.tags = append(g.steps, step), append(g.tags, tags)
	clear(g.advised)
	last := g.snapshots[len(g.snapshots)-1]
	return g.end()-last.version >= (retention+1)/2 || g.cost(last.version, g.end()) >= last.item.size()/2
}

// keep takes the snapshot of the last version in, and drops the oldest versions: those
// beyond retention steps, and those that take more bytes than they are worth.
func (g *updatesGraph) keep(snapshot *updateItem, retention int) {
	g.snapshots = append(g.snapshots, snapshotAt{g.end(), snapshot})
	clear(g.advised)
	for len(g.snapshots) > fewSnapshots && (g.end()-g.snapshots[1].version >= retention || g.cost(g.start, g.end()) >= fewBytes) {
		g.snapshots = slices.Delete(g.snapshots, 0, 1)
		gone := g.snapshots[0].version - g.start
		g.start += gone
		g.steps, g.tags = slices.Delete(g.steps, 0, gone), slices.Delete(g.tags, 0, gone)
		clear(g.shortcuts)
	}
}

// cost is what the steps from one version to another have in bytes.
func (g *updatesGraph) cost(from, to int) (bytes uint64) {
	for _, s := range g.steps[from-g.start : to-g.start] {
		bytes += s.size()
	}
	return bytes
}

// at returns the item of an edge, nil where there is none. Of two versions that are not
// neighbours there is one where a patch is smaller than those in between together.
func (g *updatesGraph) at(e edge) *updateItem {
	if e.from == 0 {
		for _, s := range g.snapshots {
			if s.version == e.to {
				return s.item
			}
		}
		return nil
	}
	if e.from < g.start || e.to > g.end() || e.from >= e.to {
		return nil
	}
	if e.to == e.from+1 {
		return g.steps[e.from-g.start]
	}
	return g.shortcut(e)
}

// shortcut composes the steps between two versions. Cost is that of their size the first
// time.
func (g *updatesGraph) shortcut(e edge) *updateItem {
	if item, known := g.shortcuts[e]; known {
		return item
	}
	if g.shortcuts == nil || len(g.shortcuts) == maxShortcuts {
		g.shortcuts = make(map[edge]*updateItem)
	}
	var item *updateItem
	if patch, ok := composed(g.steps[e.from-g.start : e.to-g.start]); ok && uint64(len(patch)) < g.cost(e.from, e.to) {
		item = &updateItem{media: MediaMergePatch, parts: [2][]byte{patch}}
	}
	g.shortcuts[e] = item
	return item
}

// version returns the number of the version with a tag, 0 where there is none.
func (g *updatesGraph) version(tag string) int {
	for i := len(g.tags) - 1; tag != "" && i >= 0; i-- {
		if slices.Contains(g.tags[i], tag) {
			return g.start + i
		}
	}
	return 0
}

// next recommends the edge to take from a version, 0 for a client that has none: the
// first of the path to the end with the fewest bytes (RFC 9569 Section 7.4.2), and at the
// end the step to come. Cost is that of the steps that follow, the first time.
func (g *updatesGraph) next(from int) edge {
	last, end := g.snapshots[len(g.snapshots)-1], g.end()
	snapshot := edge{0, last.version}
	switch from {
	case 0:
		return snapshot
	case end:
		return edge{end, end + 1}
	}
	best, known := g.advised[from]
	if known {
		return best
	}
	best, least := g.fewest(from)
	if last.item.size()+g.cost(last.version, end) < least {
		best = snapshot
	}
	if g.advised == nil {
		g.advised = make(map[int]edge)
	}
	g.advised[from] = best
	return best
}

// fewest returns the first edge of the path of patches from a version to the end that has
// the fewest bytes, and how many: that of single steps, or of one patch for several and
// single steps from there.
func (g *updatesGraph) fewest(from int) (first edge, bytes uint64) {
	first, bytes = edge{from, from + 1}, g.cost(from, g.end())
	step := g.steps[from-g.start]
	patch, ok := step.parts[0], step.isMergePatch()
	for to := from + 1; to < g.end() && ok; to++ {
		if step = g.steps[to-g.start]; !step.isMergePatch() {
			break
		}
		if patch, ok = composeMergePatches(nil, patch, step.parts[0], maxPatchDepth); !ok {
			break
		}
		if n := uint64(len(patch)) + g.cost(to+1, g.end()); n < bytes {
			first, bytes = edge{from, to + 1}, n
		}
	}
	return first, bytes
}

// appendSummary appends the TIPSViewSummary of RFC 9569 Section 6.2 for a client that has
// the version from.
func (g *updatesGraph) appendSummary(b []byte, from int) []byte {
	e := g.next(from)
	member := func(name string, n int) { b = appendNumber(append(append(b, name...), ':'), float64(n)) }
	member(`{"updates-graph-summary":{"start-seq"`, g.start)
	member(`,"end-seq"`, g.end())
	member(`,"start-edge-rec":{"seq-i"`, e.from)
	member(`,"seq-j"`, e.to)
	return append(b, "}}}"...)
}
