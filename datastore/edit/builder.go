package edit

import (
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Builder is the tree.Sink that makes an Edit of the content of an edit-config. A
// node without an operation of its own has that of its parent. It reports state
// data (unknown-element), entries without their keys (missing-element), a node
// twice, two cases of one choice (bad-element; RFC 7950 Section 8.3.1) and wrong
// attributes, each as an *rpcerr.Error with path.
//
// A subtree with one operation throughout, which is most of what a large request
// has, is kept as a Content: it takes no more memory than in the tree.
type Builder struct {
	frames []frame
	free   []*Node      // leafs that became part of a Content
	kids   []*tree.Node // for content
}

// frame is a node that is not ended.
type frame struct {
	node     *Node
	children []*Node
	seen     []seen
}

// seen is a schema node that has an instance below a frame.
type seen struct {
	schema   *yang.Node
	deleting bool
}

// NewBuilder returns a Builder for the children of root, with the operation of
// nodes that say none. With Replace they are all there will be.
func NewBuilder(root *yang.Node, defaultOp Op) *Builder {
	return &Builder{frames: []frame{{node: &Node{Schema: root, Op: defaultOp}}}}
}

// Edit returns the finished edit. It fails when a Begin has no End.
func (b *Builder) Edit() (*Edit, error) {
	if len(b.frames) != 1 {
		return nil, rpcerr.New(rpcerr.MalformedMessage, b.path().String(), "the content ends within this node")
	}
	root := b.frames[0].node
	root.Children = slices.Clone(b.frames[0].children)
	return &Edit{Root: root}, nil
}

// Begin implements tree.Sink.
func (b *Builder) Begin(s *yang.Node, attrs []tree.Attr) error {
	n := &Node{Schema: s}
	if s.Kind == yang.List {
		n.Keys = make([]yang.Value, len(s.Keys))
	}
	if err := b.add(n, attrs); err != nil {
		return err
	}
	b.open(n)
	return nil
}

// open adds a frame for n and takes over the slices of the last one in its place.
func (b *Builder) open(n *Node) {
	if k := len(b.frames); k < cap(b.frames) {
		old := b.frames[:k+1][k]
		b.frames = append(b.frames, frame{node: n, children: old.children[:0], seen: old.seen[:0]})
		return
	}
	b.frames = append(b.frames, frame{node: n})
}

// leaf returns a node for a leaf or leaf-list entry.
func (b *Builder) leaf(s *yang.Node, v yang.Value) *Node {
	if k := len(b.free); k > 0 {
		n := b.free[k-1]
		b.free = b.free[:k-1]
		*n = Node{Schema: s, Value: v}
		return n
	}
	return &Node{Schema: s, Value: v}
}

// Leaf implements tree.Sink.
func (b *Builder) Leaf(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	if !s.IsKey {
		return b.add(b.leaf(s, v), attrs)
	}
	n := &Node{Schema: s, Value: v}
	if err := b.annotate(n, attrs); err != nil {
		return err
	}
	entry := b.top().node
	i := slices.Index(entry.Schema.Keys, s)
	switch inherited := n.Op == entry.Op; {
	case !entry.Keys[i].IsZero():
		return b.badElement(n, "the key %s stands twice", s.Name)
	case !inherited && (n.Op == Delete || n.Op == Remove) || v.IsZero():
		e := rpcerr.New(rpcerr.BadAttribute, b.path().Join(n.step()).String(), "the key of an entry cannot be deleted")
		e.Info = badAttribute("operation", s.Name)
		return e
	}
	entry.Keys[i] = v
	return nil
}

// Any implements tree.Sink.
func (b *Builder) Any(s *yang.Node, a *tree.Any, attrs []tree.Attr) error {
	return b.add(&Node{Schema: s, Any: a}, attrs)
}

// End implements tree.Sink.
func (b *Builder) End() error {
	n := b.top().node
	for i, v := range n.Keys {
		if v.IsZero() {
			e := rpcerr.New(rpcerr.MissingElement, b.path().String(), "the list entry lacks its key %s", n.Schema.Keys[i].Name)
			e.Info = []rpcerr.Info{{Name: "bad-element", Value: n.Schema.Keys[i].Name}}
			return e
		}
	}
	if !b.content(n, b.top().children) {
		n.Children = slices.Clone(b.top().children)
	}
	b.frames = b.frames[:len(b.frames)-1]
	return nil
}

// content makes n.Content of children that do nothing but what n does, and tells
// whether it could.
func (b *Builder) content(n *Node, children []*Node) bool {
	if !n.Op.writes() || slices.ContainsFunc(children, func(c *Node) bool { return !c.plain(n.Op) }) {
		return false
	}
	b.kids = b.kids[:0]
	for i, v := range n.Keys {
		b.kids = append(b.kids, tree.NewLeaf(n.Schema.Keys[i], v))
	}
	for _, c := range children {
		b.kids = append(b.kids, c.asContent())
	}
	var ok bool
	if n.Content, ok = tree.Assemble(n.Schema, b.kids); !ok {
		return false
	}
	for _, c := range children {
		if c.Schema.IsLeafy() {
			b.free = append(b.free, c)
		}
	}
	return true
}

// writes tells whether o brings the content of a node into the tree.
func (o Op) writes() bool { return o == Merge || o == Replace || o == Create }

// plain tells whether n and all below it is op and nothing else.
func (n *Node) plain(op Op) bool {
	whole := n.Content != nil || n.Schema.Kind != yang.List && n.Schema.Kind != yang.Container
	return whole && n.Op == op && n.Pos == nil && !n.ToDefault && (n.Schema.Kind != yang.LeafList || !n.Value.IsZero())
}

// asContent is the tree node that the plain node n stands for.
func (n *Node) asContent() *tree.Node {
	switch {
	case n.Content != nil:
		return n.Content
	case n.Schema.IsLeafy():
		return tree.NewLeaf(n.Schema, n.Value)
	}
	return tree.NewAny(n.Schema, n.Any)
}

func (b *Builder) top() *frame { return &b.frames[len(b.frames)-1] }

// add checks n and makes it a child of the innermost open node.
func (b *Builder) add(n *Node, attrs []tree.Attr) error {
	if !n.Schema.Config {
		e := rpcerr.New(rpcerr.UnknownElement, b.path().Join(n.step()).String(), "%s is state data: it cannot be edited", n.Schema.Name)
		e.Info = []rpcerr.Info{{Name: "bad-element", Value: n.Schema.Name}}
		return e
	}
	if err := b.annotate(n, attrs); err != nil {
		return err
	}
	if err := b.see(n); err != nil {
		return err
	}
	f := b.top()
	f.children = append(f.children, n)
	return nil
}

// see checks n against its siblings.
func (b *Builder) see(n *Node) error {
	f, s := b.top(), n.Schema
	deleting := n.Op == Delete || n.Op == Remove
	entry := s.Kind == yang.List || s.Kind == yang.LeafList
	if k := len(f.seen); entry && k > 0 && f.seen[k-1] == (seen{s, deleting}) {
		return nil
	}
	for _, other := range f.seen {
		switch {
		case other.schema == s && !entry:
			return b.badElement(n, "%s stands twice", s.Name)
		case !deleting && !other.deleting && s.Case != nil && tree.Exclusive(other.schema, s):
			return b.badElement(n, "%s and %s are of different cases of one choice", other.schema.Name, s.Name)
		}
	}
	if !slices.Contains(f.seen, seen{s, deleting}) {
		f.seen = append(f.seen, seen{s, deleting})
	}
	return nil
}

// badElement is a bad-element error at n.
func (b *Builder) badElement(n *Node, format string, args ...any) error {
	e := rpcerr.New(rpcerr.BadElement, b.path().Join(n.step()).String(), format, args...)
	e.Info = []rpcerr.Info{{Name: "bad-element", Value: n.Schema.Name}}
	return e
}

// path leads to the innermost open node, with the keys that are known.
func (b *Builder) path() tree.Path {
	p := make(tree.Path, 0, len(b.frames)+1)
	for _, f := range b.frames[1:] {
		p = append(p, f.node.pathStep())
	}
	return p
}

// pathStep is step without keys while some are unknown.
func (n *Node) pathStep() tree.Step {
	st := n.step()
	if slices.ContainsFunc(st.Keys, yang.Value.IsZero) {
		st.Keys = nil
	}
	return st
}
