package edit

import (
	"fmt"

	"github.com/altoam/altoam/datastore/tree"
)

// At is the edit that does op with the node at path, which for merge, replace and
// create is the one in content, below its parent's schema node: one edit of a YANG
// Patch (RFC 8072 Section 2.5). at places it in a list ordered by user. Ancestors
// must exist, else data-missing.
func At(path tree.Path, op Op, content *tree.Tree, at *Insert) (*Edit, error) {
	if len(path) == 0 {
		switch op {
		case Merge, Replace:
			return FromTree(content, op), nil
		}
		return nil, noDatastore(op)
	}
	var n *Node
	err := single(path)
	if op.writes() {
		n, err = target(path, content)
	} else if err == nil {
		n = fromStep(path[len(path)-1], op)
	}
	if err != nil {
		return nil, err
	}
	n.Op = op
	if n.Pos, err = at.position(path); err != nil {
		return nil, err
	}
	return request(path, n), nil
}

// Move is the edit that moves the entry at path, which exists, within its list
// (RFC 8072 Section 2.5).
func Move(path tree.Path, at Insert) (*Edit, error) {
	if err := single(path); err != nil {
		return nil, err
	}
	pos, err := at.position(path)
	if err != nil {
		return nil, err
	}
	n := fromStep(path[len(path)-1], Merge)
	n.Pos, n.Existing = pos, true
	return request(path, n), nil
}

// Sequence is the edit that does all of edits, one after the other. An error of
// Apply has a *StepError as its cause.
func Sequence(edits ...*Edit) *Edit { return &Edit{Steps: edits} }

// StepError says which edit of a Sequence failed.
type StepError struct {
	Index int
	Err   error // its cause, if it had one
}

// Error implements error.
func (e *StepError) Error() string { return fmt.Sprintf("edit %d of a sequence", e.Index+1) }

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }
