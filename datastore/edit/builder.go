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
// has, is made as it will be in the tree and kept as a Content: no more is held.
type Builder struct {
	frames []frame
	leaves tree.Leaves
}

// frame is a node that is not ended.
type frame struct {
	node *Node
	// What is below: in plain while all does what node does and nothing else, an
	// entry's keys too, then in children, without them.
	plain    []*tree.Node
	children []*Node
	mixed    bool
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
	f := b.top()
	f.mix()
	root := f.node
	root.Children = slices.Clone(f.children)
	return &Edit{Root: root}, nil
}

// Begin implements tree.Sink.
func (b *Builder) Begin(s *yang.Node, attrs []tree.Attr) error {
	n := b.spare()
	*n = Node{Schema: s, Keys: n.Keys[:0]}
	if s.Kind == yang.List {
		n.Keys = slices.Grow(n.Keys, len(s.Keys))[:len(s.Keys)]
		clear(n.Keys)
	}
	if err := b.check(n, attrs); err != nil {
		return err
	}
	b.open(n)
	return nil
}

// spare returns the node of the frame that is opened next, if no edit has it.
func (b *Builder) spare() *Node {
	if k := len(b.frames); k < cap(b.frames) {
		if n := b.frames[:k+1][k].node; n != nil {
			return n
		}
	}
	return &Node{}
}

// open adds a frame for n and takes over the slices of the last one in its place.
func (b *Builder) open(n *Node) {
	var old frame
	if k := len(b.frames); k < cap(b.frames) {
		old = b.frames[:k+1][k]
	}
	b.frames = append(b.frames, frame{node: n, plain: old.plain[:0], children: old.children[:0], seen: old.seen[:0]})
}

// Leaf implements tree.Sink.
func (b *Builder) Leaf(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	if s.IsKey {
		return b.key(s, v, attrs)
	}
	n := Node{Schema: s, Value: v}
	if err := b.check(&n, attrs); err != nil {
		return err
	}
	if b.plain(&n) {
		b.top().add(b.leaves.Of(s, v))
	} else {
		b.top().addEdit(&Node{Schema: s, Op: n.Op, Value: v, Pos: n.Pos, ToDefault: n.ToDefault})
	}
	return nil
}

// key is the key s of the entry that is open.
func (b *Builder) key(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	n := Node{Schema: s, Value: v}
	if err := b.annotate(&n, attrs); err != nil {
		return err
	}
	f := b.top()
	entry := f.node
	i := slices.Index(entry.Schema.Keys, s)
	switch inherited := n.Op == entry.Op; {
	case !entry.Keys[i].IsZero():
		return b.badElement(&n, "the key %s stands twice", s.Name)
	case !inherited && (n.Op == Delete || n.Op == Remove) || v.IsZero():
		e := rpcerr.New(rpcerr.BadAttribute, b.path().Join(n.step()).String(), "the key of an entry cannot be deleted")
		e.Info = badAttribute("operation", s.Name)
		return e
	}
	entry.Keys[i] = v
	if !f.mixed {
		f.plain = append(f.plain, tree.NewLeaf(s, v))
	}
	return nil
}

// Any implements tree.Sink.
func (b *Builder) Any(s *yang.Node, a *tree.Any, attrs []tree.Attr) error {
	n := &Node{Schema: s, Any: a}
	if err := b.check(n, attrs); err != nil {
		return err
	}
	if b.plain(n) {
		b.top().add(tree.NewAny(s, a))
	} else {
		b.top().addEdit(n)
	}
	return nil
}

// End implements tree.Sink.
func (b *Builder) End() error {
	f := b.top()
	n := f.node
	for i, v := range n.Keys {
		if v.IsZero() {
			e := rpcerr.New(rpcerr.MissingElement, b.path().String(), "the list entry lacks its key %s", n.Schema.Keys[i].Name)
			e.Info = []rpcerr.Info{{Name: "bad-element", Value: n.Schema.Keys[i].Name}}
			return e
		}
	}
	var content *tree.Node
	if !f.mixed && n.Op.writes() {
		content, _ = tree.Assemble(n.Schema, f.plain)
	}
	b.frames = b.frames[:len(b.frames)-1]
	if content != nil && b.plain(n) {
		b.top().add(content)
		return nil
	}
	if n.Content = content; content == nil {
		f.mix()
		n.Children = slices.Clone(f.children)
	}
	f.node = nil
	b.top().addEdit(n)
	return nil
}

// writes tells whether o brings the content of a node into the tree.
func (o Op) writes() bool { return o == Merge || o == Replace || o == Create }

// plain tells whether n, apart from what is below it, does what the innermost open
// node does and nothing else.
func (b *Builder) plain(n *Node) bool {
	return n.Op == b.top().node.Op && n.Op.writes() && n.Pos == nil && !n.ToDefault &&
		(n.Schema.Kind != yang.LeafList || !n.Value.IsZero())
}

// add adds a child that does what the frame's node does.
func (f *frame) add(c *tree.Node) {
	if f.mixed {
		f.children = append(f.children, fromNode(c, f.node.Op))
	} else {
		f.plain = append(f.plain, c)
	}
}

// addEdit adds any other child.
func (f *frame) addEdit(n *Node) {
	f.mix()
	f.children = append(f.children, n)
}

// mix makes edits of what is in plain.
func (f *frame) mix() {
	if f.mixed {
		return
	}
	f.mixed = true
	for _, c := range f.plain {
		if !c.Schema().IsKey {
			f.children = append(f.children, fromNode(c, f.node.Op))
		}
	}
}

func (b *Builder) top() *frame { return &b.frames[len(b.frames)-1] }

// check reads n's attributes and checks n against its siblings.
func (b *Builder) check(n *Node, attrs []tree.Attr) error {
	if !n.Schema.Config {
		e := rpcerr.New(rpcerr.UnknownElement, b.path().Join(n.step()).String(), "%s is state data: it cannot be edited", n.Schema.Name)
		e.Info = []rpcerr.Info{{Name: "bad-element", Value: n.Schema.Name}}
		return e
	}
	if err := b.annotate(n, attrs); err != nil {
		return err
	}
	return b.see(n)
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
