// Package diagram draws modules as the tree diagrams of RFC 8340.
package diagram

import (
	"fmt"
	"strings"

	"github.com/altoam/altoam/yang"
)

// Options say how much of a module is drawn. The zero Options draw all of it,
// groupings only where there is nothing else (RFC 8340 Section 3.2).
type Options struct {
	// Depth is how many levels of nodes are drawn; what lies deeper is collapsed
	// to "..." (RFC 8340 Section 2.4). 0 draws all levels.
	Depth int
	// Path is the path of a node as Schema.Find takes it: only that node is
	// drawn, with those above and below it. "" draws everything.
	Path string
	// Groupings draws the module's groupings besides the rest.
	Groupings bool
}

// Module draws one module of a schema: its data nodes, then what it adds to
// other modules, RPCs, notifications, groupings and structures (RFC 8340 Section
// 2). Features that are off have no part in it. Names of nodes, types and
// features of other modules carry the prefix that those modules define for
// themselves; their name stands for it where two modules define the same. The
// error tells that there is no such module, or nothing at the path.
func Module(s *yang.Schema, name string, o Options) (string, error) {
	m := s.Module(name)
	if m == nil {
		return "", fmt.Errorf("module %q is not loaded", name)
	}
	d := &drawing{module: m, prefixes: prefixes(s, m), depth: o.Depth}
	if o.Path != "" {
		n := s.Find(o.Path)
		if n == nil || n.Kind == yang.Root {
			return "", fmt.Errorf("there is no node %s", o.Path)
		}
		d.target, d.above = n, map[*yang.Node]bool{}
		for p := n.Parent; p != nil; p = p.Parent {
			d.above[p] = true
		}
	}
	d.b.WriteString("module: " + m.Name + "\n")
	drawn := d.sections(s)
	if o.Groupings || !drawn && len(m.Structures) == 0 && o.Path == "" {
		d.groupings(s.Groupings(m.Name))
	}
	d.structures("yang-data")
	d.structures("structure")
	return d.b.String(), nil
}

// drawing is a diagram that is being drawn.
type drawing struct {
	module   *yang.Module
	prefixes map[string]string // by module name, for other modules
	depth    int
	target   *yang.Node          // the only one to draw, nil for all
	above    map[*yang.Node]bool // nodes above target
	b        strings.Builder
}

// prefixes chooses what stands before names of modules other than own.
func prefixes(s *yang.Schema, own *yang.Module) map[string]string {
	owner := map[string]string{own.Prefix: own.Name}
	chosen := map[string]string{}
	for _, m := range s.Modules {
		if other, taken := owner[m.Prefix]; taken && other != m.Name {
			chosen[m.Name] = m.Name
			if other != own.Name {
				chosen[other] = other
			}
			continue
		}
		owner[m.Prefix] = m.Name
		chosen[m.Name] = m.Prefix
	}
	return chosen
}

// sections draws all but groupings and structures, and tells whether there was
// anything.
func (d *drawing) sections(s *yang.Schema) bool {
	drawn := d.nodes(d.module.Data, "  ", 1)
	first := true
	for _, a := range s.Augments(d.module.Name) {
		title := "augment "
		if top(a.Target).Kind == yang.Structure {
			title = "augment-structure "
		}
		if d.section(title+d.path(a.Target), a.Nodes, first) {
			first, drawn = false, true
		}
	}
	drawn = d.section("rpcs", d.module.RPCs, true) || drawn
	return d.section("notifications", d.module.Notifications, true) || drawn
}

// section draws a title with nodes below it, apart from what is before it, and
// nothing where no node is to be drawn.
func (d *drawing) section(title string, nodes []*yang.Node, apart bool) bool {
	if len(d.shown(nodes)) == 0 {
		return false
	}
	if apart {
		d.b.WriteString("\n")
	}
	d.b.WriteString("  " + title + ":\n")
	return d.nodes(nodes, "    ", 1)
}

func (d *drawing) groupings(list []*yang.Grouping) {
	first := true
	for _, g := range list {
		if d.section("grouping "+g.Name, g.Nodes, first) {
			first = false
		}
	}
}

// structures draws those of one kind: yang-data (RFC 8040 Section 8) or
// structure (RFC 8791 Section 2.1).
func (d *drawing) structures(kind string) {
	first := true
	for _, n := range d.module.Structures {
		if n.StructureKeyword() != kind || len(d.shown([]*yang.Node{n})) == 0 {
			continue
		}
		if d.section(kind+" "+n.Name, n.Children, first) {
			first = false
		}
	}
}

// path is the schema node identifier of a node, every step with its prefix.
func (d *drawing) path(n *yang.Node) string {
	if n == nil || n.Kind == yang.Root {
		return ""
	}
	prefix := n.Module.Prefix
	if n.Module != d.module {
		prefix = d.prefixes[n.Module.Name]
	}
	return d.path(n.Parent) + "/" + prefix + ":" + n.Name
}

// top is the node above n that stands at the top of its module.
func top(n *yang.Node) *yang.Node {
	for n.Parent != nil && n.Parent.Kind != yang.Root {
		n = n.Parent
	}
	return n
}
