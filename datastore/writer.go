package datastore

import (
	"fmt"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Writer writes operational state by name. Names are local, of the module of the
// node written into, or "module:name". What the schema does not have (a feature
// that is off, a deviation) is passed over, with all below it. The first value
// that does not fit its type is kept: see Err. A Writer may be nil: it writes nothing.
type Writer struct {
	m   *tree.Mut
	err *error
}

// NewWriter writes below m.
func NewWriter(m *tree.Mut) *Writer { return &Writer{m: m, err: new(error)} }

// Full tells that nobody looks at what is written: who writes many entries stops.
func (w *Writer) Full() bool { return w == nil || w.m.Meter().Full() }

// Err is the first error of this Writer and of those made from it.
func (w *Writer) Err() error { return *w.err }

// In returns the container of that name, made when it is not there.
func (w *Writer) In(name string) *Writer {
	s := w.child(name)
	if s == nil || s.Kind != yang.Container {
		return nil
	}
	return &Writer{m: w.m.Ensure(s), err: w.err}
}

// Entry returns the list entry with these keys, made when it is not there.
func (w *Writer) Entry(name string, keys ...string) *Writer {
	s := w.child(name)
	if s == nil || s.Kind != yang.List {
		return nil
	}
	vals := make([]yang.Value, len(keys))
	for i, text := range keys {
		v, ok := w.parse(s.Keys[i], text)
		if !ok {
			return nil
		}
		vals[i] = v
	}
	e, _ := w.m.AddEntry(s, vals, tree.Position{})
	return &Writer{m: e, err: w.err}
}

// Existing returns the list entry with these keys, nil when it is not there.
func (w *Writer) Existing(name string, keys ...yang.Value) *Writer {
	s := w.child(name)
	if s == nil || s.Kind != yang.List {
		return nil
	}
	e := w.m.Entry(s, tree.KeyOf(keys...))
	if e == nil {
		return nil
	}
	return &Writer{m: e, err: w.err}
}

// Set sets a leaf, or adds a value to a leaf-list. The value is printed with
// fmt.Sprint and must be in the lexical form of RFC 7951 names: "module:identity".
func (w *Writer) Set(name string, value any) *Writer {
	s := w.child(name)
	if s == nil || !s.IsLeafy() {
		return w
	}
	v, ok := w.parse(s, fmt.Sprint(value))
	switch {
	case !ok:
	case s.Kind == yang.Leaf:
		w.m.SetLeaf(s, v)
	default:
		w.m.AddValue(s, v, tree.Position{})
	}
	return w
}

// SetAny sets an anydata node; a is not changed afterwards.
func (w *Writer) SetAny(name string, a *tree.Any) *Writer {
	if s := w.child(name); s != nil && s.Kind == yang.AnyData {
		w.m.SetAny(s, a)
	}
	return w
}

// Get is the canonical value of a leaf, "" when it is absent.
func (w *Writer) Get(name string) string {
	s := w.child(name)
	if s == nil || s.Kind != yang.Leaf {
		return ""
	}
	if n := w.m.Node().Child(s); n != nil {
		return n.Value().String()
	}
	return ""
}

func (w *Writer) child(name string) *yang.Node {
	if w == nil {
		return nil
	}
	parent := w.m.Schema()
	if module, local, ok := strings.Cut(name, ":"); ok {
		return parent.Child(module, local)
	}
	if parent.Module == nil {
		return nil
	}
	return parent.Child(parent.Module.Name, name)
}

func (w *Writer) parse(s *yang.Node, text string) (yang.Value, bool) {
	v, err := s.Type.Parse(text, nil)
	if err != nil && *w.err == nil {
		*w.err = fmt.Errorf("state leaf %s: %w", s.Path(), err)
	}
	return v, err == nil
}
