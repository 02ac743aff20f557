package persist

import (
	"bytes"
	"encoding/binary"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// The items of a record's value. Each is one byte and a length-prefixed name,
// local where the module is the parent's, else "module:name"; a leaf, leaf-list
// entry or anydata has its length-prefixed text behind it. The text of itemTyped
// starts with a digit, the yang.JSONKind.
const (
	itemOpen  = 'c' // container, its content follows up to itemClose
	itemClose = 'e'
	itemLeaf  = 'l'
	itemTyped = 't' // leaf or leaf-list entry of a union, which its text alone does not give back
	itemAny   = 'a'
)

// rootKey is the key of the root's record, orderMark what stands between an
// owner's key and a list name in the key of the record that keeps the order of
// a list ordered by user. No instance-identifier holds that byte, and it sorts
// before the "/" of the children.
const (
	rootKey   = "/"
	orderMark = "\x00"
)

// Records returns the records that d changes, in no particular order. Cost is
// proportional to d, and for lists ordered by user to the length of those whose
// order changed.
func Records(d *tree.Diff) []Record {
	if d.Root == nil {
		return nil
	}
	w := recorder{}
	w.owner(nil, d.Root)
	return w.out
}

type recorder struct{ out []Record }

// owner records the root or a list entry whose content changed.
func (w *recorder) owner(path tree.Path, c *tree.Change) {
	if w.changes(path, c) {
		w.put(path, c.New)
	}
}

// changes records what changed in the lists below c and tells whether content
// that belongs to the owner's own record changed.
func (w *recorder) changes(path tree.Path, c *tree.Change) (own bool) {
	reordered := map[*yang.Node]bool{}
	for _, ch := range c.Children {
		switch ch.Schema.Kind {
		case yang.List:
			w.entry(path, ch)
			if ch.Schema.OrderedByUser && (ch.Moved || ch.Op != tree.Inside) && !reordered[ch.Schema] {
				reordered[ch.Schema] = true
				w.order(path, c.New, ch.Schema)
			}
		case yang.Container:
			p := path.Join(tree.Step{Schema: ch.Schema})
			switch ch.Op {
			case tree.Create:
				own = true
				w.putLists(p, ch.New)
			case tree.Delete:
				own = true
				w.removeLists(p, ch.Old)
			default:
				own = w.changes(p, ch) || own
			}
		default:
			own = true
		}
	}
	return own
}

func (w *recorder) entry(path tree.Path, c *tree.Change) {
	switch c.Op {
	case tree.Create:
		w.putAll(path.Join(tree.StepTo(c.New)), c.New)
	case tree.Delete:
		w.removeAll(path.Join(tree.StepTo(c.Old)), c.Old)
	default:
		w.owner(path.Join(tree.StepTo(c.New)), c)
	}
}

func (w *recorder) put(path tree.Path, n *tree.Node) {
	w.out = append(w.out, Record{Key: key(path), Value: appendContent([]byte{}, n)})
}

func (w *recorder) putAll(path tree.Path, n *tree.Node) {
	w.put(path, n)
	w.putLists(path, n)
}

func (w *recorder) putLists(path tree.Path, n *tree.Node) {
	var last *yang.Node
	for c := range n.Children() {
		switch s := c.Schema(); s.Kind {
		case yang.List:
			w.putAll(path.Join(tree.StepTo(c)), c)
			if s.OrderedByUser && s != last {
				w.order(path, n, s)
			}
			last = s
		case yang.Container:
			w.putLists(path.Join(tree.Step{Schema: s}), c)
		}
	}
}

func (w *recorder) removeAll(path tree.Path, n *tree.Node) {
	w.out = append(w.out, Record{Key: key(path)})
	w.removeLists(path, n)
}

func (w *recorder) removeLists(path tree.Path, n *tree.Node) {
	var last *yang.Node
	for c := range n.Children() {
		switch s := c.Schema(); s.Kind {
		case yang.List:
			w.removeAll(path.Join(tree.StepTo(c)), c)
			if s.OrderedByUser && s != last {
				w.out = append(w.out, Record{Key: orderKey(path, s)})
			}
			last = s
		case yang.Container:
			w.removeLists(path.Join(tree.Step{Schema: s}), c)
		}
	}
}

// order records the order of the entries of list s below parent.
func (w *recorder) order(path tree.Path, parent *tree.Node, s *yang.Node) {
	if parent == nil || parent.Len(s) == 0 {
		w.out = append(w.out, Record{Key: orderKey(path, s)})
		return
	}
	var b []byte
	for e := range parent.Entries(s) {
		b = appendText(b, key(path.Join(tree.StepTo(e))))
	}
	w.out = append(w.out, Record{Key: orderKey(path, s), Value: b})
}

// appendContent appends n's children without its lists.
func appendContent(b []byte, n *tree.Node) []byte {
	for c := range n.Children() {
		s := c.Schema()
		switch s.Kind {
		case yang.List:
		case yang.Container:
			b = appendName(append(b, itemOpen), n.Schema(), s)
			b = appendContent(b, c)
			b = append(b, itemClose)
		case yang.Leaf, yang.LeafList:
			b = appendLeaf(b, n.Schema(), s, c.Value())
		default:
			b = appendName(append(b, itemAny), n.Schema(), s)
			b = appendText(b, anyText(c.Any()))
		}
	}
	return b
}

// appendLeaf appends a leaf or leaf-list entry.
func appendLeaf(b []byte, parent, s *yang.Node, v yang.Value) []byte {
	text := v.String()
	if v.Type() != s.Type {
		if first, err := parseText(s, text); err != nil || first != v {
			return appendText(appendName(append(b, itemTyped), parent, s), string('0'+rune(v.JSONKind()))+text)
		}
	}
	return appendText(appendName(append(b, itemLeaf), parent, s), text)
}

// anyText is the content of an anydata or anyxml node behind a letter for its form.
func anyText(a *tree.Any) string {
	switch {
	case a.Tree != nil:
		var b bytes.Buffer
		if codec.EncodeJSON(&b, a.Tree, codec.EncodeOptions{}) != nil { // a Buffer takes all
			return ""
		}
		return "j" + b.String()
	case a.JSON != "":
		return "j" + a.JSON
	}
	return "x" + a.XML
}

func appendName(b []byte, parent, s *yang.Node) []byte {
	if parent.Module == s.Module {
		return appendText(b, s.Name)
	}
	return appendText(b, s.QName())
}

func appendText(b []byte, t string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(t))), t...)
}

func key(path tree.Path) string {
	if len(path) == 0 {
		return rootKey
	}
	return path.String()
}

func orderKey(path tree.Path, s *yang.Node) string { return key(path) + orderMark + s.QName() }
