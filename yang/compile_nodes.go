package yang

import (
	"slices"
	"strings"
)

// draft is a schema node under construction, still made of statements: uses,
// augments, refines and deviations change it before it becomes a Node.
type draft struct {
	kind   Kind
	name   string
	unit   *unit // owns the namespace
	st     *stmt // where it is defined; nil for the root
	parent *draft
	kids   []*draft
	byName map[draftName]*draft // of kids, once there are many

	props     map[string]*stmt // statements that stand once: config, mandatory, type, …
	musts     []*stmt
	whens     []whenUse
	uniques   []*stmt
	defaults  []*stmt
	exts      []*stmt
	ifs       []condition
	implicit  bool // case of a shorthand, or input and output without a statement
	removed   bool // by a deviation
	augmented bool // put there by an augment of a module
	status    *stmt
}

type draftName struct {
	unit *unit
	name string
}

// whenUse is a when statement and where it stands.
type whenUse struct {
	st *stmt
	// parent tells that it came from a uses or augment: its context is the parent.
	parent bool
	// scope owns names without prefix: for a when of an augment the module of
	// the target (RFC 7950 Section 6.4.1), else nil for the node's own.
	scope *unit
}

// nodeKinds are the statements that make schema nodes.
var nodeKinds = map[string]Kind{
	"container": Container, "leaf": Leaf, "leaf-list": LeafList, "list": List, "choice": Choice, "case": Case,
	"anydata": AnyData, "anyxml": AnyXML, "rpc": RPC, "action": Action, "input": Input, "output": Output, "notification": Notification,
}

var kindNames = func() map[Kind]string {
	m := map[Kind]string{Root: "root", Structure: "structure"}
	for name, k := range nodeKinds {
		m[k] = name
	}
	return m
}()

// String is the YANG keyword.
func (k Kind) String() string { return kindNames[k] }

// a is the keyword with its article, for messages.
func (k Kind) a() string {
	switch k {
	case Root:
		return "the top level"
	case Action, Input, Output, AnyData, AnyXML, RPC:
		return "an " + k.String()
	}
	return "a " + k.String()
}

// singleProps are the substatements kept in draft.props.
var singleProps = map[string]bool{
	"config": true, "mandatory": true, "min-elements": true, "max-elements": true, "units": true,
	"presence": true, "key": true, "ordered-by": true, "type": true,
}

// manyKids is from how many children on they are found by a map.
const manyKids = 12

// kid is the child of that name, or nil.
func (d *draft) kid(name draftName) *draft {
	if d.byName == nil && len(d.kids) > manyKids {
		d.byName = make(map[draftName]*draft, len(d.kids))
		for _, k := range d.kids {
			d.byName[draftName{k.unit, k.name}] = k
		}
	}
	if d.byName != nil {
		return d.byName[name]
	}
	for _, k := range d.kids {
		if k.unit == name.unit && k.name == name.name {
			return k
		}
	}
	return nil
}

// adopt adds k below d; the shorthand of a choice gets its case (RFC 7950
// Section 7.9.2).
func (c *compiler) adopt(d, k *draft) {
	if d.kind == Choice && k.kind != Case {
		w := &draft{kind: Case, name: k.name, unit: k.unit, st: k.st, implicit: true, status: k.status}
		w.kids, k.parent = []*draft{k}, w
		k = w
	}
	if old := d.kid(draftName{k.unit, k.name}); old != nil {
		c.at(k.st, "%q is defined twice below %s, first at %s:%d", k.name, d.where(), old.st.file.path, old.st.line)
		return
	}
	k.parent = d
	d.kids = append(d.kids, k)
	if d.byName != nil {
		d.byName[draftName{k.unit, k.name}] = k
	}
}

// where names the draft in messages, by its schema path.
func (d *draft) where() string {
	var names []string
	for n := d; n != nil && n.name != ""; n = n.parent {
		name := n.name
		if n.parent == nil || n.parent.unit != n.unit {
			name = n.unit.mod.Name + ":" + name
		}
		names = append(names, name)
	}
	slices.Reverse(names)
	if len(names) == 0 {
		if d.st != nil && d.st.kw != "module" {
			return d.st.title()
		}
		return "the top level"
	}
	return "/" + strings.Join(names, "/")
}

