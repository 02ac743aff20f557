package persist

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// The marks of a record's nodes (see tree.Marks) are items too: itemMark for the node
// they are in, containers down to those marked, leafs, anydata and leaf-list entries
// with their mark behind name and value. They stand before the content of the record
// (itemMarks), or, where a commit changed only what is below the record's node, in a
// record of their own, which goes when the other is next written.
const (
	itemMarks = 'm'
	itemMark  = 's'
	itemEntry = 'v' // of a leaf-list

	marksSuffix = "@" // of the key of a record of marks
)

// Count is the number of records without those of marks.
func Count(records []Record) (n int) {
	for _, r := range records {
		if !strings.HasSuffix(r.Key, marksSuffix) {
			n++
		}
	}
	return n
}

// Size is the octets of the keys and values of records.
func Size(records []Record) (n int64) {
	for _, r := range records {
		n += int64(len(r.Key) + len(r.Value))
	}
	return n
}

// putMarks records the marks of n after a change below n that leaves its own content.
func (w *recorder) putMarks(path tree.Path, n *tree.Node) {
	if b := appendMarks(nil, n); len(b) > 0 {
		w.out = append(w.out, Record{Key: key(path) + marksSuffix, Value: b})
	}
}

// dropMarks removes the record of n's marks, if there can be one.
func (w *recorder) dropMarks(path tree.Path, n *tree.Node) {
	if k := n.Marks(); k != nil && k.Changed != k.Made {
		w.out = append(w.out, Record{Key: key(path) + marksSuffix})
	}
}

// appendMarks appends the marks of n and what it has besides lists.
func appendMarks(b []byte, n *tree.Node) []byte {
	if k := n.Marks(); k != nil {
		b = appendMark(append(b, itemMark), k)
	}
	for s := range n.Schemas() {
		if s.Kind == yang.List { // its entries have records of their own
			continue
		}
		for c := range n.Entries(s) {
			b = appendChildMarks(b, n.Schema(), c)
		}
	}
	return b
}

// appendChildMarks appends the marks of c, a container, leaf or entry of a leaf-list in
// parent.
func appendChildMarks(b []byte, parent *yang.Node, c *tree.Node) []byte {
	s, k := c.Schema(), c.Marks()
	switch {
	case s.Kind == yang.Container:
		start := len(b)
		b = appendName(append(b, itemOpen), parent, s)
		inner := len(b)
		if b = appendMarks(b, c); len(b) == inner {
			return b[:start]
		}
		b = append(b, itemClose)
	case k == nil:
	case s.Kind == yang.LeafList:
		b = appendText(appendName(append(b, itemEntry), parent, s), c.Value().String())
		b = appendMark(b, k)
	default:
		b = appendMark(appendName(append(b, itemLeaf), parent, s), k)
	}
	return b
}

// How the commits of marks follow each other.
const (
	markChanged = 0 // the last change; made with the node around
	markMade    = 1 // both in one
	markBoth    = 2 // made, last change
)

func appendMark(b []byte, k *tree.Marks) []byte {
	switch k.Made {
	case nil:
		b = append(b, markChanged)
	case k.Changed:
		b = append(b, markMade)
	default:
		b = appendCommit(append(b, markBoth), k.Made)
	}
	return appendCommit(b, k.Changed)
}

func appendCommit(b []byte, m *tree.Mark) []byte {
	return binary.AppendVarint(binary.AppendUvarint(b, m.Revision), m.Time.UnixNano())
}

// marker reads marks. Nodes that the same commit touched share what it says.
type marker struct {
	commits map[uint64]*tree.Mark
	made    map[*tree.Mark]*tree.Marks
}

// marks sets the marks of m and what is in it, up to the end of its container. What
// is not there is passed over, all of it where m is nil: the content has told. It
// returns what follows.
func (r *marker) marks(m *tree.Mut, b []byte) ([]byte, error) {
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		if kind == itemClose {
			return b, nil
		}
		var s *yang.Node
		if kind != itemMark {
			name, rest, err := cutBytes(b)
			if err != nil {
				return nil, err
			}
			if b = rest; m != nil {
				s = child(m.Schema(), name, new(int))
			}
		}
		var err error
		switch kind {
		case itemOpen:
			var in *tree.Mut
			if s != nil && s.Kind == yang.Container {
				in = m.Child(s)
			}
			b, err = r.marks(in, b)
		case itemMark, itemLeaf, itemEntry:
			b, err = r.mark(m, s, kind, b)
		default:
			err = errDamagedMark
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

var errDamagedMark = errors.New("damaged record: marks that cannot be read")

// mark reads one mark, that of m itself or of s in it.
func (r *marker) mark(m *tree.Mut, s *yang.Node, kind byte, b []byte) ([]byte, error) {
	var text string
	if kind == itemEntry {
		var err error
		if text, b, err = cutText(b); err != nil {
			return nil, err
		}
	}
	k, b, err := r.read(b)
	switch {
	case err != nil || m == nil:
	case kind == itemMark:
		m.SetMarks(k)
	case s == nil || (s.Kind == yang.LeafList) != (kind == itemEntry) || s.Kind == yang.List || s.Kind == yang.Container:
	case kind == itemLeaf:
		m.SetMarksOf(s, yang.Value{}, k)
	default:
		if e := m.Node().Entry(s, text); e != nil {
			m.SetMarksOf(s, e.Value(), k)
		}
	}
	return b, err
}

func (r *marker) read(b []byte) (*tree.Marks, []byte, error) {
	if len(b) == 0 || b[0] > markBoth {
		return nil, nil, errDamagedMark
	}
	form := b[0]
	first, b, err := r.commit(b[1:])
	switch {
	case err != nil:
		return nil, nil, err
	case form == markChanged:
		return &tree.Marks{Changed: first}, b, nil
	case form == markMade:
		k := r.made[first]
		if k == nil {
			k = &tree.Marks{Made: first, Changed: first}
			r.made[first] = k
		}
		return k, b, nil
	}
	last, b, err := r.commit(b)
	return &tree.Marks{Made: first, Changed: last}, b, err
}

func (r *marker) commit(b []byte) (*tree.Mark, []byte, error) {
	n, w := binary.Uvarint(b)
	if w <= 0 {
		return nil, nil, errDamagedMark
	}
	at, v := binary.Varint(b[w:])
	if v <= 0 || at == math.MinInt64 {
		return nil, nil, errDamagedMark
	}
	b = b[w+v:]
	if m := r.commits[n]; m != nil && m.Time.UnixNano() == at {
		return m, b, nil
	}
	m := &tree.Mark{Revision: n, Time: time.Unix(0, at).UTC()}
	r.commits[n] = m
	return m, b, nil
}

// cutMarks splits off the marks before the content of a record.
func cutMarks(b []byte) (marks, rest []byte, err error) {
	if len(b) == 0 || b[0] != itemMarks {
		return nil, b, nil
	}
	return cutBytes(b[1:])
}
