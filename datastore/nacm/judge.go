package nacm

import (
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// mostDenied bounds the errors of one change.
const mostDenied = 20

// Judge returns access-denied errors for what of a change the user may not make (RFC
// 8341 Sections 3.2.5 and 3.2.8): nil where all of it is permitted. Each node that is
// created, changed or deleted needs its right; what another case of a choice takes away
// does not. A path in an error ends where what the user may read ends. Cost is that of
// the change, and of what it creates and deletes only where that is not permitted or
// denied as a whole.
func (a *Access) Judge(d *tree.Diff) error {
	if a == nil || d.Empty() || a.top.opened().whole&writes == writes {
		return nil
	}
	j := judge{access: a, told: map[string]bool{}}
	j.inside(nil, d.Root, a.top)
	return rpcerr.Join(j.errs)
}

type judge struct {
	access *Access
	errs   []*rpcerr.Error
	told   map[string]bool
}

func (j *judge) inside(p tree.Path, c *tree.Change, st *state) {
	for _, k := range c.Children {
		n := k.New
		if n == nil {
			n = k.Old
		}
		if len(j.errs) >= mostDenied || k.Op == tree.Delete && ousted(c, k) {
			continue
		}
		next, at := st.child(n), p.Join(tree.StepTo(n))
		switch k.Op {
		case tree.Create:
			j.whole(at, n, next, Create)
		case tree.Delete:
			j.whole(at, n, next, Delete)
		case tree.Modify:
			j.one(at, next, Update)
		default:
			if next.opened().whole&writes == writes {
				continue
			}
			if k.Moved {
				j.one(at, next, Update)
			}
			j.inside(at, k, next)
		}
	}
}

// ousted tells whether what k deletes went because c made something in another case of
// the choice that it stood in.
func ousted(c, k *tree.Change) bool {
	if k.Schema.Case == nil {
		return false
	}
	for _, other := range c.Children {
		if other.Op == tree.Create && tree.Exclusive(other.Schema, k.Schema) {
			return true
		}
	}
	return false
}

// whole judges the creation or deletion of n with all that is in it.
func (j *judge) whole(p tree.Path, n *tree.Node, st *state, op Ops) {
	if st.opened().whole&op != 0 {
		return
	}
	if !j.one(p, st, op) {
		return
	}
	for c := range n.Children() {
		if len(j.errs) >= mostDenied {
			return
		}
		j.whole(p.Join(tree.StepTo(c)), c, st.child(c), op)
	}
}

// one judges op on the node at p and tells whether it is permitted. A container without
// presence is no node of its own.
func (j *judge) one(p tree.Path, st *state, op Ops) bool {
	if s := st.schema; st.own&op != 0 || s.Kind == yang.Container && !s.Presence {
		return true
	}
	j.deny(p)
	return false
}

// deny tells, once, that something at p is denied, as far as the user may read p.
func (j *judge) deny(p tree.Path) {
	at := ""
	if seen := j.access.Seen(p); len(seen) > 0 {
		at = seen.String()
	}
	if !j.told[at] {
		j.told[at] = true
		j.errs = append(j.errs, Denied(at))
	}
}

// Denied is the error for a change that is not permitted, at a path that the user may
// read, "" for none.
func Denied(path string) *rpcerr.Error {
	e := rpcerr.NewProtocol(rpcerr.AccessDenied, "access control does not permit this change")
	if path == "" {
		return e
	}
	e.Type = rpcerr.Application
	return e.At(path)
}
