package history

import (
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// The operations of changes.
const (
	opCreate = "create"
	opDelete = "delete"
	opModify = "modify"
	opMove   = "move"
)

// change is an entry of the list change.
type change struct {
	operation, path string
	old, new, after *string // nil where absent
}

// lister makes the list of changes of a tree.Diff: in document order, in one list the
// deleted entries first; of what is created or deleted each node below too, but for the
// keys that the path of their entry tells.
type lister struct {
	limit int      // of changes
	found []change // the first
	count uint64   // of all
	path  tree.Path
}

// list lists d. Cost is that of d with all that is created and deleted.
func (l *lister) list(d *tree.Diff) {
	if !d.Empty() {
		l.within(d.Root)
	}
}

// within lists what c changes below its node, which is at l.path.
func (l *lister) within(c *tree.Change) {
	for _, k := range c.Children {
		n := k.New
		if n == nil {
			n = k.Old
		}
		l.path = append(l.path, step(n))
		switch k.Op {
		case tree.Create:
			l.whole(opCreate, n, anchor(c.New, k))
		case tree.Delete:
			l.whole(opDelete, n, nil)
		case tree.Modify:
			l.add(opModify, k.Old, k.New, nil)
		default:
			if k.Moved {
				l.add(opMove, k.Old, k.New, anchor(c.New, k))
			}
			l.within(k)
		}
		l.path = l.path[:len(l.path)-1]
	}
}

// whole lists n, which is at l.path, and all below it as created or deleted; before is
// the entry before it, nil for none.
func (l *lister) whole(op string, n, before *tree.Node) {
	if op == opCreate {
		l.add(op, nil, n, before)
	} else {
		l.add(op, n, nil, nil)
	}
	before = nil
	for c := range n.Children() {
		if c.Schema().IsKey {
			continue
		}
		if before != nil && before.Schema() != c.Schema() {
			before = nil
		}
		l.path = append(l.path, step(c))
		l.whole(op, c, before)
		l.path = l.path[:len(l.path)-1]
		before = c
	}
}

// add lists one change of the node at l.path; before is the entry that it stands after.
func (l *lister) add(op string, old, new, before *tree.Node) {
	if l.count++; len(l.found) >= l.limit {
		return
	}
	c := change{operation: op, path: l.path.String()}
	if op != opMove {
		c.old, c.new = shown(old), shown(new)
	}
	if new != nil && new.Schema().OrderedByUser && op != opModify {
		c.after = l.beside(before)
	}
	l.found = append(l.found, c)
}

// anchor is the entry below parent that k, created or moved there, stands after; nil for none.
func anchor(parent *tree.Node, k *tree.Change) *tree.Node {
	if k.Pos.Where != tree.After {
		return nil
	}
	return parent.Entry(k.Schema, k.Pos.Anchor)
}

// beside is the path of n, a sibling of the node at l.path; "" for no node.
func (l *lister) beside(n *tree.Node) *string {
	text := ""
	if n != nil {
		text = l.path.Parent().Join(step(n)).String()
	}
	return &text
}

// write writes the count and the changes.
func (l *lister) write(w *datastore.Writer) {
	w.Set("count", l.count)
	for _, c := range l.found {
		if w.Full() {
			return
		}
		e := w.Entry("change").Set("operation", c.operation).Set("path", c.path)
		for name, text := range map[string]*string{"old": c.old, "new": c.new, "after": c.after} {
			if text != nil {
				e.Set(name, *text)
			}
		}
	}
}
