package validate

import (
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// reference is what the values of a leaf or leaf-list refer to: its leafref or
// instance-identifier, or the members of its union.
type reference struct {
	members []member
}

// member is a type of a reference. Only a leafref or instance-identifier that
// requires an instance has to be looked up; others accept by type.
type member struct {
	typ      *yang.Type
	leafref  *leafref
	instance bool
	hosts    *column // of the instance-identifiers
}

// leafref is the way to the values that a leafref may have.
type leafref struct {
	xpath  *yang.XPath
	target *yang.Node
	// Without predicates: so many levels up, or to the root, and then down.
	// Otherwise the program finds the targets.
	absolute bool
	up       int
	down     []*yang.Node
	program  *xpath.Program // also compares with the value
	// The predicates compare keys with what reads says.
	byKeys bool
	reads  scope

	// What an Index knows: all that one leaf can refer to is below one instance of
	// apex; targets is nil where the tree has to be searched.
	apex    *yang.Node
	targets *column
}

// compileReference returns nil where nothing has to exist.
func (v *Validator) compileReference(s *yang.Node) *reference {
	if s.Type == nil {
		return nil
	}
	r := &reference{}
	required := false
	types := []*yang.Type{s.Type}
	for len(types) > 0 {
		t := types[0]
		types = types[1:]
		m := member{typ: t}
		switch {
		case t.Base == yang.Union:
			types = slices.Concat(t.Members, types)
			continue
		case t.Base == yang.LeafRef && t.RequireInstance && t.Target != nil:
			m.leafref = v.compileLeafref(s, t)
		case t.Base == yang.InstanceIdentifier && t.RequireInstance:
			m.instance = true
		}
		required = required || m.leafref != nil || m.instance
		r.members = append(r.members, m)
	}
	if !required {
		return nil
	}
	return r
}

// compileLeafref follows a path that yang.ParseLeafrefPath accepted.
func (v *Validator) compileLeafref(s *yang.Node, t *yang.Type) *leafref {
	path := t.Path.Expr.(*yang.PathExpr)
	l := &leafref{xpath: t.Path, target: t.Target, absolute: path.Absolute}
	at := s
	if path.Absolute {
		at = v.schema.Root
	}
	for _, st := range path.Steps {
		switch {
		case at == nil || len(st.Preds) > 0:
			at = nil
		case st.Axis == yang.AxisParent:
			l.up++
			at = at.DataParent
			if at != nil && (at.Kind == yang.RPC || at.Kind == yang.Action) {
				at = at.DataParent
			}
		default:
			if at = at.Child(st.Module, st.Name); at != nil {
				l.down = append(l.down, at)
			}
		}
		if at == nil {
			break
		}
	}
	l.apex = v.schema.Root
	switch {
	case at != l.target:
		l.down = nil
		l.program = v.leafrefProgram(s, t)
		l.reads, l.byKeys = v.keyReads(s, t)
	case len(l.down) > 0:
		l.apex = l.down[0].DataParent
	}
	return l
}

// reference checks that the leaf at c refers to what exists (RFC 7950 Sections
// 9.9.3 and 9.13): of a union, one member has to accept the value.
func (w *walk) reference(c *xpath.Cursor, r *reference) {
	v := c.Node().Value()
	text := v.String()
	var lacking *member
	for i := range r.members {
		m := &r.members[i]
		if len(r.members) > 1 {
			if _, err := m.typ.Parse(text, yang.JSONResolver{Schema: w.v.schema}); err != nil {
				continue
			}
		}
		if w.exists(c, m, text) {
			return
		}
		if lacking == nil {
			lacking = m
		}
	}
	if lacking != nil {
		w.report(position{at: c, phase: phaseReference}, lacking.missing(c, text))
	}
}

// exists tells whether the instance that text refers to as a value of m exists.
func (w *walk) exists(c *xpath.Cursor, m *member, text string) bool {
	switch {
	case m.leafref != nil:
		return w.refers(c, m.leafref, text)
	case m.instance:
		p, err := tree.ParsePath(w.v.schema, text)
		return err == nil && w.env.Locate(p) != nil
	}
	return true
}

func (m *member) missing(c *xpath.Cursor, text string) *rpcerr.Error {
	path := c.Path().String()
	e := rpcerr.New(rpcerr.DataMissing, path, "%s %s refers to %s, which does not exist", kind(c.Schema()), path, text)
	if m.leafref != nil {
		e = rpcerr.New(rpcerr.DataMissing, path, "%s %s has the value %q, expected that of an existing %s (leafref path %q)",
			kind(c.Schema()), path, text, m.leafref.target.Path(), m.leafref.xpath.Text)
	}
	e.AppTag = rpcerr.AppInstanceRequired
	return e
}

// refers tells whether a target of l, seen from the leaf at c, has that value.
// Where the target is the only key of its list or a leaf-list that is a look-up;
// values across lists are gathered once for each common ancestor.
func (w *walk) refers(c *xpath.Cursor, l *leafref, text string) bool {
	if l.program != nil {
		found, err := l.program.Nodes(w.env, c)
		if err != nil {
			w.fail(position{at: c, phase: phaseReference}, err)
			return true
		}
		return len(found) > 0
	}
	at := w.apex(c, l)
	if at == nil {
		return false
	}
	if w.view != nil && l.targets != nil && l.targets.kept {
		return w.view.any(l.targets, l.targets.key(at, text))
	}
	return w.holds(at, l.down, text)
}

// apex is the node that all targets of the leaf at c are below, nil for none.
func (w *walk) apex(c *xpath.Cursor, l *leafref) *xpath.Cursor {
	at := c
	if l.absolute {
		at = w.env.Root()
	}
	for range l.up {
		if at = at.Parent(); at == nil {
			return nil
		}
	}
	return at
}

// holds tells whether a leaf that down leads to from at has that value.
func (w *walk) holds(at *xpath.Cursor, down []*yang.Node, text string) bool {
	for i, s := range down {
		last := i == len(down)-1
		switch {
		case last && s.Kind == yang.LeafList && at.Node().Has(s):
			if s.Config {
				return at.Node().Entry(s, text) != nil
			}
			return w.gathered(at, down[i:])[text]
		case last && s.Kind == yang.LeafList:
			return w.entry(at, s, text) != nil
		case last:
			x := w.env.Instance(at, s)
			return x != nil && x.Node().Value().String() == text
		case s.Kind == yang.List && i == len(down)-2 && len(s.Keys) == 1 && s.Keys[0] == down[i+1]:
			return at.Node().Entry(s, text) != nil
		case s.Kind == yang.List:
			return w.gathered(at, down[i:])[text]
		}
		if at = w.env.Instance(at, s); at == nil {
			return false
		}
	}
	return false
}

// setKey identifies the values of all instances of a leaf below a node.
type setKey struct {
	target *yang.Node
	at     *tree.Node
}

// gathered are the values of all leafs that down leads to from at.
func (w *walk) gathered(at *xpath.Cursor, down []*yang.Node) map[string]bool {
	key := setKey{down[len(down)-1], at.Node()}
	if set, ok := w.values[key]; ok && !at.Virtual() {
		return set
	}
	set := map[string]bool{}
	w.gather(at, down, set)
	w.values[key] = set
	return set
}

func (w *walk) gather(at *xpath.Cursor, down []*yang.Node, set map[string]bool) {
	if len(down) == 0 {
		set[at.Node().Value().String()] = true
		return
	}
	for x := range w.env.Instances(at, down[0]) {
		if !w.visit() {
			return
		}
		w.gather(x, down[1:], set)
	}
}
