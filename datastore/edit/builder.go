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
type Builder struct {
	frames []frame
}

// frame is a node that is not ended.
type frame struct {
	node *Node
	seen []seen
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
	return &Edit{Root: b.frames[0].node}, nil
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
	b.frames = append(b.frames, frame{node: n})
	return nil
}

// Leaf implements tree.Sink.
func (b *Builder) Leaf(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	n := &Node{Schema: s, Value: v}
	if !s.IsKey {
		return b.add(n, attrs)
	}
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
	b.frames = b.frames[:len(b.frames)-1]
	return nil
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
	f.node.Children = append(f.node.Children, n)
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
