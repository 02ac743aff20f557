package validate

import (
	"slices"

	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// dependencies tell what a change can invalidate besides what it touches itself.
type dependencies struct {
	// below has, at the ID of a schema node, the rules that see nothing outside
	// the instance of it that they stand in, and nothing narrower would do.
	below [][]*dependent
}

// dependent is a rule of host that other nodes can invalidate.
type dependent struct {
	host *yang.Node
	top  *yang.Node // it is filed under
	// touched are the schema nodes whose creation, deletion or change matters,
	// gone those of which only the deletion or change of an instance does.
	touched, gone nodeSet
	always        bool // everything matters
	when          bool // the rule is a when expression of host
	stored        bool // only stored instances of host matter
	search        search
	// One of them checks the rule: on one instance of host, or on all below c.
	each func(w *walk, x *xpath.Cursor)
	all  func(w *walk, c *xpath.Cursor)
}

// search tells when instances of a host have to be searched for.
type search uint8

const (
	searchAlways  search = iota
	searchWithout        // an Index: with one, it knows them
	searchWith           // an Index: without one, another dependent of the rule finds them
)

// dependencies collects the rules on configuration.
func (v *Validator) dependencies() *dependencies {
	d := &dependencies{below: make([][]*dependent, len(v.schema.Nodes))}
	v.collect(d, v.schema.Root)
	return d
}

func (v *Validator) collect(d *dependencies, p *yang.Node) {
	for i := range v.rules[p.ID].choices {
		ch := &v.rules[p.ID].choices[i]
		for _, x := range ch.whens {
			d.add(v, v.program(p, x.program, x.source.XPath, p),
				&dependent{each: func(w *walk, x *xpath.Cursor) { w.choices(x, []choice{*ch}) }})
		}
	}
	for _, s := range v.rules[p.ID].checked {
		r := v.rules[s.ID]
		for _, m := range r.musts {
			d.add(v, v.program(s, m.program, m.source.XPath, s),
				&dependent{each: func(w *walk, x *xpath.Cursor) { w.musts(x, []must{m}) }})
		}
		for _, x := range r.whens {
			ctx := s
			if x.source.OnParent {
				ctx = s.DataParent
			}
			d.add(v, v.program(s, x.program, x.source.XPath, ctx),
				&dependent{when: true, all: func(w *walk, c *xpath.Cursor) { w.whenChanged(c, s) }})
		}
		for i := range r.uniques {
			q := &r.uniques[i]
			d.add(v, v.uniqueScope(s, q), &dependent{
				search: indexedBy(q.column), all: func(w *walk, c *xpath.Cursor) { w.unique(c, s, q) },
			})
		}
		if r.refs != nil {
			v.collectReferences(d, s, r.refs)
		}
		v.collect(d, s)
	}
}

func indexedBy(k *column) search {
	if k == nil {
		return searchAlways
	}
	return searchWithout
}

func (v *Validator) collectReferences(d *dependencies, s *yang.Node, refs *reference) {
	each := func(w *walk, x *xpath.Cursor) { w.reference(x, refs) }
	for _, m := range refs.members {
		switch {
		case m.instance:
			d.add(v, scope{host: s, always: true}, &dependent{search: indexedBy(m.hosts), each: each})
		case m.leafref != nil && m.leafref.program != nil:
			d.add(v, v.program(s, m.leafref.program, m.leafref.xpath, s), &dependent{search: indexedBy(m.leafref.targets), each: each})
			if m.leafref.targets != nil {
				d.add(v, m.leafref.reads, &dependent{search: searchWith, each: each})
			}
		case m.leafref != nil:
			d.add(v, v.leafrefScope(s, m.leafref), &dependent{search: indexedBy(m.leafref.targets), each: each})
		}
	}
}

// add files the rule under the node that s reaches up to.
func (d *dependencies) add(v *Validator, s scope, k *dependent) {
	s.close(v)
	if k.all != nil {
		s.reach = min(s.reach, depth(s.host)-1)
	}
	k.host, k.always = s.host, s.always
	k.stored = k.each != nil && !standsIn(s.host)
	k.touched, k.gone = newNodeSet(v.schema), newNodeSet(v.schema)
	for _, n := range s.touched {
		k.touched.add(n)
	}
	for _, n := range s.gone {
		k.gone.add(n)
	}
	top := s.host
	for depth(top) > s.reach {
		top = top.DataParent
	}
	if top.IsLeafy() {
		return // only the leaf itself matters, which is checked when it changes
	}
	k.top = top
	d.below[top.ID] = append(d.below[top.ID], k)
}

// concerned tells whether what t has recorded can invalidate the rule.
func (k *dependent) concerned(t *touch) bool {
	return k.always || k.touched.intersects(t.touched) || k.gone.intersects(t.gone)
}

// way leads from below the ancestor top down to host.
func (k *dependent) way(top *yang.Node) (way []*yang.Node) {
	for n := k.host; n != top; n = n.DataParent {
		way = append(way, n)
	}
	slices.Reverse(way)
	return way
}

// nodeSet is a set of schema nodes, a bit for each ID.
type nodeSet []uint64

func newNodeSet(s *yang.Schema) nodeSet { return make(nodeSet, len(s.Nodes)/64+1) }

func (b nodeSet) add(n *yang.Node) { b[n.ID/64] |= 1 << (n.ID % 64) }

func (b nodeSet) has(n *yang.Node) bool { return b[n.ID/64]&(1<<(n.ID%64)) != 0 }

func (b nodeSet) addAll(o nodeSet) {
	for i := range b {
		b[i] |= o[i]
	}
}

func (b nodeSet) intersects(o nodeSet) bool {
	for i := range b {
		if b[i]&o[i] != 0 {
			return true
		}
	}
	return false
}
