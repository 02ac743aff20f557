package xpath

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// Program is a compiled expression. It is immutable and safe for concurrent use,
// each goroutine with an Env of its own.
type Program struct {
	text     string
	model    *Model
	code     code
	deps     []*yang.Node // sorted by ID
	unknown  bool         // reads nodes that are not known
	warnings []string
}

// Compile compiles an expression whose context nodes are instances of ctx; nil
// when they are not known. Variables and unknown functions are errors: the set of
// variable bindings is empty (RFC 7950 Section 6.4.1).
func (m *Model) Compile(x *yang.XPath, ctx *yang.Node) (*Program, error) {
	k := newCompiler(m, ctx)
	c, err := k.expr(x.Expr, k.context)
	if err != nil {
		return nil, err
	}
	return k.program(x.Text, c), nil
}

// String is the text of the expression.
func (p *Program) String() string { return p.text }

// Warnings names the steps that can never match in the schema.
func (p *Program) Warnings() []string { return p.warnings }

// IsNodes tells whether the result is a node-set.
func (p *Program) IsNodes() bool { return p.code.kind == kindNodes }

// Bool evaluates p at c and converts the result with boolean().
func (p *Program) Bool(e *Env, c *Cursor) (bool, error) {
	e.begin(c)
	v := p.code.asBool()(e, frame{c, 1, 1})
	return v, e.end(p, c)
}

// Number evaluates p at c and converts the result with number().
func (p *Program) Number(e *Env, c *Cursor) (float64, error) {
	e.begin(c)
	v := p.code.asNumber()(e, frame{c, 1, 1})
	return v, e.end(p, c)
}

// Text evaluates p at c and converts the result with string().
func (p *Program) Text(e *Env, c *Cursor) (string, error) {
	e.begin(c)
	v := p.code.asText()(e, frame{c, 1, 1})
	return v, e.end(p, c)
}

// Nodes evaluates p at c: the selected nodes in document order, none when the
// result is no node-set. Text nodes are given as their leafs.
func (p *Program) Nodes(e *Env, c *Cursor) ([]*Cursor, error) {
	if p.code.kind != kindNodes {
		return nil, nil
	}
	e.begin(c)
	e.arena = arena{} // the result keeps it
	l := p.code.set.collect(e, frame{c, 1, 1})
	e.arena = arena{}
	if err := e.end(p, c); err != nil {
		return nil, err
	}
	for i, x := range l {
		l[i] = x.element()
	}
	return slices.CompactFunc(l, same), nil
}

// Each evaluates p at c and calls do for the nodes that Nodes would return, until
// it returns false or the Env's limits are met: the error then comes after some
// nodes. Where the expression finds the nodes in document order, none are held:
// cursors must not be kept. The Env serves no other evaluation meanwhile.
func (p *Program) Each(e *Env, c *Cursor, do func(*Cursor) bool) error {
	if p.code.kind != kindNodes {
		return nil
	}
	e.begin(c)
	set := p.code.set
	streams := set.ordered && set.unique
	var last *Cursor // a leaf, whose text node may come next; in use again when streams
	set.each(e, frame{c, 1, 1}, func(x *Cursor) bool {
		if x.text && last != nil && (x.parent == last || !streams && same(x.parent, last)) {
			return e.why == running
		}
		last = nil
		if x = x.element(); x.Schema().IsLeafy() {
			last = x
		}
		return e.charge(visitsPerResult) && do(x)
	})
	return e.end(p, c)
}

// visitsPerResult is what the use of a node that was found is charged.
const visitsPerResult = 4

// Depends returns the schema nodes whose instances can change the result, besides
// the context node: when none is created, deleted, changed or moved, and nothing on
// the way to them is, the result stays. Those that make defaults come and go are included: nodes of
// the same choice and what when expressions read. ok is false when they are not
// known, as with deref() of an instance-identifier.
func (p *Program) Depends() (nodes []*yang.Node, ok bool) {
	d := dependencies{model: p.model, seen: map[*yang.Node]bool{}}
	d.program(p)
	return d.sorted(), !d.unknown
}

// dependencies is the closure of what a program reads under what decides whether
// defaults are in use.
type dependencies struct {
	model   *Model
	seen    map[*yang.Node]bool
	unknown bool
}

func (d *dependencies) program(p *Program) {
	d.unknown = d.unknown || p.unknown
	for _, n := range p.deps {
		d.node(n)
	}
}

func (d *dependencies) node(n *yang.Node) {
	if d.seen[n] {
		return
	}
	d.seen[n] = true
	if !n.IsData() || len(d.model.nodes[n.ID].virtual) == 0 {
		return
	}
	for c := n.Case; c != nil; c = OuterCase(c) {
		for _, other := range c.Parent.Children {
			for _, s := range d.model.CaseNodes(other) {
				d.node(s)
			}
		}
	}
	for _, w := range d.model.nodes[n.ID].whens {
		d.program(w.program)
	}
}

func (d *dependencies) sorted() []*yang.Node {
	l := make([]*yang.Node, 0, len(d.seen))
	for n := range d.seen {
		l = append(l, n)
	}
	slices.SortFunc(l, func(a, b *yang.Node) int { return a.ID - b.ID })
	return l
}
