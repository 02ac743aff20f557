package tree

// Any is the content of an anydata or anyxml node, in the form it came in. One of
// the fields is set; all empty is empty content. It must not be changed once it is
// part of a tree.
type Any struct {
	// XML is the inner XML of the element. It stands alone: every namespace in
	// use is declared within, the default namespace too.
	XML string
	// JSON is one JSON value.
	JSON string
	// Tree is content whose schema is known.
	Tree *Tree
}

// Equal tells whether two contents are the same: the same text, or equal trees.
func (a *Any) Equal(b *Any) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.XML != b.XML || a.JSON != b.JSON || (a.Tree == nil) != (b.Tree == nil) {
		return false
	}
	return a.Tree == nil || a.Tree.Schema() == b.Tree.Schema() && Compare(a.Tree, b.Tree).Empty()
}
