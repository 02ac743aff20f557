package tree

import "github.com/altoam/altoam/yang"

// Sink receives a data tree in document order: what decoders write into. An error
// goes back to the decoder's caller, who stops.
type Sink interface {
	// Begin starts a container or list entry. An entry's keys follow as Leaf
	// calls, in any order.
	Begin(s *yang.Node, attrs []Attr) error
	// Leaf is a leaf or an entry of a leaf-list. v is zero only where attrs carry
	// the operation delete or remove and there is no text.
	Leaf(s *yang.Node, v yang.Value, attrs []Attr) error
	// Any is an anydata or anyxml node.
	Any(s *yang.Node, a *Any, attrs []Attr) error
	// End ends what the last open Begin started.
	End() error
}

// Attr is an XML attribute or JSON annotation on a node. The slice that a Sink is
// given is the decoder's: it is valid during the call.
type Attr struct {
	// Module owns the annotation. For a namespace that is no module it is the
	// namespace URI.
	Module string
	Name   string
	Value  string
	// Resolver resolves prefixes within Value.
	Resolver yang.Resolver
}
