package codec

import (
	"io"
	"iter"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// EncodeJSON writes t as one JSON object (RFC 7951). Member names carry a module
// where it is not that of the parent: below a Root schema node always, below an
// Input, Output, Notification or Structure, which stand in an object of their
// own, where it differs from theirs. The error is the writer's, after which it is
// not called again.
func EncodeJSON(w io.Writer, t *tree.Tree, o EncodeOptions) error {
	return encodeJSON(w, t.Schema().Module, o, func(e *jsonEncoder) iter.Seq[*tree.Node] { return e.shown(t.Root()) })
}

// EncodeJSONNodes writes nodes as members of one object, their names with their
// modules. Entries of one list become one array and must come in a row. The
// sequence is read once.
func EncodeJSONNodes(w io.Writer, nodes iter.Seq[*tree.Node], o EncodeOptions) error {
	return encodeJSON(w, nil, o, func(*jsonEncoder) iter.Seq[*tree.Node] { return nodes })
}

func encodeJSON(w io.Writer, module *yang.Module, o EncodeOptions, nodes func(*jsonEncoder) iter.Seq[*tree.Node]) error {
	e := &jsonEncoder{output: output{w: w, o: o, note: o.Page}}
	return e.encode(func() {
		e.buf = append(e.buf, '{')
		e.members(nodes(e), module, tree.OriginNone, meta{})
		if o.Indent != "" {
			e.buf = append(e.buf, '\n')
		}
	})
}

// jsonEncoder writes nodes depth first, with one frame per level as in xmlEncoder.
type jsonEncoder struct {
	output
	frames []*jsonFrame
	level  int // of objects; output.depth also counts arrays
}

type jsonFrame struct {
	module *yang.Module // of the object's own name
	origin tree.Origin
	any    bool       // a member was written
	array  *yang.Node // list or leaf-list whose array is open
	metas  []meta     // of the entries of an open leaf-list
	tagged bool       // one of metas says something
	yield  func(*tree.Node) bool
}

func (e *jsonEncoder) frame(module *yang.Module, origin tree.Origin) *jsonFrame {
	if e.level == len(e.frames) {
		f := &jsonFrame{}
		f.yield = func(n *tree.Node) bool { e.node(f, n); return e.ok() }
		e.frames = append(e.frames, f)
	}
	f := e.frames[e.level]
	f.module, f.origin, f.any, f.array = module, origin, false, nil
	return f
}

// members writes the members of an object whose brace is open, and closes it. m
// are the annotations of the object itself (RFC 7952 Section 5.2.2).
func (e *jsonEncoder) members(nodes iter.Seq[*tree.Node], module *yang.Module, origin tree.Origin, m meta) {
	f := e.frame(module, origin)
	e.depth++
	e.level++
	if m != (meta{}) {
		f.any = true
		e.newline()
		e.buf = append(e.buf, `"@":`...)
		e.metaObject(m)
	}
	nodes(f.yield)
	e.endArray(f)
	e.depth--
	e.level--
	if f.any {
		e.newline()
	}
	e.buf = append(e.buf, '}')
}

func (e *jsonEncoder) node(f *jsonFrame, n *tree.Node) {
	s := n.Schema()
	var m meta
	if e.o.annotates() {
		m = e.annotations(n, f.origin)
	}
	if f.array != s {
		e.endArray(f)
		e.name(f, s, "")
		if s.Kind == yang.List || s.Kind == yang.LeafList {
			f.array = s
			e.buf = append(e.buf, '[')
		}
	} else {
		e.buf = append(e.buf, ',')
	}
	switch s.Kind {
	case yang.Leaf:
		e.value(n.Value())
		e.sibling(f, s, m)
	case yang.LeafList:
		e.item()
		e.value(n.Value())
		if e.o.annotates() {
			f.metas = append(f.metas, m)
			f.tagged = f.tagged || m != meta{}
		}
	case yang.AnyData, yang.AnyXML:
		e.anyContent(f, n, m)
	case yang.List:
		e.item()
		e.depth++
		e.object(f, n, m)
		e.depth--
	default:
		e.object(f, n, m)
	}
}

// item starts an array's element on a line of its own, one level deeper.
func (e *jsonEncoder) item() {
	e.depth++
	e.newline()
	e.depth--
}

func (e *jsonEncoder) object(f *jsonFrame, n *tree.Node, m meta) {
	e.buf = append(e.buf, '{')
	e.members(e.shown(n), n.Schema().Module, inherit(n, f.origin), m)
}

// endArray closes the array that is open in f, and writes the annotations of a
// leaf-list's entries behind it, up to the last that has some (RFC 7952 Section 5.2.4).
func (e *jsonEncoder) endArray(f *jsonFrame) {
	s := f.array
	if s == nil {
		return
	}
	f.array = nil
	e.newline()
	e.buf = append(e.buf, ']')
	if f.tagged {
		e.name(f, s, "@")
		e.buf = append(e.buf, '[')
		for f.metas[len(f.metas)-1] == (meta{}) {
			f.metas = f.metas[:len(f.metas)-1]
		}
		for i, m := range f.metas {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			e.item()
			if m == (meta{}) {
				e.buf = append(e.buf, "null"...)
			} else {
				e.metaObject(m)
			}
		}
		e.newline()
		e.buf = append(e.buf, ']')
	}
	f.metas, f.tagged = f.metas[:0], false
}

// name writes a member name, mark before it, and the colon.
func (e *jsonEncoder) name(f *jsonFrame, s *yang.Node, mark string) {
	if f.any {
		e.buf = append(e.buf, ',')
	}
	f.any = true
	e.newline()
	e.buf = append(append(e.buf, '"'), mark...)
	if s.Module != f.module {
		e.buf = append(append(e.buf, s.Module.Name...), ':')
	}
	e.buf = append(append(e.buf, s.Name...), `":`...)
	e.space()
}

// space separates a name from its value for human readers.
func (e *jsonEncoder) space() {
	if e.o.Indent != "" {
		e.buf = append(e.buf, ' ')
	}
}

// value writes v as RFC 7951 Section 6 lays down.
func (e *jsonEncoder) value(v yang.Value) {
	switch v.JSONKind() {
	case yang.JSONNumber, yang.JSONBool:
		e.buf = v.AppendText(e.buf)
	case yang.JSONNullArray:
		e.buf = append(e.buf, "[null]"...)
	default:
		switch v.Base() {
		case yang.Int64, yang.Uint64, yang.Decimal64:
			e.buf = append(v.AppendText(append(e.buf, '"')), '"')
		default:
			e.buf = appendJSONString(e.buf, v.String())
		}
	}
}

// sibling writes the annotations of the leaf or anyxml just written (RFC 7952
// Section 5.2.3).
func (e *jsonEncoder) sibling(f *jsonFrame, s *yang.Node, m meta) {
	if m != (meta{}) {
		e.name(f, s, "@")
		e.metaObject(m)
	}
}

func (e *jsonEncoder) metaObject(m meta) {
	e.buf = append(e.buf, '{')
	if m.origin != tree.OriginNone {
		e.buf = append(append(append(e.buf, `"`+originModule+`:origin":"`+originModule+`:`...), m.origin.String()...), '"')
	}
	if m.isDefault {
		if m.origin != tree.OriginNone {
			e.buf = append(e.buf, ',')
		}
		e.buf = append(e.buf, `"`+defaultModule+`:default":true`...)
	}
	if m.page != nil {
		e.pageMembers(m.page, m.origin == tree.OriginNone && !m.isDefault)
	}
	e.buf = append(e.buf, '}')
}

const hexDigits = "0123456789abcdef"

// plainInJSON marks the bytes that stand for themselves in a JSON string.
var plainInJSON = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\' && c != 0x7f
	}
	return t
}()

// appendJSONString appends s, which is valid UTF-8, as a JSON string.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; !plainInJSON[c] {
			dst = append(dst, s[from:i]...)
			from = i + 1
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, `\n`...)
			case '\t':
				dst = append(dst, `\t`...)
			case '\r':
				dst = append(dst, `\r`...)
			default:
				dst = append(dst, `\u00`...)
				dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
			}
		}
	}
	return append(append(dst, s[from:]...), '"')
}
