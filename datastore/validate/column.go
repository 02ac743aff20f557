package validate

import (
	"strings"

	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// column is one thing that an Index knows of a valid tree: which values the
// instances of a leaf or leaf-list have and where they are, or which entries of a
// list have which values in the leafs of a unique statement. Its keys are texts
// that each end with a byte 0, which no value can hold: the keys of the lists down
// to apex, the values, the keys of the other lists down to node.
type column struct {
	id     int
	node   *yang.Node
	apex   *yang.Node
	unique *unique // node is its list
	// paths tells that the values are instance-identifiers: the keys have them as
	// tree.Path writes them; of a leaf-list the text of the entry comes next.
	paths bool
	// kept columns are in the Index; of the others only the changes are of use,
	// because the tree itself answers the question.
	kept bool
	// watch are the references whose targets the column has.
	watch []watch
}

// watch leads from a target to what can refer to it.
type watch struct {
	ref   *leafref
	refs  *reference
	hosts *column
}

// columns are those of a schema, and the way to what they know.
type columns struct {
	list []*column
	at   [][]*column    // by ID: what knows instances of the node
	kids [][]*yang.Node // by ID: data nodes with something at or below them
	// conditional has the nodes that can have other instances in the accessible
	// tree than before without a change of their own, outside entries below them.
	conditional nodeSet
	// passing has the nodes that can be in the accessible tree without being
	// stored, and leave it; wide those of them that what is outside of the entry
	// decides.
	passing, wide nodeSet
	instances     []*column // those with paths
}

// lists is the number of key texts of the lists down to n.
func lists(n *yang.Node) int {
	count := 0
	for ; n != nil; n = n.DataParent {
		count += len(n.Keys)
	}
	return count
}

// key is the key in the column of what is at c, a leaf with that value or an entry
// with those values.
func (k *column) key(c *xpath.Cursor, values ...string) string {
	var few [128]byte
	return string(k.appendKey(few[:0], c, values))
}

// appendKey appends the keys of c and what is above it, with values after those of apex.
func (k *column) appendKey(b []byte, c *xpath.Cursor, values []string) []byte {
	if p := c.Parent(); p != nil {
		b = k.appendKey(b, p, values)
	}
	if s := c.Schema(); s.Kind == yang.List {
		b = append(append(b, c.Node().Key()...), 0)
	}
	if c.Schema() == k.apex {
		for _, v := range values {
			b = append(append(b, v...), 0)
		}
	}
	return b
}

// cutParts returns the first n texts of a key, with their ends, and the rest.
func cutParts(key string, n int) (first, rest string) {
	at := 0
	for range n {
		at += strings.IndexByte(key[at:], 0) + 1
	}
	return key[:at], key[at:]
}

// locate returns the node of the column that key, which is in it, stands for, nil
// when the accessible tree has none.
func (k *column) locate(w *walk, key string) *xpath.Cursor {
	above, rest := cutParts(key, lists(k.apex))
	values, rest := cutParts(rest, k.values())
	_, value := cutParts(values, k.values()-1)
	return w.descend(w.env.Root(), wayFrom(k.node, w.v.schema.Root), above+rest, strings.TrimSuffix(value, "\x00"))
}

// values is the number of texts of the values.
func (k *column) values() int {
	switch {
	case k.unique != nil:
		return len(k.unique.ways)
	case k.paths && k.node.Kind == yang.LeafList:
		return 2
	}
	return 1
}

// descend goes down the way; keys are the texts of the keys of its lists, value
// that of a leaf-list entry at its end.
func (w *walk) descend(c *xpath.Cursor, way []*yang.Node, keys, value string) *xpath.Cursor {
	for _, s := range way {
		switch s.Kind {
		case yang.List:
			var key string
			key, keys = cutParts(keys, len(s.Keys))
			n := c.Node().Entry(s, strings.TrimSuffix(key, "\x00"))
			if n == nil {
				return nil
			}
			c = xpath.NewCursor(n, c)
		case yang.LeafList:
			return w.entry(c, s, value)
		default:
			if c = w.env.Instance(c, s); c == nil {
				return nil
			}
		}
	}
	return c
}

// entry is the entry of the leaf-list s below c with that value, stored or not.
func (w *walk) entry(c *xpath.Cursor, s *yang.Node, value string) *xpath.Cursor {
	if c.Node().Has(s) {
		if n := c.Node().Entry(s, value); n != nil {
			return xpath.NewCursor(n, c)
		}
		return nil
	}
	for x := range w.env.Instances(c, s) {
		if x.Node().Value().String() == value {
			return x
		}
	}
	return nil
}
