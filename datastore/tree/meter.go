package tree

import (
	"math"
	"unsafe"
)

// Meter counts what Muts make, and others of what they read, in about the bytes that it takes, and has more of it
// permitted from time to time. Nothing stops by itself when that is refused: who makes much
// asks Full now and then. A nil Meter counts nothing. For one goroutine.
type Meter struct {
	more  func(bytes int) bool
	asked int // bytes
	room  int // bytes that may be made before more is asked for
	full  bool
}

// The first bytes of a Meter are free; then it asks for so many at a time.
const (
	meterFree = 4 << 10
	meterStep = 16 << 10
)

// NewMeter returns a Meter that calls more for each piece of what is made, but for the
// first 4 KiB. Once that says false it is not called again.
func NewMeter(more func(bytes int) bool) *Meter { return &Meter{more: more, room: meterFree} }

// Full tells whether more was refused.
func (m *Meter) Full() bool { return m != nil && m.full }

// Take counts bytes that are made besides, and tells whether they are permitted.
func (m *Meter) Take(bytes int) bool {
	m.take(bytes)
	return !m.Full()
}

// Asked is how many bytes were asked for.
func (m *Meter) Asked() int { return m.asked }

// take counts bytes that are being made.
func (m *Meter) take(bytes int) {
	if m == nil {
		return
	}
	if m.room -= bytes; m.room < 0 {
		m.ask()
	}
}

// ask has the bytes permitted that were made beyond what was, and those to come.
func (m *Meter) ask() {
	piece := meterStep - m.room
	m.asked += piece
	if m.room += piece; !m.more(piece) {
		m.full, m.room = true, math.MaxInt
	}
}

// About what nodes take, in bytes: of a leaf its text comes on top.
const (
	nodeSize   = int(unsafe.Sizeof(Node{}))
	innerSize  = nodeSize + int(unsafe.Sizeof(body{}))
	linkSize   = int(unsafe.Sizeof(uintptr(0)))
	placeSize  = int(unsafe.Sizeof("")) + linkSize // of an entry in its list
	sharedSize = leafSlots * linkSize
)

// innerSizeOf is about what a copy of n takes, without its children.
func innerSizeOf(n *Node) int { return innerSize + (len(n.slots())+1)*linkSize }

// Metered is t with a Meter for what is made of it: by Muts of it and of what they and
// Blank return.
func (t *Tree) Metered(m *Meter) *Tree { return &Tree{root: t.root, meter: m} }

// Meter is that of Metered, nil for none.
func (t *Tree) Meter() *Meter { return t.meter }

// Blank is New for t's schema, with its Meter.
func (t *Tree) Blank() *Tree { return New(t.Schema()).Metered(t.meter) }

// Meter is that of the tree in the making, nil for none.
func (m *Mut) Meter() *Meter { return m.txn.leaves.meter }

// Apart is a handle on the root of an empty tree like that of m's node, with m's Meter.
func (m *Mut) Apart() *Mut { return New(m.node.schema).Metered(m.Meter()).Mutate() }

// graftSize is about what a place for n takes, which is no entry; a leaf with metadata
// was made for it.
func graftSize(n *Node) int {
	if n.body != nil && n.schema.IsLeafy() {
		return nodeSize + linkSize
	}
	return linkSize
}

// size is about what the text of a takes.
func (a *Any) size() int {
	if a == nil {
		return 0
	}
	return len(a.XML) + len(a.JSON)
}
