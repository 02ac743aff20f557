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
// starts with a digit, the yang.JSONKind. The record of an entry of a list ordered
// by user starts with itemPrevious and the predicates of the entry before it, empty
// for the first one.
const (
	itemOpen  = 'c' // container, its content follows up to itemClose
	itemClose = 'e'
	itemLeaf  = 'l'
	itemTyped = 't' // leaf or leaf-list entry of a union, which its text alone does not give back
	itemAny   = 'a'

	itemPrevious = 'p'
)

// rootKey is the key of the root's record.
const rootKey = "/"

// Records returns the records that d changes, in no particular order. Cost is
// proportional to d: in a list ordered by user an entry that is new, gone or moved
// rewrites its own record and those of the entries it stands or stood before.
func Records(d *tree.Diff) []Record {
	if d.Root == nil {
		return nil
	}
	w := recorder{}
	if w.changes(nil, d.Root) {
		w.put(nil, nil, d.Root.New)
	} else {
		w.putMarks(nil, d.Root.New)
	}
	return w.out
}

type recorder struct {
	out []Record
	// Where a value and its marks are made.
	buf, marks []byte
}

// changes records what changed in the lists below c and tells whether content
// that belongs to the owner's own record changed.
func (w *recorder) changes(path tree.Path, c *tree.Change) (own bool) {
	for rest := c.Children; len(rest) > 0; {
		ch := rest[0]
		switch ch.Schema.Kind {
		case yang.List:
			n := 1
			for n < len(rest) && rest[n].Schema == ch.Schema {
				n++
			}
			w.entries(path, c, rest[:n])
			rest = rest[n:]
			continue
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
		rest = rest[1:]
	}
	return own
}

// entries records the changes of one list below parent.
func (w *recorder) entries(path tree.Path, parent *tree.Change, run []*tree.Change) {
	moved := follow(parent, run)
	for _, c := range run {
		switch c.Op {
		case tree.Create:
			w.putAll(path.Join(tree.StepTo(c.New)), parent.New, c.New)
		case tree.Delete:
			w.removeAll(path.Join(tree.StepTo(c.Old)), c.Old)
		default:
			p := path.Join(tree.StepTo(c.New))
			if own := w.changes(p, c); own || moved[c.New.Key()] != nil {
				w.put(p, parent.New, c.New)
			} else {
				w.putMarks(p, c.New)
			}
		}
		if n := c.New; n != nil {
			delete(moved, n.Key())
		}
	}
	for _, n := range moved {
		w.put(path.Join(tree.StepTo(n)), parent.New, n)
	}
}

func (w *recorder) put(path tree.Path, parent, n *tree.Node) {
	w.buf = appendPrevious(w.buf[:0], parent, n)
	if w.marks = appendMarks(w.marks[:0], n); len(w.marks) > 0 {
		w.buf = appendText(append(w.buf, itemMarks), w.marks)
	}
	w.buf = appendContent(w.buf, n)
	w.out = append(w.out, Record{Key: key(path), Value: append(make([]byte, 0, len(w.buf)), w.buf...)})
	w.dropMarks(path, n)
}

func (w *recorder) putAll(path tree.Path, parent, n *tree.Node) {
	w.put(path, parent, n)
	w.putLists(path, n)
}

func (w *recorder) putLists(path tree.Path, n *tree.Node) {
	for c := range n.Children() {
		switch s := c.Schema(); s.Kind {
		case yang.List:
			w.putAll(path.Join(tree.StepTo(c)), n, c)
		case yang.Container:
			w.putLists(path.Join(tree.Step{Schema: s}), c)
		}
	}
}

func (w *recorder) removeAll(path tree.Path, n *tree.Node) {
	w.out = append(w.out, Record{Key: key(path)})
	w.dropMarks(path, n)
	w.removeLists(path, n)
}

func (w *recorder) removeLists(path tree.Path, n *tree.Node) {
	for c := range n.Children() {
		switch s := c.Schema(); s.Kind {
		case yang.List:
			w.removeAll(path.Join(tree.StepTo(c)), c)
		case yang.Container:
			w.removeLists(path.Join(tree.Step{Schema: s}), c)
		}
	}
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

func appendText[T string | []byte](b []byte, t T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(t))), t...)
}

func key(path tree.Path) string {
	if len(path) == 0 {
		return rootKey
	}
	return path.String()
}
