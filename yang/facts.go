package yang

import (
	"cmp"
	"slices"
	"strings"
)

// Facts are the facts of a module, one a line, sorted: what the module and its
// schema say apart from prose. A line is "KIND<tab>key<tab>attribute…"; the kinds
// are M module, F feature, I identity, X extension, S annotation, T typedef, G
// grouping node, N schema node and D deviation. Two texts of a module that give
// the same facts define the same. nil for a module that is not loaded.
func (s *Schema) Facts(module string) []string {
	m := s.Module(module)
	if m == nil {
		return nil
	}
	c := s.compiler
	c.mu.Lock() // compiling an expression for a fact is cached
	defer c.mu.Unlock()
	w := &factWriter{c: c}
	w.module(m)
	w.definitions(m)
	for _, n := range slices.Concat(m.Data, m.RPCs, m.Notifications, m.Structures) {
		w.node(n, 0, false)
	}
	for _, n := range s.augmenting(m) {
		w.node(n.n, n.position, n.ordered)
	}
	for _, d := range m.Deviations {
		w.add('D', d.Target, append([]string{d.Kind}, d.Props...)...)
	}
	return w.lines()
}

// fact is one line.
type fact struct {
	kind       byte
	key        string
	attributes []string
}

// factWriter collects the facts of one module.
type factWriter struct {
	c     *compiler
	facts []fact
}

func (w *factWriter) add(kind byte, key string, attributes ...string) {
	w.facts = append(w.facts, fact{kind, key, attributes})
}

const factKinds = "MFIXSTGND"

// lines sorts by kind, then by key so that children follow their parent.
func (w *factWriter) lines() []string {
	sortKey := func(f fact) string { return strings.ReplaceAll(f.key, "/", "\x01") }
	slices.SortStableFunc(w.facts, func(a, b fact) int {
		return cmp.Or(
			cmp.Compare(strings.IndexByte(factKinds, a.kind), strings.IndexByte(factKinds, b.kind)),
			cmp.Compare(sortKey(a), sortKey(b)), slices.Compare(a.attributes, b.attributes))
	})
	out := make([]string, len(w.facts))
	for i, f := range w.facts {
		out[i] = strings.Join(append([]string{string(f.kind), f.key}, f.attributes...), "\t")
	}
	return out
}

// module adds the facts of the module itself and of what it names at its top.
func (w *factWriter) module(m *Module) {
	a := []string{"revision=" + m.Revision, "namespace=" + m.Namespace, "prefix=" + m.Prefix, "yang-version=" + m.YANGVersion}
	var imports []string
	for _, i := range m.Imports {
		name := "import=" + i.Module
		if i.Revision != "" {
			name += "@" + i.Revision
		}
		imports = append(imports, name)
	}
	slices.Sort(imports)
	a = append(a, slices.Compact(imports)...)
	for _, s := range m.Submodules {
		a = append(a, "include="+s.Name+"@"+s.Revision)
	}
	w.add('M', m.Name, a...)
	for _, f := range m.Features {
		if f.Enabled {
			w.add('F', m.Name+":"+f.Name, append(conditionFact(f.IfFeatures), statusFact(f.Status)...)...)
		}
	}
	for _, i := range m.Identities {
		if !i.Enabled {
			continue
		}
		var bases []string
		for _, b := range i.Bases {
			bases = append(bases, "base="+b.String())
		}
		slices.Sort(bases)
		w.add('I', i.String(), slices.Concat(bases, conditionFact(i.IfFeatures), statusFact(i.Status))...)
	}
	for _, e := range m.Extensions {
		var a []string
		if e.Argument != "" {
			a = []string{"argument=" + e.Argument}
		}
		w.add('X', m.Name+":"+e.Name, append(a, statusFact(e.Status)...)...)
	}
	for _, s := range m.Annotations {
		a := []string{"type=" + w.typeText(s.info, m.Name, false)}
		w.add('S', m.Name+":"+s.Name, slices.Concat(a, conditionFact(s.IfFeatures), statusFact(s.Status))...)
	}
}

// conditionFact is the if-feature attribute, if any.
func conditionFact(texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	l := slices.Sorted(slices.Values(texts))
	return []string{"if-feature=" + strings.Join(slices.Compact(l), " ; ")}
}

var statusNames = [...]string{Current: "current", Deprecated: "deprecated", Obsolete: "obsolete"}

// String is the YANG keyword.
func (s Status) String() string { return statusNames[s] }

// statusFact is the status attribute, if any.
func statusFact(s Status) []string {
	if s == Current {
		return nil
	}
	return []string{"status=" + s.String()}
}
