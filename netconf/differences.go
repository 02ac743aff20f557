package netconf

import (
	"fmt"
	"strconv"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// differences builds the output of <compare>: the YANG patch (RFC 8072) that makes
// the source the target, with the values of the source (RFC 9144 Section 3).
type differences struct {
	output *tree.Mut // of <compare>
	patch  *datastore.Writer
	edits  int
}

// noMatches is the output when the filter selected nothing in either datastore.
func noMatches(output *yang.Node) *tree.Tree {
	m := tree.New(output).Mutate()
	datastore.NewWriter(m).Set("no-matches", "")
	return m.Done()
}

func newDifferences(output *tree.Tree, c comparison) *differences {
	m := output.Mutate()
	d := &differences{output: m}
	d.patch = datastore.NewWriter(m).In("differences").In("yang-patch")
	d.patch.Set("patch-id", fmt.Sprintf("%s-%s", c.source, c.target)).
		Set("comment", fmt.Sprintf("from %s (source) to %s (target)", c.source, c.target))
	return d
}

func (d *differences) tree() (*tree.Tree, error) { return d.output.Done(), d.patch.Err() }

// side is a datastore as it is compared: what the filter selects of it, and all of it.
type side struct{ selected, all *tree.Tree }

// add adds the edits that lead from one side to the other.
func (d *differences) add(source, target side) {
	if diff := tree.Compare(source.selected, target.selected); !diff.Empty() {
		d.below(diff.Root, nil, half{all: source.all.Root()}, half{all: target.all.Root()})
	}
}

// half is what is known of a change's node in source or target: the node in the
// whole datastore, nil when it is not there, and the origin that it has, if only
// by inheritance (RFC 7952 Section 3).
type half struct {
	all    *tree.Node
	origin tree.Origin
}

// step is the half for the child n, which may be nil, at st.
func (h half) step(st tree.Step, n *tree.Node) half {
	if h.all != nil {
		h.all = h.all.Find(tree.Path{st})
	}
	switch {
	case !st.Schema.Config:
		h.origin = tree.OriginNone // for configuration only (RFC 8342 Section 5.3.4)
	case n != nil && n.Origin() != tree.OriginNone:
		h.origin = n.Origin()
	}
	return h
}

// below adds what is within c, at path.
func (d *differences) below(c *tree.Change, path tree.Path, source, target half) {
	for _, k := range c.Children {
		if d.patch.Full() {
			return
		}
		n := k.New
		if n == nil {
			n = k.Old
		}
		st := tree.StepTo(n)
		at, s, t := append(path, st), source.step(st, k.Old), target.step(st, k.New)
		if k = widened(k, s.all, t.all); k == nil {
			continue
		}
		d.one(c, k, at, s.origin, t.origin)
		d.below(k, at, s, t)
	}
}

// widened is k, unless the node is in both datastores and the filter selected it
// in one only: then it is the change between the two, nil for none.
func widened(k *tree.Change, source, target *tree.Node) *tree.Change {
	if k.Op != tree.Create && k.Op != tree.Delete || source == nil || target == nil {
		return k
	}
	w := &tree.Change{Schema: k.Schema, Old: source, New: target}
	switch {
	case k.Schema.Kind == yang.Container, k.Schema.Kind == yang.List:
		n := k.Old
		if k.Op == tree.Create {
			n = k.New
		}
		for c := range n.Children() {
			if !c.Schema().IsKey {
				w.Children = append(w.Children, whole(k.Op, c))
			}
		}
		return w
	case source.Value() == target.Value() && source.Any().Equal(target.Any()):
		return nil
	}
	w.Op = tree.Modify
	return w
}

// whole is the creation or deletion of n.
func whole(op tree.Op, n *tree.Node) *tree.Change {
	if op == tree.Create {
		return &tree.Change{Schema: n.Schema(), Op: op, New: n}
	}
	return &tree.Change{Schema: n.Schema(), Op: op, Old: n}
}

// one adds the edit for the node of k itself, if it needs one; k is a change below c.
func (d *differences) one(c, k *tree.Change, at tree.Path, source, target tree.Origin) {
	operation := operationOf(k)
	if operation == "" {
		return
	}
	d.edits++
	e := d.patch.Entry("edit", strconv.Itoa(d.edits)).
		Set("operation", operation).Set("target", string(at.AppendURI(nil)))
	if operation == "insert" || operation == "move" {
		position(e, c, k, at)
	}
	if k.Op == tree.Create || k.Op == tree.Modify {
		e.SetAny("value", content(c.Schema, k.New.WithOrigin(target)))
	}
	if k.Op == tree.Delete || k.Op == tree.Modify {
		e.SetAny("source-value", content(c.Schema, k.Old.WithOrigin(source)))
	}
}

// position says where the entry of k, which is at that path, goes.
func position(e *datastore.Writer, c, k *tree.Change, at tree.Path) {
	before := c.New.Before(k.Schema, k.New.Key())
	if before == nil {
		e.Set("where", "first")
		return
	}
	e.Set("where", "after").Set("point", string(at.Parent().Join(tree.StepTo(before)).AppendURI(nil)))
}

// operationOf is the operation of the edit for k's own node, "" for none.
func operationOf(k *tree.Change) string {
	switch {
	case k.Op == tree.Create && k.Schema.OrderedByUser:
		return "insert"
	case k.Op == tree.Inside && !k.Moved:
		return ""
	}
	return [...]string{tree.Inside: "move", tree.Create: "create", tree.Delete: "delete", tree.Modify: "replace"}[k.Op]
}

// content is n as the content of an anydata node.
func content(parent *yang.Node, n *tree.Node) *tree.Any {
	m := tree.New(parent).Mutate()
	m.Put(n, tree.Position{Where: tree.Last})
	return &tree.Any{Tree: m.Done()}
}
