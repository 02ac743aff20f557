package codec

import (
	"io"
	"strings"
	"sync"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// EncodeOptions says how trees are written.
type EncodeOptions struct {
	// Origin writes the origin annotation (RFC 8526 Section 3.1.1.1) of nodes
	// whose origin is not that of their parent.
	Origin bool
	// TagDefaults writes the default annotation of nodes marked as default
	// (RFC 6243 Section 6).
	TagDefaults bool
	// Page annotates the first of the nodes; nil for none.
	Page *Page
	// SublistLimit is how many entries are written of every list and leaf-list that
	// is the child of a node written; 0 for all.
	SublistLimit int
	// Indent is put before a line once per level; "" writes one line.
	Indent string
	// Schema knows the modules of anydata content that crosses from one encoding
	// to the other. Without it only modules with data of their own are known.
	Schema *yang.Schema
}

// The metadata annotations written, and their names in both encodings. In XML
// the default attribute has a namespace of its own, that of no YANG module.
const (
	originPrefix  = "or"
	nsOrigin      = "urn:ietf:params:xml:ns:yang:ietf-origin"
	originModule  = "ietf-origin"
	defaultPrefix = "wd"
	nsDefault     = "urn:ietf:params:xml:ns:netconf:default:1.0"
	defaultModule = "ietf-netconf-with-defaults"
)

// meta is what one node's annotations say.
type meta struct {
	origin    tree.Origin // OriginNone: as the parent
	isDefault bool
	page      *Page
}

// metaOf returns the annotations to write for n below a node of that origin.
func (o *EncodeOptions) metaOf(n *tree.Node, inherited tree.Origin) (m meta) {
	if own := n.Origin(); o.Origin && own != inherited {
		m.origin = own
	}
	m.isDefault = o.TagDefaults && n.IsDefault()
	return m
}

// inherit is the origin that the children of n have without one of their own.
func inherit(n *tree.Node, inherited tree.Origin) tree.Origin {
	if own := n.Origin(); own != tree.OriginNone {
		return own
	}
	return inherited
}

const (
	flushSize = 32 << 10
	spareSize = 4 << 10 // room above flushSize, so that few buffers grow
)

// output collects what is written and passes it on in pieces. After an error of
// the writer nothing more is written.
type output struct {
	w     io.Writer
	buf   []byte
	err   error
	o     EncodeOptions
	depth int   // nesting, for indentation and frames
	note  *Page // of the node that is written next
}

var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, flushSize+spareSize)
	return &b
}}

// encode runs body with a pooled buffer and writes what remains.
func (out *output) encode(body func()) error {
	pooled := buffers.Get().(*[]byte)
	out.buf = (*pooled)[:0]
	body()
	out.flush()
	if cap(out.buf) <= 4*flushSize {
		*pooled = out.buf
		buffers.Put(pooled)
	}
	out.buf = nil
	return out.err
}

func (out *output) flush() {
	if out.err == nil && len(out.buf) > 0 {
		_, out.err = out.w.Write(out.buf)
	}
	out.buf = out.buf[:0]
}

// ok flushes a full buffer and tells whether to go on.
func (out *output) ok() bool {
	if len(out.buf) >= flushSize {
		out.flush()
	}
	return out.err == nil
}

// newline starts a line at the current depth when indentation is on.
func (out *output) newline() {
	if out.o.Indent == "" {
		return
	}
	out.buf = append(out.buf, '\n')
	for range out.depth {
		out.buf = append(out.buf, out.o.Indent...)
	}
}

// modules returns the modules that may be named in values and anydata below s:
// those of the schema or, without one, those that have data.
func (o *EncodeOptions) modules(s *yang.Node) moduleSet { return moduleSet{o.Schema, rootOf(s)} }

// moduleSet finds modules by name and by namespace.
type moduleSet struct {
	schema *yang.Schema
	root   *yang.Node
}

func (ms moduleSet) named(name string) *yang.Module {
	if ms.schema != nil {
		return ms.schema.Module(name)
	}
	return ms.find(func(m *yang.Module) bool { return m.Name == name })
}

func (ms moduleSet) ofNamespace(ns string) *yang.Module {
	if ms.schema != nil {
		return ms.schema.ModuleByNamespace(ns)
	}
	return ms.find(func(m *yang.Module) bool { return m.Namespace == ns })
}

func (ms moduleSet) find(match func(*yang.Module) bool) *yang.Module {
	if ms.root == nil {
		return nil
	}
	for _, c := range ms.root.Data {
		if match(c.Module) {
			return c.Module
		}
	}
	return nil
}

// rootOf is the outermost schema node above s.
func rootOf(s *yang.Node) *yang.Node {
	for s != nil && s.Parent != nil {
		s = s.Parent
	}
	return s
}

func splitName(name string) (module, local string) {
	if m, l, ok := strings.Cut(name, ":"); ok {
		return m, l
	}
	return "", name
}
