package certs

import (
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Place is a node of a configuration with where it stands, so that errors can name it.
// Where the node does not exist, Node is nil, nothing is below, and the Path leads to
// where it would be as far as the schema has it.
type Place struct {
	Node *tree.Node
	Path tree.Path
}

// Root is the place of the whole of t.
func Root(t *tree.Tree) Place { return Place{Node: t.Root()} }

// Below follows names of containers, leafs and the like. A name is of the module of the
// node above, unless it has a module and a colon before it.
func (p Place) Below(names ...string) Place {
	for _, name := range names {
		s := p.schemaOf(name)
		if s == nil {
			return Place{Path: p.Path}
		}
		p.Path = p.Path.Join(tree.Step{Schema: s})
		if p.Node != nil {
			p.Node = p.Node.Child(s)
		}
	}
	return p
}

// schemaOf is the schema node of the name below p, nil where the schema has none.
func (p Place) schemaOf(name string) *yang.Node {
	above := p.Path.Schema()
	if p.Node != nil {
		above = p.Node.Schema()
	}
	if above == nil {
		return nil
	}
	if module, local, ok := strings.Cut(name, ":"); ok {
		return above.Child(module, local)
	}
	if above.Module == nil {
		return nil
	}
	return above.Child(above.Module.Name, name)
}

// Exists tells whether there is a node.
func (p Place) Exists() bool { return p.Node != nil }

// Has tells whether the named child exists.
func (p Place) Has(name string) bool { return p.Below(name).Node != nil }

// Leaf is the value of the named leaf, zero where there is none.
func (p Place) Leaf(name string) yang.Value {
	if p.Node == nil {
		return yang.Value{}
	}
	return p.Node.Leaf(name)
}

// Uint is the value of the named leaf, its default where it is not set, and 0 where it
// has neither.
func (p Place) Uint(name string) uint64 {
	v := p.Leaf(name)
	if s := p.schemaOf(name); v.IsZero() && s != nil {
		for _, d := range tree.DefaultLeaf(s) {
			v = d.Value()
		}
	}
	n, _ := v.Uint()
	return n
}

// Entries are the entries of the named list or leaf-list, in order.
func (p Place) Entries(list string) (all []Place) {
	s := p.schemaOf(list)
	if s == nil || p.Node == nil {
		return nil
	}
	for e := range p.Node.Entries(s) {
		all = append(all, Place{e, p.Path.Join(tree.StepTo(e))})
	}
	return all
}

// Entry is the entry of the named list with this only key.
func (p Place) Entry(list, key string) Place {
	s := p.schemaOf(list)
	if s == nil || len(s.Keys) != 1 {
		return Place{Path: p.Path}
	}
	v, err := s.Keys[0].Type.Parse(key, yang.JSONResolver{Default: s.Module.Name})
	if err != nil {
		return Place{Path: p.Path}
	}
	e := Place{Path: p.Path.Join(tree.Step{Schema: s, Keys: []yang.Value{v}})}
	if p.Node != nil {
		e.Node = p.Node.Entry(s, tree.KeyOf(v))
	}
	return e
}

// Key is the only key of the list entry, or the value of the leaf-list entry, as text.
func (p Place) Key() string { return p.Node.KeyValues()[0].String() }

// Refuse makes an error about the place.
func (p Place) Refuse(tag rpcerr.Tag, format string, args ...any) *rpcerr.Error {
	return rpcerr.New(tag, p.Path.String(), format, args...)
}

// refuse makes an error about the place with its cause in the message.
func (p Place) refuse(err error, what string) error {
	e := p.Refuse(rpcerr.InvalidValue, "%s: %v", what, err)
	e.Err = err
	return e
}
