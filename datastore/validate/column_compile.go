package validate

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// wayFrom leads from below the ancestor top down to n.
func wayFrom(n, top *yang.Node) (way []*yang.Node) {
	for ; n != top; n = n.DataParent {
		way = append(way, n)
	}
	slices.Reverse(way)
	return way
}

// compileColumns decides which rules an Index serves: those whose leafs come and
// go with a change of the list entry they stand in.
func (v *Validator) compileColumns() *columns {
	k := &columns{
		at: make([][]*column, len(v.schema.Nodes)), kids: make([][]*yang.Node, len(v.schema.Nodes)),
		conditional: newNodeSet(v.schema), passing: newNodeSet(v.schema), wide: newNodeSet(v.schema),
	}
	v.collectColumns(k, v.schema.Root)
	if len(k.instances) > 0 {
		v.collectPassing(k, v.schema.Root)
	}
	v.link(k, v.schema.Root)
	return k
}

func (v *Validator) collectColumns(k *columns, p *yang.Node) {
	for _, s := range v.rules[p.ID].checked {
		r := &v.rules[s.ID]
		for i := range r.uniques {
			v.uniqueColumn(k, s, &r.uniques[i])
		}
		if r.refs != nil && !v.isWide(s) {
			for i := range r.refs.members {
				v.referenceColumns(k, s, r.refs, &r.refs.members[i])
			}
		}
		v.collectColumns(k, s)
	}
}

func (k *columns) add(c *column) *column {
	c.id = len(k.list)
	k.list = append(k.list, c)
	k.at[c.node.ID] = append(k.at[c.node.ID], c)
	return c
}

func (v *Validator) uniqueColumn(k *columns, list *yang.Node, q *unique) {
	for _, way := range q.ways {
		leaf := way[len(way)-1]
		if v.isWide(leaf) || slices.ContainsFunc(way, func(n *yang.Node) bool { return n.Kind == yang.List }) {
			return
		}
	}
	q.column = k.add(&column{node: list, apex: list.DataParent, unique: q, kept: true})
}

func (v *Validator) referenceColumns(k *columns, s *yang.Node, refs *reference, m *member) {
	switch {
	case m.instance:
		if len(k.instances) == 0 || k.instances[len(k.instances)-1].node != s {
			c := k.add(&column{node: s, apex: v.schema.Root, paths: true, kept: true})
			c.watch = []watch{{refs: refs, hosts: c}}
			k.instances = append(k.instances, c)
		}
		m.hosts = k.instances[len(k.instances)-1]
	case m.leafref != nil:
		l := m.leafref
		if v.isWide(l.target) || l.program != nil && !l.byKeys {
			return
		}
		hosts := k.find(s, l.apex)
		if hosts == nil {
			hosts = k.add(&column{node: s, apex: l.apex, kept: true})
		}
		hosts.kept = true
		l.targets = k.find(l.target, l.apex)
		if l.targets == nil {
			l.targets = k.add(&column{node: l.target, apex: l.apex})
		}
		l.targets.kept = l.targets.kept || l.program == nil && !l.direct()
		l.targets.watch = append(l.targets.watch, watch{l, refs, hosts})
	}
}

// find returns the column of the values of n in that order, or nil.
func (k *columns) find(n, apex *yang.Node) *column {
	for _, c := range k.at[n.ID] {
		if c.apex == apex && c.unique == nil && !c.paths {
			return c
		}
	}
	return nil
}

// direct tells that the tree answers whether a target has a value: it is the only
// key of its list or a leaf-list, and no list is passed on the way.
func (l *leafref) direct() bool {
	for i, s := range l.down {
		last := i == len(l.down)-1
		if s.Kind == yang.List {
			return i == len(l.down)-2 && len(s.Keys) == 1 && s.Keys[0] == l.down[i+1]
		}
		if last && s.Kind == yang.LeafList {
			return s.Config
		}
	}
	return true
}

// entryOf is the list entry or root that n stands in.
func entryOf(n *yang.Node) *yang.Node {
	for n = n.DataParent; n.DataParent != nil && n.Kind != yang.List; n = n.DataParent {
	}
	return n
}

// isConditional tells whether n can come into the accessible tree without being
// stored, and leave it, when nothing but other nodes change.
func (v *Validator) isConditional(n *yang.Node) bool {
	if !standsIn(n) {
		return false
	}
	for _, s := range wayFrom(n, entryOf(n)) {
		if s.Case != nil || len(v.rules[s.ID].whens) > 0 {
			return true
		}
	}
	return false
}

// isWide tells whether nodes outside of its list entry decide that.
func (v *Validator) isWide(n *yang.Node) bool {
	if !v.isConditional(n) {
		return false
	}
	entry := entryOf(n)
	s := scope{host: n, touched: wayFrom(n, entry), reach: depth(entry)}
	s.close(v)
	return s.reach < depth(entry) || s.always && entry.DataParent != nil
}

// collectPassing finds what an instance-identifier can refer to until something
// else changes.
func (v *Validator) collectPassing(k *columns, p *yang.Node) {
	for _, s := range p.Data {
		if !s.Config {
			continue
		}
		switch {
		case v.isWide(s):
			k.wide.add(s)
		case v.isConditional(s) || s.Kind == yang.LeafList && len(s.Defaults) > 0:
			k.passing.add(s)
		}
		v.collectPassing(k, s)
	}
}

// link completes the way to what is known below p and tells whether there is any,
// and whether conditional nodes are among it.
func (v *Validator) link(k *columns, p *yang.Node) (any, conditional bool) {
	for _, s := range p.Data {
		if !s.Config {
			continue
		}
		inside, cond := v.link(k, s)
		if s.Kind == yang.List {
			cond = false
		}
		known := len(k.at[s.ID]) > 0 && s.IsLeafy()
		passing := k.passing.has(s)
		cond = cond || (known || passing) && v.isConditional(s)
		if cond {
			k.conditional.add(s)
		}
		if inside || len(k.at[s.ID]) > 0 || passing {
			k.kids[p.ID] = append(k.kids[p.ID], s)
			any, conditional = true, conditional || cond
		}
	}
	return any, conditional
}

// isNamed tells whether the step is to n.
func isNamed(s *yang.Step, n *yang.Node) bool {
	return s.Name == n.Name && (s.Module == n.Module.Name || s.Module == yang.AnyModule)
}

// keyReads is what the predicates of a leafref path read besides the keys of the
// lists they stand on. ok is false when they compare something else.
func (v *Validator) keyReads(s *yang.Node, t *yang.Type) (out scope, ok bool) {
	out = scope{host: s, reach: depth(s)}
	path := t.Path.Expr.(*yang.PathExpr)
	way := wayFrom(t.Target, v.schema.Root)
	for i := range path.Steps {
		for _, pred := range path.Steps[i].Preds {
			eq := pred.(*yang.BinaryExpr)
			name := eq.L.(*yang.PathExpr).Steps[0]
			j := len(way) - len(path.Steps) + i
			if j < 0 || !slices.ContainsFunc(way[j].Keys, func(n *yang.Node) bool { return isNamed(&name, n) }) {
				return out, false
			}
			x := &yang.XPath{Text: t.Path.Text, Expr: eq.R}
			p, err := v.model.Compile(x, s)
			if err != nil {
				return out, false
			}
			r := v.program(s, p, x, s)
			out.touched = append(out.touched, r.touched...)
			out.reach, out.always = min(out.reach, r.reach), out.always || r.always
		}
	}
	return out, true
}
