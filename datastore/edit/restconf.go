package edit

import (
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Insert is where a new resource goes in a list ordered by user: the query
// parameters insert and point (RFC 8040 Sections 4.8.5 and 4.8.6).
type Insert struct {
	Where tree.Where
	Point tree.Path // for Before and After
}

// Put is the edit that creates or replaces the resource at path (RFC 8040 Section
// 4.5). content holds it alone, below its parent's schema node; for the empty
// path, the datastore, it is all there will be. Ancestors must exist. Fails with
// invalid-value when the content is not that of the path.
func Put(path tree.Path, content *tree.Tree, at *Insert) (*Edit, error) {
	if len(path) == 0 {
		return FromTree(content, Replace), nil
	}
	n, err := target(path, content)
	if err != nil {
		return nil, err
	}
	n.Op = Replace
	if n.Pos, err = at.position(path); err != nil {
		return nil, err
	}
	return resource(request(path, n)), nil
}

// Patch is the edit that merges content into the existing resource at path, the
// datastore for the empty one (RFC 8040 Section 4.6.1).
func Patch(path tree.Path, content *tree.Tree) (*Edit, error) {
	if len(path) == 0 {
		return FromTree(content, Merge), nil
	}
	n, err := target(path, content)
	if err != nil {
		return nil, err
	}
	n.Op, n.Existing = Merge, true
	return resource(request(path, n)), nil
}

// Post is the edit that creates the one node of content below the resource
// parent, and its path (RFC 8040 Section 4.4.1).
func Post(parent tree.Path, content *tree.Tree, at *Insert) (*Edit, tree.Path, error) {
	c, err := only(parent, content)
	if err != nil {
		return nil, nil, err
	}
	path := parent.Join(tree.StepTo(c))
	n := fromNode(c, Create)
	if n.Pos, err = at.position(path); err != nil {
		return nil, nil, err
	}
	return resource(request(path, n)), path, nil
}

// DeleteResource is the edit that deletes the resource at path (RFC 8040 Section
// 4.7): not the datastore, and no more than one entry.
func DeleteResource(path tree.Path) (*Edit, error) {
	if len(path) == 0 {
		return nil, noDatastore(Delete)
	}
	if err := single(path); err != nil {
		return nil, err
	}
	return resource(request(path, fromStep(path[len(path)-1], Delete))), nil
}

// noDatastore is the error for an operation that the datastore resource has not.
func noDatastore(op Op) error {
	return rpcerr.New(rpcerr.OperationNotSupported, "", "%s is no operation on the datastore as a whole", op).WithReason(rpcerr.MethodForbidden)
}

// resource marks e as a request on a resource.
func resource(e *Edit) *Edit {
	e.Resource = true
	return e
}

// request puts n, the operation at path, below its ancestors.
func request(path tree.Path, n *Node) *Edit {
	for _, st := range slices.Backward(path.Parent()) {
		up := fromStep(st, None)
		up.Children = []*Node{n}
		n = up
	}
	root := &Node{Schema: path[0].Schema.DataParent, Op: None, Children: []*Node{n}}
	return &Edit{Root: root}
}

// fromStep returns the operation op with the node that st leads to.
func fromStep(st tree.Step, op Op) *Node {
	n := &Node{Schema: st.Schema, Op: op}
	switch {
	case st.Schema.Kind == yang.List:
		n.Keys = st.Keys
	case len(st.Keys) > 0:
		n.Value = st.Keys[0]
	}
	return n
}

// target returns the node that content holds for the resource at path.
func target(path tree.Path, content *tree.Tree) (*Node, error) {
	if err := single(path); err != nil {
		return nil, err
	}
	c, err := only(path.Parent(), content)
	if err != nil {
		return nil, err
	}
	want, got := path[len(path)-1], tree.StepTo(c)
	if got.Schema != want.Schema {
		return nil, rpcerr.New(rpcerr.InvalidValue, path.String(), "the content is a %s, not this resource", got.Schema.QName())
	}
	// A path does not say which member of a union a key is of.
	if tree.KeyOf(got.Keys...) != tree.KeyOf(want.Keys...) {
		return nil, rpcerr.New(rpcerr.InvalidValue, path.String(), "the content has other keys or another value than the path: they cannot be changed")
	}
	return fromNode(c, Merge), nil
}

// only returns the one node that content has to hold.
func only(parent tree.Path, content *tree.Tree) (*tree.Node, error) {
	var found *tree.Node
	for c := range content.Root().Children() {
		if found != nil {
			return nil, rpcerr.New(rpcerr.InvalidValue, parent.String(), "the content must be one resource, not several")
		}
		found = c
	}
	if found == nil {
		return nil, rpcerr.New(rpcerr.InvalidValue, parent.String(), "the content must be one resource; there is none")
	}
	if !found.Schema().Config {
		return nil, notConfig(parent.Join(tree.StepTo(found)))
	}
	return found, nil
}

// single checks that path leads to one configuration node that can be edited by
// itself: a key goes with its entry.
func single(path tree.Path) error {
	for _, st := range path {
		entry := st.Schema.Kind == yang.List || st.Schema.Kind == yang.LeafList
		switch {
		case !st.Schema.Config:
			return notConfig(path)
		case st.Schema.IsKey:
			return rpcerr.New(rpcerr.InvalidValue, path.String(), "%s is a key: it stays as it is while its entry exists", st.Schema.QName()).
				WithReason(rpcerr.MethodForbidden)
		case entry && len(st.Keys) == 0:
			return rpcerr.New(rpcerr.InvalidValue, path.String(), "%s needs the keys of one entry", st.Schema.QName())
		}
	}
	return nil
}

// notConfig is the error for an edit of state data.
func notConfig(path tree.Path) error {
	e := rpcerr.New(rpcerr.InvalidValue, path.String(), "%s is state data: it cannot be edited", path.Schema().QName())
	return e.WithReason(rpcerr.MethodForbidden)
}

// position is where in its list the resource at path goes.
func (at *Insert) position(path tree.Path) (*tree.Position, error) {
	if at == nil {
		return nil, nil
	}
	s := path.Schema()
	if !s.OrderedByUser {
		return nil, rpcerr.New(rpcerr.InvalidValue, path.String(), "insert is for entries of lists ordered by user, and %s is none", s.QName())
	}
	pos := &tree.Position{Where: at.Where}
	if at.Where != tree.Before && at.Where != tree.After {
		return pos, nil
	}
	if at.Point.Schema() != s || len(at.Point) != len(path) || at.Point.Parent().String() != path.Parent().String() || len(at.Point[len(path)-1].Keys) == 0 {
		return nil, rpcerr.New(rpcerr.InvalidValue, path.String(), "point must be another entry of the same list")
	}
	pos.Anchor = tree.KeyOf(at.Point[len(path)-1].Keys...)
	return pos, nil
}
