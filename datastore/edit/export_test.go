package edit

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Spelled is a Builder that makes an operation of every node and no Content.
type Spelled struct{ *Builder }

// Begin implements tree.Sink.
func (s Spelled) Begin(n *yang.Node, attrs []tree.Attr) error {
	s.top().mix()
	err := s.Builder.Begin(n, attrs)
	s.top().mix()
	return err
}
