package xpath

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// source gives the texts that a key may have.
type source struct {
	text textFunc
	set  *nodeset
}

func (s source) texts(e *Env) []string {
	f := frame{at: e.current, pos: 1, size: 1}
	if s.set == nil {
		return []string{s.text(e, f)}
	}
	if s.set.one {
		if c := s.set.first(e, f); c != nil {
			return []string{e.text(c)}
		}
		return nil
	}
	var l []string
	for _, c := range s.set.collect(e, f) {
		l = append(l, e.text(c))
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// oneKey tells whether at most one entry can be found.
func oneKey(l []source) bool {
	return !slices.ContainsFunc(l, func(s source) bool { return s.set != nil && !s.set.one })
}

// keyLookup tells whether the first predicates, up to one that counts positions,
// give every key of the list, or the value of the leaf-list, independently of the
// entry. It returns where the keys come from and the other predicates. Only what
// is used of the predicates is compiled.
func (k *compiler) keyLookup(list *yang.Node, preds []yang.Expr) ([]source, []yang.Expr, error) {
	if list.Kind == yang.List && len(list.Keys) == 0 || list.Kind == yang.LeafList && !list.Config {
		return nil, preds, nil
	}
	values := make([]yang.Expr, max(len(list.Keys), 1))
	given := 0
	var rest []yang.Expr
	flat := conjuncts(preds)
	for i, x := range flat {
		if mayCount(x) {
			rest = append(rest, flat[i:]...)
			break
		}
		at, value := keyEquality(list, x)
		if at < 0 || values[at] != nil || !givesTexts(value) || !independent(value) {
			rest = append(rest, x)
			continue
		}
		values[at] = value
		given++
	}
	if given < len(values) {
		return nil, preds, nil
	}
	keys := make([]source, len(values))
	for i, x := range values {
		c, err := k.expr(x, types{nodes: []*yang.Node{list}})
		if err != nil {
			return nil, nil, err
		}
		k.readsBelow(c)
		keys[i] = source{text: c.text, set: c.set}
	}
	k.reads(types{nodes: list.Keys})
	return keys, rest, nil
}

// givesTexts tells whether x is a string or node-set, which "=" compares by text.
func givesTexts(x yang.Expr) bool {
	switch x := x.(type) {
	case yang.LiteralExpr, *yang.PathExpr:
		return true
	case *yang.BinaryExpr:
		return x.Op == yang.OpUnion
	case *yang.CallExpr:
		switch x.Name {
		case "current", "deref", "id", "string", "concat", "substring", "substring-before", "substring-after",
			"normalize-space", "translate", "name", "local-name", "namespace-uri":
			return true
		}
	}
	return false
}

// independent tells whether x is the same for every context node, position and size.
func independent(x yang.Expr) bool {
	switch x := x.(type) {
	case yang.LiteralExpr, yang.NumberExpr:
		return true
	case *yang.NegateExpr:
		return independent(x.X)
	case *yang.BinaryExpr:
		return independent(x.L) && independent(x.R)
	case *yang.PathExpr:
		return x.Absolute || x.Base != nil && independent(x.Base)
	case *yang.CallExpr:
		if x.Name == "position" || x.Name == "last" || len(x.Args) == 0 && functions[x.Name].context {
			return false
		}
		for _, a := range x.Args {
			if !independent(a) {
				return false
			}
		}
		return true
	}
	return false
}

// conjuncts splits predicates at "and", up to the first that counts positions.
func conjuncts(l []yang.Expr) (out []yang.Expr) {
	for i, x := range l {
		if mayCount(x) {
			return append(out, l[i:]...)
		}
		out = split(out, x)
	}
	return out
}

func split(out []yang.Expr, x yang.Expr) []yang.Expr {
	if b, ok := x.(*yang.BinaryExpr); ok && b.Op == yang.OpAnd && !mayCount(b.L) && !mayCount(b.R) {
		return split(split(out, b.L), b.R)
	}
	return append(out, x)
}

// keyEquality reads x as "key = value" or "value = key" and returns the key's
// place, -1 when it is something else.
func keyEquality(list *yang.Node, x yang.Expr) (at int, value yang.Expr) {
	b, ok := x.(*yang.BinaryExpr)
	if !ok || b.Op != yang.OpEq {
		return -1, nil
	}
	if at = keyStep(list, b.L); at >= 0 {
		return at, b.R
	}
	return keyStep(list, b.R), b.L
}

// keyStep is the place of the key that x selects from an entry, -1 for none.
func keyStep(list *yang.Node, x yang.Expr) int {
	p, ok := x.(*yang.PathExpr)
	if !ok || p.Base != nil || p.Absolute || len(p.Steps) != 1 || len(p.Steps[0].Preds) > 0 {
		return -1
	}
	s := &p.Steps[0]
	if list.Kind == yang.LeafList {
		if s.Axis == yang.AxisSelf && s.Test == yang.TestNode {
			return 0
		}
		return -1
	}
	if s.Axis != yang.AxisChild || s.Test != yang.TestName {
		return -1
	}
	named := func(n *yang.Node) bool { return matches(s, n) }
	if i := slices.IndexFunc(list.Data, named); i < 0 || slices.ContainsFunc(list.Data[i+1:], named) {
		return -1 // a name in any module may be that of several children
	}
	return slices.IndexFunc(list.Keys, named)
}

// find passes on the entries below c that the look-up leads to.
func (st *step) find(e *Env, c *Cursor, next walker, out *sink) bool {
	if len(st.lookup) == 1 {
		for _, text := range st.lookup[0].texts(e) {
			if !st.findKey(e, c, text, next, out) {
				return false
			}
		}
		return true
	}
	choices := make([][]string, len(st.lookup))
	for i, s := range st.lookup {
		if choices[i] = s.texts(e); len(choices[i]) == 0 {
			return e.charge(1)
		}
	}
	key := make([]yang.Value, len(choices))
	return st.findEach(e, c, choices, key, 0, next, out)
}

// findEach tries all combinations of key texts.
func (st *step) findEach(e *Env, c *Cursor, choices [][]string, key []yang.Value, i int, next walker, out *sink) bool {
	if i == len(choices) {
		return st.findKey(e, c, tree.KeyOf(key...), next, out)
	}
	for _, text := range choices[i] {
		v, err := anyText.Parse(text, nil)
		if err != nil {
			continue // no YANG value has such a text
		}
		key[i] = v
		if !st.findEach(e, c, choices, key, i+1, next, out) {
			return false
		}
	}
	return true
}

// anyText makes values of texts for KeyOf, which depends on the texts only.
var anyText = &yang.Type{Base: yang.String}

func (st *step) findKey(e *Env, c *Cursor, key string, next walker, out *sink) bool {
	if !e.charge(1) {
		return false
	}
	n := c.node.Entry(st.list, key)
	return n == nil || st.offerNode(e, n, c, false, next, out)
}
