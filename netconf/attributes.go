package netconf

import (
	"slices"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// attributesOf are the attributes that parameters have: those of <filter> (RFC 6241
// Section 8.9.5.1), in no namespace or in that of NETCONF. What <config> may have is
// judged with its content. No other element of a request has any, <rpc> excepted,
// whose attributes are all echoed (RFC 6241 Section 4.1).
var attributesOf = map[string][]string{
	"filter": {"type", "select"}, "config": {"operation"}, "source/config": {"operation"},
}

// protocolNames tells whether the protocol defines the attributes of a namespace, or of
// the module with that name: those in none, and those of RFC 6241, RFC 6243 and RFC 7950.
// Attributes of others are annotations (RFC 7952), which say nothing on a request.
func protocolNames(space string) bool {
	switch space {
	case "", nsBase, baseModule, nsYang, "urn:ietf:params:xml:ns:netconf:default:1.0", defaultsModule:
		return true
	}
	return false
}

// onlyAttributes refuses an element of a request that has other attributes than known
// (RFC 6241 Appendix A, unknown-attribute).
func onlyAttributes(t codec.XMLToken, known ...string) error {
	for _, a := range t.Attrs {
		named := (a.Space == "" || a.Space == nsBase) && slices.Contains(known, a.Local)
		if protocolNames(a.Space) && !named {
			return unknownAttribute(a.Local, t.Local)
		}
	}
	return nil
}

func unknownAttribute(attribute, element string) error {
	return attributeError(rpcerr.UnknownAttribute, attribute, element, "the element %s has no attribute %.80s", element, attribute)
}

// withoutAttributes is the Sink of parameters: it refuses those with attributes.
type withoutAttributes struct{ tree.Sink }

// Begin implements tree.Sink.
func (w withoutAttributes) Begin(s *yang.Node, attrs []tree.Attr) error {
	if err := none(s, attrs); err != nil {
		return err
	}
	return w.Sink.Begin(s, nil)
}

// Leaf implements tree.Sink.
func (w withoutAttributes) Leaf(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	if err := none(s, attrs); err != nil {
		return err
	}
	return w.Sink.Leaf(s, v, nil)
}

// Any implements tree.Sink.
func (w withoutAttributes) Any(s *yang.Node, a *tree.Any, attrs []tree.Attr) error {
	if err := none(s, attrs); err != nil {
		return err
	}
	return w.Sink.Any(s, a, nil)
}

// none refuses attributes of the protocol on s.
func none(s *yang.Node, attrs []tree.Attr) error {
	for _, a := range attrs {
		if protocolNames(a.Module) {
			return unknownAttribute(a.Name, s.Name)
		}
	}
	return nil
}
