package restconf

import (
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// blame notes what is wrong with the result of edits: each error with the edit that it
// comes from, where there is no doubt, else as one of the whole (RFC 8072 Section 2.3).
func (s *patchStatus) blame(schema *yang.Schema, errs []*rpcerr.Error, edits []patchEdit) {
	byEdit := make([][]*rpcerr.Error, len(edits))
	for _, e := range errs {
		if i := culprit(schema, e, edits); i >= 0 {
			byEdit[i] = append(byEdit[i], e)
		} else {
			s.global = append(s.global, e)
		}
	}
	for i, errs := range byEdit {
		if len(errs) > 0 {
			s.edits = append(s.edits, failedEdit{edits[i].id, errs})
		}
	}
}

// culprit is the index of the one edit that touches the node in e, or the only edit
// there is; -1 in case of doubt, and for errors that are about no node.
func culprit(schema *yang.Schema, e *rpcerr.Error, edits []patchEdit) int {
	path, err := tree.ParsePath(schema, e.Path)
	if err != nil || len(path) == 0 {
		return -1
	}
	first, doubt, most := -1, false, apart
	for i, x := range edits {
		switch t := x.touches(path); {
		case t == apart || t < most:
		case t == most:
			doubt = true
		default:
			first, doubt, most = i, false, t
		}
	}
	switch {
	case first < 0 && len(edits) == 1 && e.Reason != rpcerr.Conflict:
		return 0
	case doubt:
		return -1
	}
	return first
}

// touch is how near an edit comes to a node.
type touch uint8

const (
	apart  touch = iota
	around       // it writes what the node would have to be in
	upon         // it writes or deletes the node, something below it, or all that it is in
)

// touches tells how near x comes to the node at path.
func (x patchEdit) touches(path tree.Path) touch {
	switch {
	case encloses(path, x.target):
		return upon
	case !encloses(x.target, path) || x.operation == "move":
		return apart
	case x.value == nil: // deleted
		return upon
	}
	below := path[len(x.target)-1:] // value is that of the parent of target
	switch {
	case x.value.Find(below) != nil:
		return upon
	case x.operation != "merge" || x.value.Find(below.Parent()) != nil:
		return around
	}
	return apart
}

// encloses tells whether inner is outer or below it. A step of outer without keys stands
// for all entries.
func encloses(outer, inner tree.Path) bool {
	if len(outer) > len(inner) {
		return false
	}
	for i, st := range outer {
		if st.Schema != inner[i].Schema || len(st.Keys) > 0 && !slices.Equal(st.Keys, inner[i].Keys) {
			return false
		}
	}
	return true
}
