package tree

import (
	"cmp"
	"sync"

	"github.com/altoam/altoam/yang"
)

// trimmed is b, of more entries than there are keys, with what r leaves of each, or of
// those with the keys if some is set, made when it is asked for. Only those with the keys
// may be left out.
func (b *body) trimmed(r Reducer, some bool, keys []string) *body {
	drops := func(e *Node) bool { _, keep := r.Into(e); return !keep }
	var mu sync.Mutex // guards own
	own := &room{}
	made := func(e *Node) *Node {
		if !mu.TryLock() {
			return (&room{}).child(e, r)
		}
		defer mu.Unlock()
		return own.child(e, r)
	}
	if !b.list.ranked {
		return &body{list: &entries{sorted: b.list.sorted.showing(&shown[string, *Node]{by: r, some: some, drops: drops, make: made}, keys)}}
	}
	kept := b.without(func(e *Node) *Node {
		switch {
		case drops(e):
			return nil
		case some:
			return made(e)
		}
		return e
	}, keys)
	if some {
		return kept
	}
	l := *kept.list
	l.byRank = l.byRank.showing(&shown[uint64, *Node]{by: r, make: made}, nil)
	return &body{list: &l}
}

// without is b with what each keeps of the entries with the keys.
func (b *body) without(each func(*Node) *Node, keys []string) *body {
	out, owner := b, uint64(0)
	for _, key := range keys {
		e := b.get(key)
		if e == nil {
			continue
		}
		k := each(e)
		if k == e {
			continue
		}
		if out == b {
			owner = owners.Add(1)
			out = (&Node{schema: e.schema, body: b}).copyFor(owner).body
		}
		if k == nil {
			out.delete(owner, key)
		} else {
			out.put(owner, key, k, Position{})
		}
	}
	return out
}

// only is what each keeps of the entries of s with the keys, and nothing else.
func (b *body) only(each func(*Node) *Node, s *yang.Node, keys []string) *body {
	owner := owners.Add(1)
	out := newCollection(owner, s)
	for _, key := range keys {
		if e := b.get(key); e != nil {
			if k := each(e); k != nil {
				out.put(owner, key, k, Position{})
			}
		}
	}
	return out
}

// mapped is b with f of each entry, without those where that is nil.
func (b *body) mapped(f func(*Node) *Node) *body {
	if b.few {
		var kids []*Node
		same := true
		for i, e := range b.kids {
			k := f(e)
			if k == e && same {
				continue
			}
			if same {
				same, kids = false, append(make([]*Node, 0, len(b.kids)), b.kids[:i]...)
			}
			if k != nil {
				kids = append(kids, k)
			}
		}
		if same {
			return b
		}
		return &body{few: true, kids: kids}
	}
	l := *b.list
	if !l.ranked {
		if !reduce(&l.sorted, func(n *onode[string, *Node]) *onode[string, *Node] { return reduceLeaf(n, f) }) {
			return b
		}
		return &body{list: &l}
	}
	owner := owners.Add(1)
	if !reduce(&l.byRank, func(n *onode[uint64, *Node]) *onode[uint64, *Node] {
		return reduceLeaf(n, func(e *Node) *Node {
			k := f(e)
			if k == nil {
				l.byKey.delete(owner, e.Key())
			}
			return k
		})
	}) {
		return b
	}
	return &body{list: &l}
}

// reduce replaces each leaf node by f of it, nil for nothing, and tells whether that
// changed anything. Parts in which nothing changes are shared.
func reduce[K cmp.Ordered](m *ordmap[K, *Node], f func(*onode[K, *Node]) *onode[K, *Node]) bool {
	if m.root == nil {
		return false
	}
	root, dropped := reduceNode(m.root, f)
	if root == m.root {
		return false
	}
	if m.n = m.len() - dropped; root != nil {
		root = root.top()
	}
	m.root = root
	return true
}

// reduceNode returns n itself where nothing changes, and nil where nothing is left.
func reduceNode[K cmp.Ordered](n *onode[K, *Node], f func(*onode[K, *Node]) *onode[K, *Node]) (out *onode[K, *Node], dropped int) {
	if n.leaf() {
		if out = f(n); out == nil {
			return nil, len(n.keys)
		}
		return out, len(n.keys) - len(out.keys)
	}
	out = n
	for i := range n.kids {
		c := n.at(i)
		k, d := reduceNode(c, f)
		if dropped += d; k == c && out == n {
			continue
		}
		if out == n {
			out = &onode[K, *Node]{
				keys: append(make([]K, 0, len(n.keys)), n.keys[:i]...), kids: make([]*onode[K, *Node], 0, len(n.kids)),
			}
			for j := range i {
				out.kids = append(out.kids, n.at(j))
			}
		}
		if k != nil {
			out.keys, out.kids = append(out.keys, n.keys[i]), append(out.kids, k)
		}
	}
	if len(out.keys) == 0 {
		return nil, dropped
	}
	return out, dropped
}

// reduceLeaf replaces each value by f of it and drops those where that is nil.
func reduceLeaf[K cmp.Ordered](n *onode[K, *Node], f func(*Node) *Node) *onode[K, *Node] {
	out := n
	for i := range n.vals {
		v := n.val(i)
		k := f(v)
		if k == v && out == n {
			continue
		}
		if out == n {
			out = &onode[K, *Node]{
				keys: append(make([]K, 0, len(n.keys)), n.keys[:i]...), vals: make([]*Node, 0, len(n.vals)),
			}
			for j := range i {
				out.vals = append(out.vals, n.val(j))
			}
		}
		if k != nil {
			out.keys, out.vals = append(out.keys, n.keys[i]), append(out.vals, k)
		}
	}
	if len(out.keys) == 0 {
		return nil
	}
	return out
}
