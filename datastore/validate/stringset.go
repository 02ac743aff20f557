package validate

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

// stringSet is an immutable ordered set of strings: a B+ tree whose versions share
// nodes. A leaf keeps its strings in one, each without what it has in common with
// the one before, so that long keys that differ little cost little. The zero set is
// empty. Reading is O(log n), an edit in proportion to itself times log n.
type stringSet struct{ root *setNode }

// setNode is a leaf (packed) or an inner node (kids).
type setNode struct {
	first  string // the least string at or below it
	n      int    // strings of a leaf
	packed string
	kids   []*setNode
}

// setEdit adds a string or removes it.
type setEdit struct {
	key    string
	remove bool
}

// The most strings of a leaf and kids of an inner node; what is split is filled to
// three quarters, and what is less than half full together is joined.
const setFan = 32

// edited returns the set after edits, which are sorted and name each string once.
func (s stringSet) edited(edits []setEdit) stringSet {
	if len(edits) == 0 {
		return s
	}
	var l []*setNode
	if s.root == nil {
		l = leafNodes(merged(nil, edits))
	} else {
		l = s.root.edited(edits)
	}
	for len(l) > 1 {
		l = innerNodes(l)
	}
	if len(l) == 0 {
		return stringSet{}
	}
	for len(l[0].kids) == 1 {
		l = l[0].kids
	}
	return stringSet{l[0]}
}

// edited returns the nodes that take the place of n, all as high as n.
func (n *setNode) edited(edits []setEdit) []*setNode {
	if n.kids == nil {
		return leafNodes(merged(n.strings(), edits))
	}
	kids := make([]*setNode, 0, len(n.kids)+1)
	for i, k := range n.kids {
		m := len(edits)
		if i+1 < len(n.kids) {
			next := n.kids[i+1].first
			m = sort.Search(len(edits), func(j int) bool { return edits[j].key >= next })
		}
		if m == 0 {
			kids = joined(kids, k)
			continue
		}
		for _, x := range k.edited(edits[:m]) {
			kids = joined(kids, x)
		}
		edits = edits[m:]
	}
	return innerNodes(kids)
}

// merged are the strings of l, sorted, after the edits.
func merged(l []string, edits []setEdit) []string {
	out := make([]string, 0, len(l)+len(edits))
	for _, e := range edits {
		i := sort.SearchStrings(l, e.key)
		out = append(out, l[:i]...)
		l = l[i:]
		if len(l) > 0 && l[0] == e.key {
			l = l[1:]
		}
		if !e.remove {
			out = append(out, e.key)
		}
	}
	return append(out, l...)
}

// joined appends n, in one node with the last where both are small.
func joined(l []*setNode, n *setNode) []*setNode {
	if len(l) == 0 {
		return append(l, n)
	}
	last := l[len(l)-1]
	switch {
	case last.n+n.n+len(last.kids)+len(n.kids) > setFan/2:
		return append(l, n)
	case n.kids == nil:
		l[len(l)-1] = leafNode(append(last.strings(), n.strings()...))
	default:
		l[len(l)-1] = &setNode{first: last.first, kids: slices.Concat(last.kids, n.kids)}
	}
	return l
}

// parts cuts l into pieces that are not too long.
func parts[T any](l []T, piece func([]T)) {
	count := 1
	if len(l) > setFan {
		count = (len(l) + setFan*3/4 - 1) / (setFan * 3 / 4)
	}
	for ; count > 0 && len(l) > 0; count-- {
		n := (len(l) + count - 1) / count
		piece(l[:n])
		l = l[n:]
	}
}

func leafNodes(keys []string) (out []*setNode) {
	parts(keys, func(l []string) { out = append(out, leafNode(l)) })
	return out
}

func innerNodes(kids []*setNode) (out []*setNode) {
	parts(kids, func(l []*setNode) { out = append(out, &setNode{first: l[0].first, kids: slices.Clone(l)}) })
	return out
}

// leafNode packs sorted strings: for each the number of bytes it has in common with
// the one before, the number of the others, and those.
func leafNode(l []string) *setNode {
	var b []byte
	last := ""
	for _, s := range l {
		same := 0
		for same < len(s) && same < len(last) && s[same] == last[same] {
			same++
		}
		b = binary.AppendUvarint(b, uint64(same))
		b = binary.AppendUvarint(b, uint64(len(s)-same))
		b = append(b, s[same:]...)
		last = s
	}
	n := &setNode{n: len(l), packed: string(b)}
	_, rest := uvarint(n.packed[1:])
	n.first = rest[:len(l[0])]
	return n
}

// uvarint reads a number that binary.AppendUvarint wrote.
func uvarint(s string) (n int, rest string) {
	for i := 0; ; i++ {
		n |= int(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, s[i+1:]
		}
	}
}

// strings are those of a leaf.
func (n *setNode) strings() []string {
	var b []byte
	ends := make([]int, 0, n.n)
	for s, start := n.packed, 0; s != ""; {
		var same, more int
		same, s = uvarint(s)
		more, s = uvarint(s)
		at := len(b)
		b = append(append(b, b[start:start+same]...), s[:more]...)
		start, s = at, s[more:]
		ends = append(ends, len(b))
	}
	all, out := string(b), make([]string, 0, n.n+1)
	at := 0
	for _, end := range ends {
		out = append(out, all[at:end])
		at = end
	}
	return out
}

// scan yields what follows prefix in the strings that start with it, in order,
// until yield says false.
func (s stringSet) scan(prefix string, yield func(rest string) bool) {
	if s.root != nil {
		s.root.scan(prefix, yield)
	}
}

// scan tells whether what comes after n can have the prefix too.
func (n *setNode) scan(prefix string, yield func(string) bool) bool {
	if n.kids != nil {
		i := sort.Search(len(n.kids), func(i int) bool { return n.kids[i].first > prefix })
		for _, k := range n.kids[max(i-1, 0):] {
			if !k.scan(prefix, yield) {
				return false
			}
		}
		return true
	}
	var b []byte
	for s := n.packed; s != ""; {
		var same, more int
		same, s = uvarint(s)
		more, s = uvarint(s)
		b, s = append(b[:same], s[:more]...), s[more:]
		if string(b) < prefix {
			continue
		}
		if !strings.HasPrefix(string(b), prefix) || !yield(string(b[len(prefix):])) {
			return false
		}
	}
	return true
}
