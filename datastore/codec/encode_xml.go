package codec

import (
	"io"
	"iter"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// EncodeXML writes the top-level nodes of t as XML elements, one after the other
// and without an element around them (RFC 7950 Section 7). Every top-level
// element declares its namespace as the default one; below, a declaration stands
// where the module changes. The error is the writer's, after which it is not
// called again.
func EncodeXML(w io.Writer, t *tree.Tree, o EncodeOptions) error {
	return encodeXML(w, o, func(e *xmlEncoder) iter.Seq[*tree.Node] { return e.shown(t.Root()) })
}

// EncodeXMLNodes is EncodeXML for any nodes. The sequence is read once.
func EncodeXMLNodes(w io.Writer, nodes iter.Seq[*tree.Node], o EncodeOptions) error {
	return encodeXML(w, o, func(*xmlEncoder) iter.Seq[*tree.Node] { return nodes })
}

func encodeXML(w io.Writer, o EncodeOptions, nodes func(*xmlEncoder) iter.Seq[*tree.Node]) error {
	e := &xmlEncoder{output: output{w: w, o: o, note: o.Page}}
	return e.encode(func() {
		nodes(e)(e.frame(nil, tree.OriginNone))
		if o.Indent != "" && len(e.buf) > 0 {
			e.buf = append(e.buf, '\n')
		}
	})
}

// xmlEncoder writes nodes depth first. Each level has one frame whose yield
// function is made once, so that a node costs no allocation.
type xmlEncoder struct {
	output
	frames  []*xmlFrame
	prefix  prefixes
	written bool
}

type xmlFrame struct {
	module *yang.Module // whose namespace is the default one
	origin tree.Origin
	wrote  bool // a child was written
	yield  func(*tree.Node) bool
}

// frame prepares the frame of the current depth and returns the function that
// writes a child there.
func (e *xmlEncoder) frame(module *yang.Module, origin tree.Origin) func(*tree.Node) bool {
	if e.depth == len(e.frames) {
		f := &xmlFrame{}
		f.yield = func(n *tree.Node) bool { e.node(f, n); return e.ok() }
		e.frames = append(e.frames, f)
	}
	f := e.frames[e.depth]
	f.module, f.origin, f.wrote = module, origin, false
	return f.yield
}

func (e *xmlEncoder) node(f *xmlFrame, n *tree.Node) {
	s := n.Schema()
	if e.written {
		e.newline()
	}
	e.written, f.wrote = true, true
	e.buf = append(append(e.buf, '<'), s.Name...)
	if s.Module != f.module {
		e.buf = appendXMLNS(e.buf, "", s.Module.Namespace)
	}
	if e.o.annotates() {
		e.meta(f, n)
	}
	switch s.Kind {
	case yang.Leaf, yang.LeafList:
		e.leaf(s, n.Value())
	case yang.AnyData, yang.AnyXML:
		e.anyContent(n, inherit(n, f.origin))
	default:
		e.children(n, s, inherit(n, f.origin))
	}
}

// children writes the rest of the start tag of an instance of s, the children of
// n and the end tag.
func (e *xmlEncoder) children(n *tree.Node, s *yang.Node, origin tree.Origin) {
	e.buf = append(e.buf, '>')
	e.depth++
	e.shown(n)(e.frame(s.Module, origin))
	empty := !e.frames[e.depth].wrote
	e.depth--
	e.close(s.Name, empty)
}

// close writes the end tag; for an element without content it makes the start
// tag just written an empty-element tag.
func (e *xmlEncoder) close(name string, empty bool) {
	if empty && len(e.buf) > 0 {
		e.buf = append(e.buf[:len(e.buf)-1], "/>"...)
		return
	}
	if !empty {
		e.newline()
	}
	e.buf = append(append(append(e.buf, "</"...), name...), '>')
}

func (e *xmlEncoder) leaf(s *yang.Node, v yang.Value) {
	switch v.Base() {
	case yang.IdentityRef:
		e.identity(s, v.Identity())
	case yang.InstanceIdentifier:
		e.prefix.reset()
		text := xmlPath(v.String(), moduleSet{v.Type().Schema(), v.Type().Schema().Root}, &e.prefix)
		for i, m := range e.prefix.modules {
			e.buf = appendXMLNS(e.buf, e.prefix.names[i], m.Namespace)
		}
		e.buf = append(e.buf, '>')
		e.buf = appendXMLText(e.buf, text)
	case yang.String, yang.Enumeration:
		if v.Base() == yang.String && isNodePath(s.Type) {
			e.nodePath(v)
			break
		}
		e.buf = append(e.buf, '>')
		e.buf = appendXMLText(e.buf, v.String())
	default:
		e.buf = append(e.buf, '>')
		e.buf = v.AppendText(e.buf)
	}
	if e.buf[len(e.buf)-1] == '>' {
		// Nothing but the start tag ends so: ">" in a value is escaped.
		e.buf = append(e.buf[:len(e.buf)-1], "/>"...)
		return
	}
	e.buf = append(append(append(e.buf, "</"...), s.Name...), '>')
}

// identity writes the rest of the start tag of a leaf and its value. An identity of
// the element's own namespace has no prefix (RFC 7950 Section 9.10.3): clients on
// libxml2 drop a second declaration of a namespace that is in scope already. In a
// union it keeps one, so that no other member takes it.
func (e *xmlEncoder) identity(s *yang.Node, id *yang.Identity) {
	if id.Module == s.Module && s.Type.Real.Base != yang.Union {
		e.buf = append(append(e.buf, '>'), id.Name...)
		return
	}
	e.prefix.reset()
	p := e.prefix.of(id.Module)
	e.buf = append(appendXMLNS(e.buf, p, id.Module.Namespace), '>')
	e.buf = append(append(append(e.buf, p...), ':'), id.Name...)
}

// meta writes the annotations of n as attributes (RFC 7952 Section 5.1); their
// namespaces are declared on the top-level elements.
func (e *xmlEncoder) meta(f *xmlFrame, n *tree.Node) {
	if e.depth == 0 {
		if e.o.Origin {
			e.buf = appendXMLNS(e.buf, originPrefix, nsOrigin)
		}
		if e.o.TagDefaults {
			e.buf = appendXMLNS(e.buf, defaultPrefix, nsDefault)
		}
	}
	m := e.annotations(n, f.origin)
	if e.depth == 0 && (m.page != nil || e.o.SublistLimit > 0) {
		e.buf = appendXMLNS(e.buf, pagePrefix, nsPage)
	}
	if m.origin != tree.OriginNone {
		e.buf = append(append(append(e.buf, ` or:origin="or:`...), m.origin.String()...), '"')
	}
	if m.isDefault {
		e.buf = append(e.buf, ` wd:default="true"`...)
	}
	if m.page != nil {
		e.pageAttributes(m.page)
	}
}
