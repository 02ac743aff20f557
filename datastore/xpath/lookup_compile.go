package xpath

import (
	"slices"
	"strconv"

	"github.com/altoam/altoam/yang"
)

// keyLookup tells whether the first predicates, up to one that counts positions,
// give every key of the list, or the value of the leaf-list, independently of the
// entry: by literals, or by paths from the root, current() or the entry's parent.
// It returns where the keys come from and the other predicates. Only what is used
// of the predicates is compiled.
func (k *compiler) keyLookup(list *yang.Node, preds []yang.Expr) ([]source, []yang.Expr, error) {
	if list.Kind == yang.List && len(list.Keys) == 0 || list.Kind == yang.LeafList && !list.Config {
		return nil, preds, nil
	}
	values := make([][]yang.Expr, max(len(list.Keys), 1))
	given := 0
	var rest []yang.Expr
	flat := conjuncts(preds)
	for i, x := range flat {
		if mayCount(x) {
			rest = append(rest, flat[i:]...)
			break
		}
		at, l := keyValues(list, x)
		if at < 0 || values[at] != nil {
			rest = append(rest, x)
			continue
		}
		values[at] = l
		given++
	}
	if given < len(values) {
		return nil, preds, nil
	}
	keys := make([]source, len(values))
	for i, l := range values {
		for _, x := range l {
			c, err := k.expr(x, types{nodes: []*yang.Node{k.parentOf(list)}})
			if err != nil {
				return nil, nil, err
			}
			k.readsBelow(c)
			keys[i].or = append(keys[i].or, source{text: c.text, set: c.set})
		}
		if len(l) == 1 {
			keys[i] = keys[i].or[0]
		}
	}
	k.reads(types{nodes: list.Keys})
	return keys, rest, nil
}

// keyValues reads x as "key = value", "value = key", or several of them for the
// same key with "or" between. It returns the key's place, -1 when x is something
// else, and the values as they are written when seen from the entry's parent.
func keyValues(list *yang.Node, x yang.Expr) (at int, values []yang.Expr) {
	b, ok := x.(*yang.BinaryExpr)
	switch {
	case !ok:
	case b.Op == yang.OpOr:
		at, values = keyValues(list, b.L)
		if other, more := keyValues(list, b.R); at >= 0 && other == at {
			return at, append(values, more...)
		}
	case b.Op == yang.OpEq:
		value := b.R
		if at = keyStep(list, b.L); at < 0 {
			at, value = keyStep(list, b.R), b.L
		}
		if at < 0 {
			break
		}
		key := list
		if list.Kind == yang.List {
			key = list.Keys[at]
		}
		if value, ok = keyText(key.Type, value); ok {
			return at, []yang.Expr{value}
		}
	}
	return -1, nil
}

// keyText writes value, seen from the entry's parent, so that its text is that of
// a key of type t; ok is false when comparing texts would be something else.
func keyText(t *yang.Type, value yang.Expr) (x yang.Expr, ok bool) {
	for t.Base == yang.LeafRef && t.Target != nil {
		t = t.Target.Type
	}
	switch x := value.(type) {
	case yang.NumberExpr:
		// Above that, several integers are one number.
		const exact = 1 << 53
		if !isInteger(t.Base) || x != yang.NumberExpr(int64(x)) || x >= exact {
			return nil, false
		}
		return yang.LiteralExpr(strconv.FormatInt(int64(x), 10)), true
	case yang.NameExpr:
		if t.Base == yang.IdentityRef {
			return yang.LiteralExpr(x.Name), true
		}
		return yang.LiteralExpr(x.Text), !mayBeIdentity(t)
	}
	if !givesTexts(value) {
		return nil, false
	}
	return fromParent(value)
}

func isInteger(b yang.Base) bool {
	switch b {
	case yang.Int8, yang.Int16, yang.Int32, yang.Int64, yang.Uint8, yang.Uint16, yang.Uint32, yang.Uint64:
		return true
	}
	return false
}

func mayBeIdentity(t *yang.Type) bool {
	if t.Base == yang.LeafRef && t.Target != nil {
		return mayBeIdentity(t.Target.Type)
	}
	return t.Base == yang.IdentityRef || slices.ContainsFunc(t.Members, mayBeIdentity)
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

// fromParent writes x so that it has the same value when the context node is the
// parent; ok is false when the context node itself, position or size matter.
func fromParent(x yang.Expr) (_ yang.Expr, ok bool) {
	switch x := x.(type) {
	case yang.LiteralExpr, yang.NumberExpr, yang.NameExpr:
		return x, true
	case *yang.NegateExpr:
		of, ok := fromParent(x.X)
		return &yang.NegateExpr{X: of}, ok
	case *yang.BinaryExpr:
		l, ok1 := fromParent(x.L)
		r, ok2 := fromParent(x.R)
		return &yang.BinaryExpr{Op: x.Op, L: l, R: r}, ok1 && ok2
	case *yang.PathExpr:
		return pathFromParent(x)
	case *yang.CallExpr:
		if x.Name == "position" || x.Name == "last" || len(x.Args) == 0 && functions[x.Name].context {
			return nil, false
		}
		out := &yang.CallExpr{Name: x.Name}
		for _, a := range x.Args {
			a, ok := fromParent(a)
			if !ok {
				return nil, false
			}
			out.Args = append(out.Args, a)
		}
		return out, true
	}
	return nil, false
}

func pathFromParent(x *yang.PathExpr) (_ yang.Expr, ok bool) {
	out := *x
	switch {
	case x.Base != nil:
		out.Base, ok = fromParent(x.Base)
		return &out, ok
	case x.Absolute:
		return x, true
	}
	up := &x.Steps[0]
	if up.Axis != yang.AxisParent || up.Test != yang.TestNode || len(up.Preds) > 0 {
		return nil, false
	}
	if out.Steps = x.Steps[1:]; len(out.Steps) == 0 {
		out.Steps = []yang.Step{{Axis: yang.AxisSelf, Test: yang.TestNode}}
	}
	return &out, true
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

// keyStep is the place of the key that x selects from an entry, -1 for none.
func keyStep(list *yang.Node, x yang.Expr) int {
	p, ok := x.(*yang.PathExpr)
	if !ok || p.Base != nil || p.Absolute || len(p.Steps) == 0 {
		return -1
	}
	steps := p.Steps
	if len(steps) == 2 && isSelf(&steps[0]) { // "./key"
		steps = steps[1:]
	}
	s := &steps[0]
	switch {
	case len(steps) != 1 || len(s.Preds) > 0:
		return -1
	case list.Kind == yang.LeafList:
		if isSelf(s) {
			return 0
		}
		return -1
	case s.Axis != yang.AxisChild || s.Test != yang.TestName:
		return -1
	}
	named := func(n *yang.Node) bool { return matches(s, n) }
	if i := slices.IndexFunc(list.Data, named); i < 0 || slices.ContainsFunc(list.Data[i+1:], named) {
		return -1 // a name in any module may be that of several children
	}
	return slices.IndexFunc(list.Keys, named)
}

func isSelf(s *yang.Step) bool {
	return s.Axis == yang.AxisSelf && s.Test == yang.TestNode && len(s.Preds) == 0
}
