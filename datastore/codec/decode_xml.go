package codec

import (
	"bytes"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// DecodeXML reads the children of the element that x has just started, which
// are instances of parent's children, up to and including its end tag, and hands
// them to sink as they come. Attributes with a namespace, and those without a
// prefix, are given to sink as they stand, xml: ones excepted.
//
// Errors are *rpcerr.Error: malformed-message and too-big from x,
// unknown-element, unknown-namespace, bad-element and invalid-value with the path
// of the node (RFC 7950 Section 8.3.1), and what sink returned. After an error
// neither x nor sink is usable.
func DecodeXML(x *XMLReader, schema *yang.Schema, parent *yang.Node, sink tree.Sink, o DecodeOptions) error {
	return newXMLDecoder(x, schema, sink, o).children(parent)
}

// DecodeXMLElement reads the rest of the element that began with start, the token
// x returned last: an instance of one of parent's children.
func DecodeXMLElement(x *XMLReader, start XMLToken, schema *yang.Schema, parent *yang.Node, sink tree.Sink, o DecodeOptions) error {
	hint := 0
	return newXMLDecoder(x, schema, sink, o).element(parent, start, &hint)
}

type xmlDecoder struct {
	decoder
	x        *XMLReader
	space    string // namespace looked up last, and its module
	module   *yang.Module
	attrs    []tree.Attr
	resolver xmlResolver
}

func newXMLDecoder(x *XMLReader, schema *yang.Schema, sink tree.Sink, o DecodeOptions) *xmlDecoder {
	return &xmlDecoder{decoder: decoder{schema: schema, sink: sink, o: o}, x: x, resolver: xmlResolver{schema: schema}}
}

// children reads up to the end tag of the element that is open.
func (d *xmlDecoder) children(parent *yang.Node) error {
	hint := 0
	for {
		t, err := d.x.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case XMLStart:
			if err := d.element(parent, t, &hint); err != nil {
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

func (d *xmlDecoder) element(parent *yang.Node, t XMLToken, hint *int) error {
	s, err := d.find(parent, t, *hint)
	if err != nil {
		if d.o.IgnoreUnknown || d.reported(err) {
			return d.x.Skip()
		}
		return err
	}
	*hint = s.Index
	if err := d.allowed(s); err != nil {
		if d.reported(err) {
			return d.x.Skip()
		}
		return err
	}
	attrs := d.attributes(t)
	switch s.Kind {
	case yang.Leaf, yang.LeafList:
		return d.leaf(s, attrs)
	case yang.AnyData, yang.AnyXML:
		return d.any(s, attrs)
	}
	if err := d.sink.Begin(s, attrs); err != nil {
		return d.fromSink(s, err)
	}
	if err := d.enter(s); err != nil {
		return err
	}
	if err := d.children(s); err != nil {
		return err
	}
	if err := d.sink.End(); err != nil {
		return d.fromSink(nil, err)
	}
	d.leave()
	return nil
}

// find returns the schema node of an element.
func (d *xmlDecoder) find(parent *yang.Node, t XMLToken, hint int) (*yang.Node, error) {
	if d.module == nil || d.space != t.Space {
		m := d.schema.ModuleByNamespace(t.Space)
		if m == nil {
			if t.Space == "" {
				return nil, d.unknownNamespace(t.Local, "", "element %s has no namespace", t.Local)
			}
			return nil, d.unknownNamespace(t.Local, t.Space, "no module has the namespace of element %s", t.Local)
		}
		d.space, d.module = t.Space, m
	}
	if s := child(parent, hint, d.module, t.Local); s != nil {
		return s, nil
	}
	return nil, d.unknownChild(parent, d.module.Name, t.Local)
}

// attributes turns the attributes of a start tag into those of a data node.
func (d *xmlDecoder) attributes(t XMLToken) []tree.Attr {
	d.attrs = d.attrs[:0]
	for _, a := range t.Attrs {
		if a.Space == nsXML {
			continue
		}
		d.attrs = append(d.attrs, tree.Attr{Module: d.owner(a.Space), Name: a.Local, Value: a.Value, Resolver: d.x.Resolver(d.schema)})
	}
	return d.attrs
}

// owner is the module that a namespace of attributes belongs to, else the namespace.
func (d *xmlDecoder) owner(space string) string {
	switch space {
	case "":
		return ""
	case nsNetconf:
		return netconfModule
	case nsDefault:
		return defaultModule
	case nsOrigin:
		return originModule
	}
	if m := d.schema.ModuleByNamespace(space); m != nil {
		return m.Name
	}
	return space
}

// leaf reads a leaf. Names in its value without a prefix are in the default
// namespace (RFC 7950 Section 9.10.3); where none is declared, which is how
// clients that give every element a prefix write <format>yang</format>, they are
// in the leaf's module.
func (d *xmlDecoder) leaf(s *yang.Node, attrs []tree.Attr) error {
	d.resolver.scope, d.resolver.fallback = d.x.scope, s.Module.Name
	text, err := d.x.textContent()
	if err != nil {
		return d.inLeaf(s, err)
	}
	if len(attrs) > 0 && deletes(attrs) && len(bytes.TrimLeft(text, " \t\r\n")) == 0 {
		return d.fromSink(s, d.sink.Leaf(s, yang.Value{}, attrs))
	}
	if isNodePath(s.Type) {
		text = []byte(byModules(string(text), &d.resolver))
	}
	v, err := s.Type.Parse(string(text), &d.resolver)
	if err != nil {
		return d.refused(s, err)
	}
	d.sawKey(s, v)
	if err := d.sink.Leaf(s, v, attrs); err != nil {
		return d.fromSink(s, err)
	}
	return nil
}

// inLeaf gives the error of an element inside a leaf its path.
func (d *xmlDecoder) inLeaf(s *yang.Node, err error) error {
	if e, ok := err.(*rpcerr.Error); ok && e.Tag == rpcerr.BadElement {
		return e.At(d.path(s))
	}
	return err
}

func (d *xmlDecoder) any(s *yang.Node, attrs []tree.Attr) error {
	raw, err := d.x.Raw()
	if err != nil {
		return err
	}
	a, err := newXMLAny(s, raw)
	if err != nil {
		return d.badValue(s, err)
	}
	return d.fromSink(s, d.sink.Any(s, a, attrs))
}
