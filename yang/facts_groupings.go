package yang

import (
	"slices"
	"strconv"
	"strings"
)

// definition is a typedef or grouping as facts show it, those inside other
// statements included.
type definition struct {
	key string // "module:outer!name"
	st  *stmt
}

// holders are the statements that may hold typedefs and groupings.
var holders = map[string]bool{
	"container": true, "list": true, "leaf": true, "leaf-list": true, "choice": true, "anydata": true, "anyxml": true, "case": true,
	"rpc": true, "action": true, "notification": true, "input": true, "output": true, "augment": true,
}

// readScopes lists the typedefs and groupings below s in m.
func (m *Module) readScopes(s *stmt, prefix string) {
	for _, sub := range s.subs {
		switch {
		case sub.kw == "typedef":
			m.typedefs = append(m.typedefs, &definition{prefix + sub.arg, sub})
		case sub.kw == "grouping":
			m.groupings = append(m.groupings, &definition{prefix + sub.arg, sub})
			m.readScopes(sub, prefix+sub.arg+"!")
		case holders[sub.kw]:
			name := sub.arg
			if name == "" {
				name = sub.kw
			}
			m.readScopes(sub, prefix+strings.ReplaceAll(name, "/", ".")+"!")
		}
	}
}

// definitions adds the typedefs and groupings of m.
func (w *factWriter) definitions(m *Module) {
	for _, d := range m.typedefs {
		info := w.c.typeOf(d.st.one("type"))
		a := []string{"type=" + w.typeText(info, "", true)}
		units := d.st.value("units")
		if units == "" {
			units = info.t.Units
		}
		if units != "" {
			a = append(a, "units="+units)
		}
		if s := d.st.one("default"); s != nil {
			a = append(a, "default="+defaultText(info, s))
		}
		var exts []string
		for _, s := range d.st.subs {
			if e := w.c.extensionOf(s); e != nil {
				exts = append(exts, "ext="+extText(e, s.arg, s.hasArg))
			}
		}
		slices.Sort(exts)
		w.add('T', d.key, slices.Concat(a, exts, statusFact(statusOf(d.st)))...)
	}
	for _, d := range m.groupings {
		w.add('G', d.key, append([]string{"grouping"}, statusFact(statusOf(d.st))...)...)
		w.drafts(w.c.template(d.st), d.key, false)
	}
}

// drafts adds the nodes below d, which a grouping holds when all it uses is
// written out.
func (w *factWriter) drafts(d *draft, path string, ordered bool) {
	i := 0
	for _, k := range d.kids {
		if !k.isOn() {
			continue
		}
		f := w.draftFacts(k)
		i++
		if ordered {
			f.position = i
		}
		key := path + "/" + k.name
		w.add('G', key, f.attributes()...)
		w.drafts(k, key, ordered || k.kind == Input || k.kind == Output)
	}
}

// draftFacts reads the attributes of a node of a grouping. What depends on
// where the grouping is used is left open: only a config statement of its own
// counts, and all prefixes of expressions are kept.
func (w *factWriter) draftFacts(d *draft) nodeFacts {
	f := nodeFacts{
		kind: d.kind, presence: d.props["presence"] != nil, units: d.prop("units"), mandatory: d.prop("mandatory") == "true",
		byUser: d.prop("ordered-by") == "user",
	}
	f.min, _ = strconv.ParseUint(d.prop("min-elements"), 10, 64)
	f.max, _ = strconv.ParseUint(d.prop("max-elements"), 10, 64)
	if d.status != nil {
		f.status = statusOf(&stmt{subs: []*stmt{d.status}})
	}
	if s := d.props["config"]; s != nil {
		f.config = map[string]string{"true": "rw", "false": "ro"}[s.arg]
	}
	info := w.c.typeOf(d.props["type"])
	if info != nil {
		f.typ = w.typeText(info, "", false)
		if f.units == "" {
			f.units = info.t.Units
		}
	}
	f.readDefaults(d, info)
	for _, k := range strings.Fields(d.prop("key")) {
		f.key = strings.TrimLeft(f.key+" "+k[strings.LastIndexByte(k, ':')+1:], " ")
	}
	for _, s := range slices.SortedStableFunc(slices.Values(d.uniques), func(a, b *stmt) int { return strings.Compare(a.arg, b.arg) }) {
		f.uniques = append(f.uniques, w.c.canonicalUnique(s, ""))
	}
	for _, k := range d.ifs {
		f.ifFeatures = append(f.ifFeatures, k.text)
	}
	w.draftXPaths(&f, d)
	for _, s := range d.exts {
		if e := w.c.extensionOf(s); e != nil {
			f.exts = append(f.exts, extText(e, s.arg, s.hasArg))
		}
	}
	return f
}

// draftXPaths reads the when and must expressions.
func (w *factWriter) draftXPaths(f *nodeFacts, d *draft) {
	for _, u := range d.whens {
		x := w.c.xpath(u.st, nil)
		if x == nil {
			continue
		}
		if u.parent {
			f.parentWhens = append(f.parentWhens, x.Canonical(""))
		} else {
			f.whens = append(f.whens, x.Canonical(""))
		}
	}
	for _, m := range d.musts {
		if x := w.c.xpath(m, nil); x != nil {
			f.musts = append(f.musts, mustFact{x.Canonical(""), m.value("error-app-tag")})
		}
	}
}
