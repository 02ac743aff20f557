package tree

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// Builder is the Sink that makes a Tree. It reports what a data tree cannot hold:
// entries without their keys (missing-element), a node twice and two cases of one
// choice (bad-element; RFC 7950 Section 8.3.1), each an *rpcerr.Error with path.
// It reads the origin (RFC 7952) and default (RFC 6243) annotations and no other.
type Builder struct {
	// At is where the tree stands, for the paths of errors.
	At Path
	// Target gives the keys of an entry directly below the root that has none of
	// its own, as in a plain patch (RFC 8040 Section 4.6.1).
	Target Step

	owner  uint64
	leaves Leaves
	frames []frame
	kids   []*Node // the children so far of all open frames, each one's behind its parent's
}

// frame is a node that is not ended.
type frame struct {
	schema *yang.Node
	start  int // of its children in Builder.kids
	meta   meta
}

// NewBuilder returns a Builder for the children of root.
func NewBuilder(root *yang.Node) *Builder {
	return &Builder{owner: owners.Add(1), frames: []frame{{schema: root}}}
}

// Tree returns the finished tree. It fails when a Begin has no End.
func (b *Builder) Tree() (*Tree, error) {
	if len(b.frames) != 1 {
		return nil, rpcerr.New(rpcerr.MalformedMessage, b.path().String(), "the content ends within this node")
	}
	return &Tree{root: &Node{schema: b.frames[0].schema, body: &body{kids: slices.Clone(b.kids)}}}, nil
}

// Begin implements Sink.
func (b *Builder) Begin(s *yang.Node, attrs []Attr) error {
	b.frames = append(b.frames, frame{schema: s, start: len(b.kids), meta: readMeta(attrs)})
	return nil
}

// End implements Sink.
func (b *Builder) End() error {
	f := b.frames[len(b.frames)-1]
	b.addressed(f)
	n := &Node{schema: f.schema, body: &body{kids: slices.Clone(b.kids[f.start:]), meta: f.meta}}
	for _, k := range f.schema.Keys {
		if n.Child(k) == nil {
			e := rpcerr.New(rpcerr.MissingElement, b.path().String(), "the list entry lacks its key %s", k.Name)
			e.Info = []rpcerr.Info{{Name: "bad-element", Value: k.Name}}
			return e
		}
	}
	b.kids = b.kids[:f.start]
	b.frames = b.frames[:len(b.frames)-1]
	if f.schema.Kind == yang.List {
		return b.addEntry(n)
	}
	return b.addChild(n)
}

// addressed completes the entry that Target stands for.
func (b *Builder) addressed(f frame) {
	keys := f.schema.Keys
	if len(b.frames) != 2 || f.schema != b.Target.Schema || len(keys) != len(b.Target.Keys) {
		return
	}
	for i, k := range keys {
		if j, ok := findSlot(b.open(), k); !ok {
			b.kids = slices.Insert(b.kids, f.start+j, NewLeaf(k, b.Target.Keys[i]))
		}
	}
}

// Leaf implements Sink.
func (b *Builder) Leaf(s *yang.Node, v yang.Value, attrs []Attr) error {
	n := b.leaves.Of(s, v).withMeta(readMeta(attrs))
	if s.Kind == yang.LeafList {
		return b.addEntry(n)
	}
	return b.addChild(n)
}

// Any implements Sink.
func (b *Builder) Any(s *yang.Node, a *Any, attrs []Attr) error {
	return b.addChild(NewAny(s, a).withMeta(readMeta(attrs)))
}

// addChild adds a node that may stand once.
func (b *Builder) addChild(n *Node) error {
	if _, ok := findSlot(b.open(), n.schema); ok {
		return b.refuse(n, "%s stands twice", n.schema.Name)
	}
	return b.insert(n)
}

// addEntry adds an entry to its collection.
func (b *Builder) addEntry(n *Node) error {
	i, ok := findSlot(b.open(), n.schema)
	if !ok {
		if err := b.insert(&Node{schema: n.schema, body: newCollection(b.owner, n.schema)}); err != nil {
			return err
		}
	}
	list := b.open()[i].body
	key, own := list.freshKey(n.schema, n.KeyValues())
	switch {
	case own && n.schema.Kind == yang.LeafList:
		n = n.withKey(key)
	case n.schema.Kind == yang.List:
		n.body.key = key
	}
	if !own && list.get(key) != nil {
		return b.refuse(n, "the entry of %s stands twice", n.schema.Name)
	}
	list.put(b.owner, key, n, Position{})
	return nil
}

// open are the children so far of the innermost open node.
func (b *Builder) open() []*Node { return b.kids[b.frames[len(b.frames)-1].start:] }

// insert puts a child or collection node where it belongs among its siblings.
func (b *Builder) insert(n *Node) error {
	if n.schema.Case != nil {
		for _, c := range b.open() {
			if Exclusive(c.schema, n.schema) {
				return b.refuse(n, "%s and %s are of different cases of one choice", c.schema.Name, n.schema.Name)
			}
		}
	}
	i, _ := findSlot(b.open(), n.schema)
	b.kids = slices.Insert(b.kids, b.frames[len(b.frames)-1].start+i, n)
	return nil
}

// refuse is a bad-element error at n.
func (b *Builder) refuse(n *Node, format string, args ...any) error {
	st := Step{Schema: n.schema}
	if !n.isCollection() { // an entry or leaf, not all entries of a list
		st = StepTo(n)
	}
	e := rpcerr.New(rpcerr.BadElement, b.path().Join(st).String(), format, args...)
	e.Info = []rpcerr.Info{{Name: "bad-element", Value: n.schema.Name}}
	return e
}

// path leads to the innermost open node, with the keys that are known.
func (b *Builder) path() Path {
	p := b.At.Clone()
	for i, f := range b.frames[1:] {
		end := len(b.kids)
		if i+2 < len(b.frames) {
			end = b.frames[i+2].start
		}
		st := Step{Schema: f.schema}
		for _, k := range f.schema.Keys {
			j, ok := findSlot(b.kids[f.start:end], k)
			if !ok {
				st.Keys = nil
				break
			}
			st.Keys = append(st.Keys, b.kids[f.start+j].value)
		}
		p = append(p, st)
	}
	return p
}

// Exclusive tells whether the data nodes a and b, children of one parent, stand in
// different cases of one choice, so that only one of them can exist.
func Exclusive(a, b *yang.Node) bool {
	for ca := a.Case; ca != nil; ca = outerCase(ca) {
		for cb := b.Case; cb != nil; cb = outerCase(cb) {
			if ca != cb && ca.Parent == cb.Parent {
				return true
			}
		}
	}
	return false
}

// outerCase is the case that the choice of case c stands in, or nil.
func outerCase(c *yang.Node) *yang.Node {
	if p := c.Parent.Parent; p != nil && p.Kind == yang.Case {
		return p
	}
	return nil
}

// The names that annotations on data have besides those of modules.
const withDefaultsNS = "urn:ietf:params:xml:ns:netconf:default:1.0"

// readMeta returns the metadata among attrs.
func readMeta(attrs []Attr) (m meta) {
	for _, a := range attrs {
		switch {
		case a.Name == "origin" && a.Module == "ietf-origin":
			m.origin, _ = ParseOrigin(a.Value[strings.LastIndexByte(a.Value, ':')+1:])
		case a.Name == "default" && (a.Module == withDefaultsNS || a.Module == "ietf-netconf-with-defaults"):
			m.isDefault = a.Value == "true" || a.Value == "1"
		}
	}
	return m
}
