package yang

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// augmenting are the nodes of m below nodes of other modules, top ones only,
// with their place among their siblings. A node whose parent is another module's
// is where a walk of that module's tree leaves off.
func (s *Schema) augmenting(m *Module) []placed {
	var list []placed
	for _, n := range s.Nodes {
		p := n.Parent
		if n.Module == m && p != nil && p.Module != nil && p.Module != m {
			list = append(list, placed{n, slices.Index(p.Children, n), p.inOperation()})
		}
	}
	return list
}

type placed struct {
	n        *Node
	position int
	ordered  bool
}

// inOperation tells whether n is or stands below an input or output, where the
// order of children matters.
func (n *Node) inOperation() bool {
	for ; n != nil; n = n.Parent {
		if n.Kind == Input || n.Kind == Output {
			return true
		}
	}
	return false
}

// node adds the facts of n and of all below it that is of the same module.
func (w *factWriter) node(n *Node, position int, ordered bool) {
	if n.Kind == Structure {
		w.add('N', n.SchemaPath(), strings.TrimLeft(n.draft.st.kw[strings.IndexByte(n.draft.st.kw, ':'):], ":"))
	} else {
		f := w.nodeFacts(n)
		if ordered {
			f.position = position + 1
		}
		w.add('N', n.SchemaPath(), f.attributes()...)
	}
	for i, k := range n.Children {
		if k.Module == n.Module {
			w.node(k, i, ordered || n.Kind == Input || n.Kind == Output)
		}
	}
}

// nodeFacts are the attributes of a schema node or of a grouping's node.
type nodeFacts struct {
	kind               Kind
	config             string // "rw", "ro" or none
	presence           bool
	typ, units         string
	defaults           []string
	inherited          []string // default-from-typedef
	mandatory          bool
	key                string
	uniques            []string
	min, max           uint64
	byUser             bool
	ifFeatures         []string
	whens, parentWhens []string
	musts              []mustFact
	exts               []string
	status             Status
	position           int // from 1, 0 for none
}

type mustFact struct{ text, appTag string }

// nodeFacts reads the attributes of a compiled node.
func (w *factWriter) nodeFacts(n *Node) nodeFacts {
	own := n.Module.Name
	f := nodeFacts{
		kind: n.Kind, presence: n.Presence, units: n.Units, mandatory: n.Mandatory, min: n.MinElements, max: n.MaxElements,
		byUser: n.OrderedByUser, ifFeatures: n.IfFeatures,
	}
	if n.draft.status != nil {
		f.status = n.Status
	}
	if (n.IsData() || n.Kind == Choice) && !n.unconfigured() {
		f.config = "ro"
		if n.Config {
			f.config = "rw"
		}
	}
	if n.info != nil {
		f.typ = w.typeText(n.info, own, false)
	}
	f.readDefaults(n.draft, n.info)
	for _, k := range n.Keys {
		f.key = strings.TrimLeft(f.key+" "+k.Name, " ")
	}
	for _, u := range n.Uniques {
		f.uniques = append(f.uniques, u.Text)
	}
	for _, x := range n.Whens {
		if !x.use.parent {
			f.whens = append(f.whens, x.XPath.Canonical(own))
		} else if p := n.Parent.Module; p != nil && x.use.st.parent.kw == "augment" {
			f.parentWhens = append(f.parentWhens, x.XPath.Canonical(p.Name))
		} else {
			f.parentWhens = append(f.parentWhens, x.XPath.Canonical(own))
		}
	}
	for _, m := range n.Musts {
		f.musts = append(f.musts, mustFact{m.XPath.Canonical(own), m.AppTag})
	}
	for _, e := range n.Exts {
		f.exts = append(f.exts, extText(e.Extension, e.Arg, e.HasArg))
	}
	return f
}

// unconfigured tells whether n stands where config has no meaning.
func (n *Node) unconfigured() bool {
	for p := n; p != nil; p = p.Parent {
		switch p.Kind {
		case RPC, Action, Notification, Structure:
			return true
		}
	}
	return false
}

func extText(e *Extension, arg string, hasArg bool) string {
	text := e.Module.Name + ":" + e.Name
	if hasArg {
		text += "(" + arg + ")"
	}
	return text
}

// readDefaults reads the defaults as stated, or that of the typedef.
func (f *nodeFacts) readDefaults(d *draft, info *typeInfo) {
	for _, s := range d.defaults {
		if d.kind == Choice {
			f.defaults = append(f.defaults, s.arg[strings.LastIndexByte(s.arg, ':')+1:])
			break
		}
		f.defaults = append(f.defaults, defaultText(info, s))
	}
	if len(d.defaults) == 0 && info != nil && info.fallback != nil && !f.mandatory && f.min == 0 {
		f.inherited = []string{defaultText(info, info.fallback)}
	}
}

// attributes writes the attributes in the order of facts.
func (f nodeFacts) attributes() []string {
	a := []string{f.kind.String()}
	put := func(name string, values ...string) {
		for _, v := range values {
			if v != "" || name == "default" {
				a = append(a, name+"="+v)
			}
		}
	}
	flag := func(on bool, word string) {
		if on {
			a = append(a, word)
		}
	}
	if f.kind != Choice {
		put("config", f.config)
	}
	flag(f.presence, "presence")
	put("type", f.typ)
	put("units", f.units)
	put("default", f.defaults...)
	put("default-from-typedef", f.inherited...)
	flag(f.mandatory, "mandatory")
	put("key", f.key)
	put("unique", f.uniques...)
	if f.min > 0 {
		put("min", strconv.FormatUint(f.min, 10))
	}
	if f.max > 0 {
		put("max", strconv.FormatUint(f.max, 10))
	}
	flag(f.byUser, "ordered-by=user")
	a = append(a, conditionFact(f.ifFeatures)...)
	put("when", f.whens...)
	slices.Sort(f.parentWhens)
	put("when-parent", f.parentWhens...)
	slices.SortFunc(f.musts, func(x, y mustFact) int {
		return cmp.Or(cmp.Compare(x.text, y.text), cmp.Compare(x.appTag, y.appTag))
	})
	for _, m := range f.musts {
		if m.appTag != "" {
			m.text += " [app-tag " + m.appTag + "]"
		}
		put("must", m.text)
	}
	slices.Sort(f.exts)
	put("ext", f.exts...)
	a = append(a, statusFact(f.status)...)
	if f.position > 0 {
		put("pos", strconv.Itoa(f.position-1))
	}
	return a
}
