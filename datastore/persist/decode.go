package persist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Loader rebuilds a tree from records. Use: NewLoader, Add for each record in
// the order of the keys, Tree. Not safe for concurrent use.
type Loader struct {
	schema   *yang.Schema
	root     *tree.Mut
	orders   []Record
	problems []error
}

// NewLoader starts with an empty tree of s.
func NewLoader(s *yang.Schema) *Loader {
	return &Loader{schema: s, root: tree.New(s.Root).Mutate()}
}

// Add takes one record. What the schema does not know, or no longer accepts, is
// left out and kept as a problem: see Tree.
func (l *Loader) Add(r Record) {
	if strings.Contains(r.Key, orderMark) {
		l.orders = append(l.orders, r)
		return
	}
	m, err := l.owner(r)
	if err != nil {
		l.problem(r.Key, err)
		return
	}
	if rest, err := l.content(r.Key, m, r.Value); err != nil {
		l.problem(r.Key, err)
	} else if len(rest) != 0 {
		l.problem(r.Key, errors.New("stray end of a container"))
	}
}

// Tree returns what was loaded, and an error for each node that was left out.
// The Loader is dead afterwards.
func (l *Loader) Tree() (*tree.Tree, []error) {
	for _, r := range l.orders {
		if err := l.reorder(r); err != nil {
			l.problem(strings.ReplaceAll(r.Key, orderMark, " order of "), err)
		}
	}
	return l.root.Done(), l.problems
}

func (l *Loader) problem(key string, err error) {
	l.problems = append(l.problems, fmt.Errorf("stored data at %s: %w", key, err))
}

// owner finds the root, or adds the list entry that the key of r names.
func (l *Loader) owner(r Record) (*tree.Mut, error) {
	if r.Key == rootKey {
		return l.root, nil
	}
	path, err := tree.ParsePath(l.schema, r.Key)
	if err != nil {
		return nil, err
	}
	m, err := l.descend(path[:len(path)-1])
	if err != nil {
		return nil, err
	}
	last := path[len(path)-1]
	if last.Schema.Kind != yang.List {
		return nil, fmt.Errorf("%s is a %v, not a list", last.Schema.Path(), last.Schema.Kind)
	}
	entry, _ := m.AddEntry(last.Schema, typedKeys(last, r.Value), tree.Position{})
	return entry, nil
}

// typedKeys are the keys of the entry st, as its content has them: a path does not
// say which member of a union they are of.
func typedKeys(st tree.Step, content []byte) []yang.Value {
	keys := slices.Clone(st.Keys)
	for len(content) > 0 && (content[0] == itemLeaf || content[0] == itemTyped) {
		name, rest, err := cutText(content[1:])
		if err != nil {
			break
		}
		text, rest, err := cutText(rest)
		i := slices.Index(st.Schema.Keys, child(st.Schema, name))
		if err != nil || i < 0 {
			break
		}
		if v, err := parseItem(st.Schema.Keys[i], content[0], text); err == nil {
			keys[i] = v
		}
		content = rest
	}
	return keys
}

// parseItem reads the text of a leaf or leaf-list entry.
func parseItem(s *yang.Node, item byte, text string) (yang.Value, error) {
	if item != itemTyped {
		return parseText(s, text)
	}
	if text == "" {
		return yang.Value{}, errors.New("damaged record: a value without its kind")
	}
	return s.Type.ParseJSON(yang.JSONKind(text[0]-'0'), text[1:], yang.JSONResolver{Default: s.Module.Name})
}

func parseText(s *yang.Node, text string) (yang.Value, error) {
	return s.Type.Parse(text, yang.JSONResolver{Default: s.Module.Name})
}

func (l *Loader) descend(path tree.Path) (*tree.Mut, error) {
	m := l.root
	for i, st := range path {
		if st.Schema.Kind == yang.List {
			if m = m.Entry(st.Schema, tree.KeyOf(st.Keys...)); m == nil {
				return nil, fmt.Errorf("its parent %s is not stored", path[:i+1])
			}
		} else {
			m = m.Ensure(st.Schema)
		}
	}
	return m, nil
}

// content reads items into m up to the end of its container and returns what follows.
func (l *Loader) content(key string, m *tree.Mut, b []byte) ([]byte, error) {
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		if kind == itemClose {
			return b, nil
		}
		name, rest, err := cutText(b)
		if err != nil {
			return nil, err
		}
		s := child(m.Schema(), name)
		switch kind {
		case itemOpen:
			if s == nil || s.Kind != yang.Container {
				l.problem(key, fmt.Errorf("no container %s in %s", name, m.Schema().Path()))
				b, err = skipContainer(rest)
			} else {
				b, err = l.content(key, m.Ensure(s), rest)
			}
		case itemLeaf, itemTyped, itemAny:
			var text string
			if text, b, err = cutText(rest); err == nil {
				if e := set(m, s, kind, name, text); e != nil {
					l.problem(key, e)
				}
			}
		default:
			err = fmt.Errorf("damaged record: unknown item %q", kind)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func set(m *tree.Mut, s *yang.Node, item byte, name, text string) error {
	if s == nil {
		return fmt.Errorf("no node %s in %s", name, m.Schema().Path())
	}
	switch s.Kind {
	case yang.Leaf, yang.LeafList:
		v, err := parseItem(s, item, text)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Path(), err)
		}
		if s.Kind == yang.LeafList {
			m.AddValue(s, v, tree.Position{})
		} else if !s.IsKey {
			m.SetLeaf(s, v)
		}
	case yang.AnyData, yang.AnyXML:
		a := &tree.Any{}
		switch {
		case strings.HasPrefix(text, "j"):
			a.JSON = text[1:]
		case strings.HasPrefix(text, "x"):
			a.XML = text[1:]
		default:
			return fmt.Errorf("%s: content in an unknown form", s.Path())
		}
		m.SetAny(s, a)
	default:
		return fmt.Errorf("%s holds no value", s.Path())
	}
	return nil
}

// reorder moves the entries that r lists into its order.
func (l *Loader) reorder(r Record) error {
	for b := r.Value; len(b) > 0; {
		entry, rest, err := cutText(b)
		if err != nil {
			return err
		}
		b = rest
		path, err := tree.ParsePath(l.schema, entry)
		if err != nil {
			return err
		}
		m, err := l.descend(path[:len(path)-1])
		if err != nil {
			return err
		}
		last := path[len(path)-1]
		if err := m.Move(last.Schema, tree.KeyOf(last.Keys...), tree.Position{Where: tree.Last}); err != nil {
			return err
		}
	}
	return nil
}

// child finds the data node by the name in an item.
func child(parent *yang.Node, name string) *yang.Node {
	if module, local, ok := strings.Cut(name, ":"); ok {
		return parent.Child(module, local)
	}
	if parent.Module == nil {
		return nil
	}
	return parent.Child(parent.Module.Name, name)
}

// skipContainer passes over items up to the end of the container they are in.
func skipContainer(b []byte) ([]byte, error) {
	for depth := 1; len(b) > 0; {
		kind := b[0]
		b = b[1:]
		var err error
		switch kind {
		case itemClose:
			if depth--; depth == 0 {
				return b, nil
			}
		case itemOpen:
			depth++
			_, b, err = cutText(b)
		default:
			if _, b, err = cutText(b); err == nil {
				_, b, err = cutText(b)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errors.New("damaged record: open container")
}

func cutText(b []byte) (string, []byte, error) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return "", nil, errors.New("damaged record: text longer than the record")
	}
	end := w + int(n)
	return string(b[w:end]), b[end:], nil
}
