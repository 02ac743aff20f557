package xpath

import "github.com/altoam/altoam/datastore/tree"

// arena allocates the cursors of one evaluation. What was allocated since a mark
// can be given back at once.
type arena struct {
	chunks [][]Cursor
	chunk  int // in use
	next   int // free in it
}

type mark struct{ chunk, next int }

const arenaChunk = 128

func (a *arena) mark() mark { return mark{a.chunk, a.next} }

func (a *arena) release(m mark) { a.chunk, a.next = m.chunk, m.next }

func (a *arena) cursor(n *tree.Node, parent *Cursor) *Cursor {
	if len(a.chunks) == 0 {
		a.chunks = append(a.chunks, make([]Cursor, 8))
	}
	if a.next == len(a.chunks[a.chunk]) {
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
