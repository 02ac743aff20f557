package xpath

import "github.com/altoam/altoam/datastore/tree"

// arena holds the cursors of one evaluation. What was taken since a mark can be
// given back at once.
type arena struct {
	chunks [][]Cursor
	chunk  int // in use
	next   int // free in it
}

const arenaChunk = 128

// mark is what is in use at a time.
type mark struct{ chunk, next, held int }

func (e *Env) mark() mark { return mark{e.arena.chunk, e.arena.next, e.held} }

// release gives back the cursors and texts made since m.
func (e *Env) release(m mark) { e.arena.chunk, e.arena.next, e.held = m.chunk, m.next, m.held }

func (e *Env) cursor(n *tree.Node, parent *Cursor) *Cursor {
	a := &e.arena
	if len(a.chunks) == 0 {
		a.chunks = append(a.chunks, make([]Cursor, 8))
	}
	if a.next == len(a.chunks[a.chunk]) {
		e.hold(arenaChunk * cursorSize)
		a.chunk++
		a.next = 0
		if a.chunk == len(a.chunks) {
			a.chunks = append(a.chunks, make([]Cursor, arenaChunk))
		}
	}
	c := &a.chunks[a.chunk][a.next]
	a.next++
	*c = Cursor{node: n, parent: parent}
	return c
}
