package yang

import (
	"slices"
	"strings"
)

// Grouping is a grouping that stands at the top of a module, with all it uses
// written out.
type Grouping struct {
	Name   string
	Status Status
	// Nodes are what the grouping holds. They are in no schema: they have no ID,
	// no data parent, and leafrefs among their types have a Path but no Target.
	// Parent is nil for those at the top. Config is false where a statement of
	// the grouping says so, and otherwise open.
	Nodes []*Node
}

// Groupings are the groupings of a module in the order of its text, those that
// stand inside other statements left out. The nodes are made anew by each call;
// cost is in proportion to their number. nil for a module that is not loaded.
func (s *Schema) Groupings(module string) []*Grouping {
	m := s.Module(module)
	if m == nil {
		return nil
	}
	c := s.compiler
	c.mu.Lock() // expanding a grouping is cached
	defer c.mu.Unlock()
	var list []*Grouping
	for _, d := range m.groupings {
		name := strings.TrimPrefix(d.key, m.Name+":")
		if strings.Contains(name, "!") {
			continue
		}
		g := &Grouping{Name: name, Status: statusOf(d.st)}
		above := &Node{Config: true, Status: g.Status}
		g.Nodes = c.shapesOf(c.template(d.st), above)
		for _, n := range g.Nodes {
			n.Parent = nil
		}
		list = append(list, g)
	}
	return list
}

// shapesOf makes the nodes below a draft of a grouping.
func (c *compiler) shapesOf(d *draft, parent *Node) []*Node {
	var list []*Node
	for _, k := range d.kids {
		if k.isOn() {
			list = append(list, c.shape(k, parent))
		}
	}
	return list
}

// shape makes the node of a grouping's draft, and all below it.
func (c *compiler) shape(d *draft, parent *Node) *Node {
	n := &Node{
		Kind: d.kind, Name: d.name, Module: d.unit.mod, ID: -1, Parent: parent, draft: d, File: d.st.file.path, Line: d.st.line,
		Config: parent.Config && d.prop("config") != "false", Status: d.ownStatus(parent),
		Mandatory: d.prop("mandatory") == "true", Presence: d.props["presence"] != nil, OrderedByUser: d.prop("ordered-by") == "user",
	}
	for _, f := range d.ifs {
		n.IfFeatures = append(n.IfFeatures, f.text)
	}
	c.extensions(n, d)
	if info := c.typeOf(d.props["type"]); info != nil {
		n.Type = info.instance(func(t *Type, path *stmt) { t.Path = c.xpath(path, nil) })
	}
	n.Children = c.shapesOf(d, n)
	for _, word := range strings.Fields(d.prop("key")) {
		name := word[strings.LastIndexByte(word, ':')+1:]
		if i := slices.IndexFunc(n.Children, func(k *Node) bool { return k.Name == name }); i >= 0 {
			n.Children[i].IsKey = true
			n.Keys = append(n.Keys, n.Children[i])
		}
	}
	return n
}
