package diagram

import (
	"strings"
	"unicode/utf8"

	"github.com/altoam/altoam/yang"
)

// shown are the nodes of a list that are to be drawn.
func (d *drawing) shown(nodes []*yang.Node) []*yang.Node {
	var list []*yang.Node
	for _, n := range nodes {
		empty := (n.Kind == yang.Input || n.Kind == yang.Output) && len(n.Children) == 0
		if !empty && d.wanted(n) {
			list = append(list, n)
		}
	}
	return list
}

// wanted tells whether n is the node asked for, or above or below it.
func (d *drawing) wanted(n *yang.Node) bool {
	if d.target == nil || d.above[n] {
		return true
	}
	for ; n != nil; n = n.Parent {
		if n == d.target {
			return true
		}
	}
	return false
}

// nodes draws siblings and what is below them, and tells whether there are any.
// The types of siblings stand in one column.
func (d *drawing) nodes(list []*yang.Node, indent string, level int) bool {
	list = d.shown(list)
	if len(list) > 0 && d.depth > 0 && level > d.depth {
		d.b.WriteString(indent + "...\n")
		return true
	}
	width := 0
	for _, n := range list {
		if typed(n) {
			width = max(width, utf8.RuneCountInString(d.label(n)))
		}
	}
	for i, n := range list {
		d.node(n, indent, width)
		below := indent + "|  "
		if i == len(list)-1 {
			below = indent + "   "
		}
		d.nodes(n.Children, below, level+1)
	}
	return len(list) > 0
}

var statusMarks = map[yang.Status]string{yang.Current: "+", yang.Deprecated: "x", yang.Obsolete: "o"}

// node draws one line: "<status>--<flags> <name><opts> <type> <if-features>"
// (RFC 8340 Section 2.6).
func (d *drawing) node(n *yang.Node, indent string, width int) {
	line := indent + statusMarks[n.Status] + "--"
	if n.Kind == yang.Case {
		line += ":(" + d.name(n) + ")"
	} else {
		line += flags(n) + " " + d.label(n) + opts(n)
	}
	if typed(n) {
		// The option, or a space for it, is a column of its own.
		line += strings.Repeat(" ", width-utf8.RuneCountInString(d.label(n))+4-len(opts(n))) + d.typeName(n)
	}
	if len(n.IfFeatures) > 0 {
		line += " {" + d.features(n) + "}?"
	}
	d.b.WriteString(line + "\n")
}

// label is the name as it is drawn.
func (d *drawing) label(n *yang.Node) string {
	if n.Kind == yang.Choice {
		return "(" + d.name(n) + ")"
	}
	return d.name(n)
}

// name is the name, with a prefix where the node is another module's.
func (d *drawing) name(n *yang.Node) string { return d.qualified(n.Module.Name, n.Name) }

// qualified is a name in a module as the diagram's module would write it.
func (d *drawing) qualified(module, name string) string {
	if module == d.module.Name {
		return name
	}
	return d.prefixes[module] + ":" + name
}

// flags are those of RFC 8340 Section 2.6; "mp" is of its Section 4. Nodes
// that are neither configuration nor state, as long as nothing uses them, have none.
func flags(n *yang.Node) string {
	switch n.Kind {
	case yang.RPC, yang.Action:
		return "-x"
	case yang.Notification:
		return "-n"
	}
	for _, e := range n.Exts {
		if e.Extension.Module.Name == "ietf-yang-schema-mount" && e.Extension.Name == "mount-point" {
			return "mp"
		}
	}
	for p := n; p != nil; p = p.Parent {
		switch p.Kind {
		case yang.Input:
			return "-w"
		case yang.Output, yang.Notification:
			return "ro"
		case yang.Structure:
			return ""
		case yang.Root:
			return map[bool]string{true: "rw", false: "ro"}[n.Config]
		}
	}
	if !n.Config { // in a grouping, which says so
		return "ro"
	}
	return ""
}

// opts tells what instances there may be.
func opts(n *yang.Node) string {
	switch n.Kind {
	case yang.Leaf, yang.AnyData, yang.AnyXML, yang.Choice:
		if !n.Mandatory && !n.IsKey {
			return "?"
		}
	case yang.LeafList:
		return "*"
	case yang.List:
		var keys []string
		for _, k := range n.Keys {
			keys = append(keys, k.Name)
		}
		return "* [" + strings.Join(keys, " ") + "]"
	case yang.Container:
		if n.Presence {
			return "!"
		}
	}
	return ""
}
