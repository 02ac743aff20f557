package persist

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// content makes m hold the items of b, up to the end of its container, and the lists
// it has; fresh tells that m holds nothing but keys. It returns what follows.
func (d *decoder) content(key string, m *tree.Mut, b []byte, fresh bool) ([]byte, error) {
	old := &former{m: m, fresh: fresh}
	hint := 0
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		if kind == itemClose {
			old.settle()
			return b, nil
		}
		name, rest, err := cutBytes(b)
		if err != nil {
			return nil, err
		}
		s := child(m.Schema(), name, &hint)
		switch kind {
		case itemOpen:
			if s == nil || s.Kind != yang.Container {
				d.problemAt(key, name, fmt.Errorf("no container %s in %s", name, m.Schema().Path()))
				b, err = skipContainer(rest)
				break
			}
			old.keep(s)
			there := m.Child(s)
			if there == nil {
				b, err = d.content(key, m.Ensure(s), rest, true)
			} else {
				b, err = d.content(key, there, rest, false)
			}
		case itemLeaf, itemTyped, itemAny:
			var text string
			if text, b, err = cutText(rest); err == nil {
				if e := old.set(s, kind, name, text); e != nil {
					d.problemAt(key, name, e)
				}
			}
		default:
			err = fmt.Errorf("damaged record: unknown item %q", kind)
		}
		if err != nil {
			return nil, err
		}
	}
	old.settle()
	return nil, nil
}

// former writes one node's content over what it held.
type former struct {
	m      *tree.Mut
	fresh  bool
	kept   []*yang.Node
	values []leafList
}

type leafList struct {
	schema *yang.Node
	values []yang.Value
}

// keep notes that s stays or comes.
func (o *former) keep(s *yang.Node) {
	if n := len(o.kept); !o.fresh && (n == 0 || o.kept[n-1] != s) {
		o.kept = append(o.kept, s)
	}
}

// set takes a leaf, leaf-list entry, anydata or anyxml.
func (o *former) set(s *yang.Node, item byte, name []byte, text string) error {
	if s == nil {
		return fmt.Errorf("no node %s in %s", name, o.m.Schema().Path())
	}
	switch s.Kind {
	case yang.Leaf, yang.LeafList:
		if s.IsKey { // as in the record's key
			break
		}
		v, err := parseItem(s, item, text)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Path(), err)
		}
		if s.Kind == yang.LeafList {
			o.add(s, v)
		} else {
			o.m.SetLeaf(s, v)
		}
	case yang.AnyData, yang.AnyXML:
		a, err := parseAny(text)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Path(), err)
		}
		o.m.SetAny(s, a)
	default:
		return fmt.Errorf("%s holds no value", s.Path())
	}
	o.keep(s)
	return nil
}

// add takes a leaf-list entry; over others they wait for settle.
func (o *former) add(s *yang.Node, v yang.Value) {
	if o.fresh {
		o.m.AddValue(s, v, tree.Position{})
		return
	}
	if n := len(o.values); n == 0 || o.values[n-1].schema != s {
		o.values = append(o.values, leafList{schema: s})
	}
	l := &o.values[len(o.values)-1]
	l.values = append(l.values, v)
}

// settle removes what the node held before and no longer does, but no list.
func (o *former) settle() {
	if o.fresh {
		return
	}
	var gone []*yang.Node
	for s := range o.m.Node().Schemas() {
		if s.Kind != yang.List && !s.IsKey && !slices.Contains(o.kept, s) {
			gone = append(gone, s)
		}
	}
	for _, s := range gone {
		o.m.Delete(s)
	}
	for _, l := range o.values {
		var there []yang.Value
		for e := range o.m.Node().Entries(l.schema) {
			there = append(there, e.Value())
		}
		if slices.Equal(there, l.values) {
			continue
		}
		o.m.Delete(l.schema)
		for _, v := range l.values {
			o.m.AddValue(l.schema, v, tree.Position{})
		}
	}
}

// parseAny reads what anyText wrote.
func parseAny(text string) (*tree.Any, error) {
	switch {
	case strings.HasPrefix(text, "j"):
		return &tree.Any{JSON: text[1:]}, nil
	case strings.HasPrefix(text, "x"):
		return &tree.Any{XML: text[1:]}, nil
	}
	return nil, errors.New("content in an unknown form")
}
