package yang

import (
	"slices"
	"strings"
)

// Augment is what one module adds to one node of another module.
type Augment struct {
	Target *Node
	Nodes  []*Node // children of Target
}

// Augments are what an implemented module adds to other modules, in the order of
// the augment statements in its text; several of them with one target are one
// Augment. Cost is linear in the size of the schema.
func (s *Schema) Augments(module string) []Augment {
	m := s.Module(module)
	if m == nil {
		return nil
	}
	var list []Augment
	for _, p := range s.Nodes {
		if p.Module == nil || p.Module == m {
			continue
		}
		var nodes []*Node
		for _, n := range p.Children {
			if n.Module == m {
				nodes = append(nodes, n)
			}
		}
		if len(nodes) > 0 {
			list = append(list, Augment{p, nodes})
		}
	}
	place := s.augmentPlaces(m)
	slices.SortStableFunc(list, func(a, b Augment) int { return place[a.Target] - place[b.Target] })
	return list
}

// augmentPlaces numbers the targets of the augments of m, from the last one down,
// so that what is not among them comes after: all numbers are negative.
func (s *Schema) augmentPlaces(m *Module) map[*Node]int {
	var targets []*Node
	for _, u := range s.compiler.order {
		if u.mod != m {
			continue
		}
		for _, f := range u.files {
			for _, st := range f.top.subs {
				if n := s.augmentTarget(st); n != nil && !slices.Contains(targets, n) {
					targets = append(targets, n)
				}
			}
		}
	}
	places := map[*Node]int{}
	for i, n := range targets {
		places[n] = i - len(targets)
	}
	return places
}

// augmentTarget finds the node that an augment statement at the top of a module
// adds to; nil for other statements.
func (s *Schema) augmentTarget(st *stmt) *Node {
	path, ok := strings.CutPrefix(st.arg, "/")
	if st.kw != "augment" || !ok {
		return nil
	}
	n := s.Root
	for step := range strings.SplitSeq(path, "/") {
		module, name := st.file.module, step
		if prefix, local, ok := strings.Cut(step, ":"); ok {
			module, _ = st.file.resolver.ModuleOf(prefix)
			name = local
		}
		if n = s.schemaChild(n, module, name); n == nil {
			return nil
		}
	}
	return n
}

// schemaChild finds a child by its name, choices and cases included.
func (s *Schema) schemaChild(n *Node, module, name string) *Node {
	lists := [][]*Node{n.Children}
	if m := s.Module(module); n == s.Root && m != nil {
		lists = [][]*Node{m.Data, m.RPCs, m.Notifications}
	}
	for _, k := range slices.Concat(lists...) {
		if k.Name == name && k.Module.Name == module {
			return k
		}
	}
	return nil
}
