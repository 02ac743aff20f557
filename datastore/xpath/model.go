package xpath

import (
	"errors"
	"fmt"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Model is what evaluation needs of a Schema. It is immutable and safe for
// concurrent use; one is enough for all programs of a Schema.
type Model struct {
	schema *yang.Schema
	nodes  []nodeInfo // by yang.Node.ID
}

// nodeInfo is what is kept of one schema node.
type nodeInfo struct {
	virtual     []*tree.Node // stand for the absent node
	dummy       *tree.Node   // context node of its when expressions
	whens       []when       // its own and those of its choices and cases
	conditional bool         // it stands in a case or has whens
	cases       []*yang.Node // of a case: the data nodes in it
	refs        []*Program   // of a leaf: the targets of its leafref, or of those in its union
}

type when struct {
	program  *Program
	onParent bool
	source   *yang.Node // has the when statement
}

// NewModel compiles the when expressions and leafref paths of a schema. The
// error joins one for each that does not compile, with its file and line.
func NewModel(s *yang.Schema) (*Model, error) {
	m := &Model{schema: s, nodes: make([]nodeInfo, len(s.Nodes))}
	for _, n := range s.Nodes {
		m.stand(n)
	}
	var errs []error
	programs := map[*yang.When]*Program{}
	for _, n := range s.Nodes {
		if n.IsData() {
			errs = append(errs, m.compileWhens(n, programs), m.compileRefs(n))
		}
	}
	for _, n := range s.Nodes {
		if info := &m.nodes[n.ID]; len(info.whens) > 0 || n.Case != nil {
			info.conditional = true
		}
	}
	return m, errors.Join(errs...)
}

// Schema is the schema the model was made from.
func (m *Model) Schema() *yang.Schema { return m.schema }

// stand prepares the nodes that stand for absent instances of n.
func (m *Model) stand(n *yang.Node) {
	info := &m.nodes[n.ID]
	switch n.Kind {
	case yang.Leaf, yang.LeafList:
		info.virtual = tree.DefaultLeaf(n)
		info.dummy = tree.NewLeaf(n, yang.Value{})
	case yang.Container, yang.List:
		info.dummy = tree.New(n).Root()
		if n.Kind == yang.Container && !n.Presence {
			info.virtual = []*tree.Node{info.dummy}
		}
	case yang.AnyData, yang.AnyXML:
		info.dummy = tree.NewAny(n, &tree.Any{})
	}
	for c := n.Case; c != nil && n.IsData(); c = OuterCase(c) {
		m.nodes[c.ID].cases = append(m.nodes[c.ID].cases, n)
	}
}

// OuterCase is the case that the choice of c stands in, or nil.
func OuterCase(c *yang.Node) *yang.Node {
	if p := c.Parent.Parent; p != nil && p.Kind == yang.Case {
		return p
	}
	return nil
}

// compileWhens compiles what n depends on, up to the next data node.
func (m *Model) compileWhens(n *yang.Node, done map[*yang.When]*Program) error {
	var errs []error
	for s := n; s != nil && (s == n || s.Kind == yang.Choice || s.Kind == yang.Case); s = s.Parent {
		for _, w := range s.Whens {
			p := done[w]
			if p == nil {
				ctx := n
				if w.OnParent {
					ctx = n.DataParent
				}
				var err error
				if p, err = m.Compile(w.XPath, ctx); err != nil {
					errs = append(errs, located(s, "when", err))
					continue
				}
				done[w] = p
			}
			m.nodes[n.ID].whens = append(m.nodes[n.ID].whens, when{p, w.OnParent, s})
		}
	}
	return errors.Join(errs...)
}

// compileRefs compiles the leafrefs of n, for deref().
func (m *Model) compileRefs(n *yang.Node) error {
	if n.Type == nil {
		return nil
	}
	var errs []error
	for _, t := range leafrefs(n.Type) {
		p, err := m.reference(t, n)
		if err != nil {
			errs = append(errs, located(n, "path", err))
			continue
		}
		m.nodes[n.ID].refs = append(m.nodes[n.ID].refs, p)
	}
	return errors.Join(errs...)
}

func located(n *yang.Node, statement string, err error) error {
	return fmt.Errorf("%s:%d: %s of %s: %w", n.File, n.Line, statement, n.SchemaPath(), err)
}

// Whens are the compiled when expressions that n is subject to: its own and those
// of the choices and cases it stands in.
func (m *Model) Whens(n *yang.Node) []*Program {
	var l []*Program
	for _, w := range m.nodes[n.ID].whens {
		l = append(l, w.program)
	}
	return l
}

// CaseNodes are the data nodes of a case, those of nested choices included.
func (m *Model) CaseNodes(c *yang.Node) []*yang.Node { return m.nodes[c.ID].cases }

// Selected tells whether a node of the case is stored below n.
func (m *Model) Selected(n *tree.Node, c *yang.Node) bool {
	for _, s := range m.nodes[c.ID].cases {
		if n.Has(s) {
			return true
		}
	}
	return false
}

// CaseInUse tells whether defaults in the case are in use below n: a node of it
// is stored, or it is the default case and no node of another case is, and the
// same holds for the case around its choice (RFC 7950 Sections 7.6.1 and 7.9.3).
func (m *Model) CaseInUse(n *tree.Node, c *yang.Node) bool {
	choice := c.Parent
	for _, other := range choice.Children {
		if other != c && m.Selected(n, other) {
			return false
		}
	}
	if m.Selected(n, c) {
		return true
	}
	if choice.DefaultCase != c {
		return false
	}
	outer := OuterCase(c)
	return outer == nil || m.CaseInUse(n, outer)
}
