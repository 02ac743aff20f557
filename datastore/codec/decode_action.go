package codec

import (
	"bytes"
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// ActionCall is an invocation of an action.
type ActionCall struct {
	// At is the container or list entry that the action is invoked on.
	At     tree.Path
	Action *yang.Node
	Input  *tree.Tree // below the action's Input
}

// DecodeXMLAction reads the content of the <action> element that x has just
// started, up to and including its end tag (RFC 7950 Section 7.15.2): the
// containers and list entries that lead to one action, of these entries the keys
// first, and its input. The input is read, not validated. Errors are as those of
// DecodeXML, and missing-element where a key or the action is missing.
func DecodeXMLAction(x *XMLReader, schema *yang.Schema, o DecodeOptions) (*ActionCall, error) {
	d := actionDecoder{xmlDecoder: newXMLDecoder(x, schema, ignore{}, o)}
	if err := d.content(schema.Root); err != nil {
		return nil, err
	}
	if d.call == nil {
		return nil, rpcerr.New(rpcerr.MissingElement, "", "the action element names no action")
	}
	return d.call, nil
}

type actionDecoder struct {
	*xmlDecoder
	call *ActionCall
}

// content reads the children of an instance of parent.
func (d *actionDecoder) content(parent *yang.Node) error {
	for {
		t, err := d.x.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case XMLStart:
			if err := d.child(parent, t); err != nil {
				return err
			}
		case XMLText:
			if len(bytes.TrimLeft(t.Data, " \t\r\n")) > 0 {
				return d.unknown(rpcerr.BadElement, parent.Name, "text %s stands in %s, which holds elements only",
					clip(t.Data), describe(parent))
			}
		default:
			return nil
		}
	}
}

func (d *actionDecoder) child(parent *yang.Node, t XMLToken) error {
	m := d.schema.ModuleByNamespace(t.Space)
	if m == nil {
		return d.unknownNamespace(t.Local, t.Space, "no module has the namespace of element %s", t.Local)
	}
	s := parent.Child(m.Name, t.Local)
	switch {
	case s == nil:
		return d.unknownChild(parent, m.Name, t.Local)
	case s.IsKey:
		return d.leaf(s, nil)
	case s.Kind != yang.Container && s.Kind != yang.List && s.Kind != yang.Action:
		return d.unknown(rpcerr.BadElement, t.Local, "%s does not lead to an action", s.QName())
	case d.call != nil:
		return d.unknown(rpcerr.BadElement, t.Local, "%s is a second action or leads to one; there must be one", s.QName())
	}
	if err := d.keysComplete(); err != nil {
		return err
	}
	if s.Kind == yang.Action {
		return d.invoke(s)
	}
	if err := d.enter(s); err != nil {
		return err
	}
	if err := d.content(s); err != nil {
		return err
	}
	d.leave()
	return nil
}

// keysComplete checks that the entry that is open is identified.
func (d *actionDecoder) keysComplete() error {
	if len(d.open) == 0 {
		return nil
	}
	top := d.open[len(d.open)-1]
	for i, k := range top.schema.Keys {
		if i >= len(top.keys) || top.keys[i].IsZero() {
			return d.unknown(rpcerr.MissingElement, k.Name, "the list entry lacks its key %s", k.Name)
		}
	}
	return nil
}

// invoke reads the element of the action s.
func (d *actionDecoder) invoke(s *yang.Node) error {
	call := &ActionCall{At: d.place(), Action: s}
	input := s.Children[slices.IndexFunc(s.Children, func(c *yang.Node) bool { return c.Kind == yang.Input })]
	b := tree.NewBuilder(input)
	b.At = call.At
	if err := DecodeXML(d.x, d.schema, input, b, DecodeOptions{At: call.At, MaxDepth: d.o.MaxDepth}); err != nil {
		return err
	}
	var err error
	call.Input, err = b.Tree()
	d.call = call
	return err
}

// ignore is a Sink that drops everything.
type ignore struct{}

func (ignore) Begin(*yang.Node, []tree.Attr) error            { return nil }
func (ignore) Leaf(*yang.Node, yang.Value, []tree.Attr) error { return nil }
func (ignore) Any(*yang.Node, *tree.Any, []tree.Attr) error   { return nil }
func (ignore) End() error                                     { return nil }
