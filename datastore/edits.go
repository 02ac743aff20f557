package datastore

import (
	"strings"

	"github.com/altoam/altoam/datastore/tree"
)

// mostEdits bounds the edits that an event lists.
const mostEdits = 1000

// listed is an edit in an event: the topmost node that changed and what was done to it.
type listed struct {
	target    tree.Path
	operation string // of edit-operation-type (RFC 6241 Section 7.2)
	inside    *tree.Change
}

// edits lists the changes of d, at most mostEdits in the order of the data. Where there
// are more, changes are summed up: in the node around them, which then stands for them
// with the operation merge. Cost is in proportion to the list, whatever d holds.
func edits(d *tree.Diff) []listed {
	if d.Empty() {
		return nil
	}
	list := open(listed{inside: d.Root})
	if len(list) > mostEdits {
		return []listed{{target: nil, operation: "merge"}}
	}
	for opened := true; opened; {
		opened = false
		next := make([]listed, 0, len(list))
		for i, e := range list {
			rest := len(list) - i - 1
			if e.inside == nil || len(next)+len(e.inside.Children)+rest > mostEdits {
				e.inside = nil
				next = append(next, e)
				continue
			}
			next = append(next, open(e)...)
			opened = true
		}
		list = next
	}
	return list
}

// named is e where an instance-identifier can name its node, else a merge of the node
// around it that can be named: a key with both kinds of quotes cannot stand in one
// (RFC 7950 Section 9.13).
func (e listed) named() listed {
	for i, st := range e.target {
		for _, v := range st.Keys {
			if text := v.String(); strings.Contains(text, "'") && strings.Contains(text, `"`) {
				return listed{target: e.target[:i], operation: "merge"}
			}
		}
	}
	return e
}

// open lists the changes directly below e.
func open(e listed) []listed {
	out := make([]listed, 0, len(e.inside.Children))
	for _, c := range e.inside.Children {
		n := c.New
		if n == nil {
			n = c.Old
		}
		x := listed{target: e.target.Join(tree.StepTo(n)), operation: "merge"}
		switch c.Op {
		case tree.Create:
			x.operation = "create"
		case tree.Delete:
			x.operation = "delete"
		case tree.Modify:
			x.operation = "replace"
		case tree.Inside:
			if !c.Moved {
				x.inside = c
			}
		}
		out = append(out, x)
	}
	return out
}