// room counts n more drafts and tells whether they are within bounds.
func (c *compiler) room(n int, s *stmt) bool {
	if c.shapes > maxNodes {
		return false
	}
	if c.shapes += n; c.shapes > maxNodes {
		c.at(s, "the schema has more than %d nodes", maxNodes)
		return false
	}
	return true
}

// expand adds the definitions of s below d.
func (c *compiler) expand(d *draft, s *stmt) {
	for _, sub := range s.subs {
		switch {
		case sub.kw == "uses":
			c.use(d, sub)
		case isDefinition[sub.kw]:
			if k := c.draftOf(sub, d.unit); k != nil {
				c.adopt(d, k)
			}
		}
	}
}

// draftOf makes the draft of a definition statement and all below it.
func (c *compiler) draftOf(s *stmt, u *unit) *draft {
	if !c.room(1, s) {
		return nil
	}
	d := &draft{kind: nodeKinds[s.kw], name: s.arg, unit: u, st: s}
	if !s.hasArg {
		d.name = s.kw // input, output
	}
	c.readProps(d, s)
	if d.kind != RPC && d.kind != Action {
		c.expand(d, s)
		return d
	}
	for _, kw := range []string{"input", "output"} {
		var k *draft
		if io := s.one(kw); io != nil {
			k = c.draftOf(io, u)
		} else {
			k = &draft{kind: nodeKinds[kw], name: kw, unit: u, st: s, implicit: true}
		}
		if k != nil {
			c.adopt(d, k)
		}
	}
	return d
}

// readProps reads the substatements of s that are properties of d.
func (c *compiler) readProps(d *draft, s *stmt) {
	for _, sub := range s.subs {
		switch sub.kw {
		case "must":
			d.musts = append(d.musts, sub)
		case "when":
			d.whens = append(d.whens, whenUse{st: sub})
		case "unique":
			d.uniques = append(d.uniques, sub)
		case "default":
			d.defaults = append(d.defaults, sub)
		case "if-feature":
			d.ifs = append(d.ifs, c.conditionOf(sub))
		case "status":
			d.status = sub
		default:
			if singleProps[sub.kw] {
				d.set(sub.kw, sub)
			} else if _, _, ok := sub.extension(); ok {
				d.exts = append(d.exts, sub)
			}
		}
	}
}

// set gives d a property; the map may be shared with copies, so it is replaced.
func (d *draft) set(kw string, s *stmt) {
	props := make(map[string]*stmt, len(d.props)+1)
	for k, v := range d.props {
		props[k] = v
	}
	props[kw] = s
	d.props = props
}

// unset takes a property away.
func (d *draft) unset(kw string) {
	d.set(kw, nil)
	delete(d.props, kw)
}

// prop is the argument of a property, "" without it.
func (d *draft) prop(kw string) string {
	if s := d.props[kw]; s != nil {
		return s.arg
	}
	return ""
}

// copy copies d and all below it into the namespace of u.
func (d *draft) copy(u *unit) *draft {
	k := *d
	k.unit, k.parent, k.byName = u, nil, nil
	k.musts, k.whens, k.uniques = slices.Clip(k.musts), slices.Clip(k.whens), slices.Clip(k.uniques)
	k.defaults, k.exts, k.ifs = slices.Clip(k.defaults), slices.Clip(k.exts), slices.Clip(k.ifs)
	k.kids = make([]*draft, len(d.kids))
	for i, kid := range d.kids {
		k.kids[i] = kid.copy(u)
		k.kids[i].parent = &k
	}
	return &k
}

// size is the number of drafts below d.
func (d *draft) size() int {
	n := len(d.kids)
	for _, k := range d.kids {
		n += k.size()
	}
	return n
}

// isOn tells whether the conditions of the node itself hold.
func (d *draft) isOn() bool {
	return !d.removed && !slices.ContainsFunc(d.ifs, func(k condition) bool { return !k.on })
}
