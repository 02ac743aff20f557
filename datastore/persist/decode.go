package persist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// decoder puts records into a tree.
type decoder struct {
	schema   *yang.Schema
	root     *tree.Mut
	ordered  map[string]*places // by the keys' prefix
	left     map[string]string  // records left out to the predicates before them
	marker   marker
	problems []error
}

func newDecoder(s *yang.Schema, t *tree.Tree) *decoder {
	return &decoder{
		schema: s, root: t.Mutate(), ordered: map[string]*places{}, left: map[string]string{},
		marker: marker{map[uint64]*tree.Mark{}, map[*tree.Mark]*tree.Marks{}},
	}
}

// put makes the node of r hold what r says and the lists it has already. What the
// schema does not know, or no longer accepts, is left out and kept as a problem.
func (d *decoder) put(r Record) {
	if key, ok := strings.CutSuffix(r.Key, marksSuffix); ok {
		d.putMarks(key, r)
		return
	}
	previous, value, placed := cutPrevious(r.Value)
	marks, value, err := cutMarks(value)
	if err != nil {
		d.problem(r.Key, err)
		return
	}
	m, fresh, err := d.owner(r.Key, value, previous, placed)
	if err != nil {
		if placed {
			d.left[r.Key] = previous
		}
		d.problem(r.Key, err)
		return
	}
	if rest, err := d.content(r.Key, m, value, fresh); err != nil {
		d.problem(r.Key, err)
	} else if len(rest) != 0 {
		d.problem(r.Key, errors.New("stray end of a container"))
	}
	if _, err := d.marker.marks(m, marks); err != nil {
		d.problem(r.Key, err)
	}
}

// putMarks takes the marks of the node that key names, if it is there.
func (d *decoder) putMarks(key string, r Record) {
	m := d.root
	if key != rootKey {
		path, err := tree.ParsePath(d.schema, key)
		if err != nil || len(path[len(path)-1].Keys) == 0 {
			return
		}
		if m = d.root.Find(path); m == nil {
			return
		}
	}
	if _, err := d.marker.marks(m, r.Value); err != nil {
		d.problem(r.Key, err)
	}
}

// owner finds the root, or the list entry that key names, new when it is not there.
func (d *decoder) owner(key string, value []byte, previous string, placed bool) (m *tree.Mut, fresh bool, err error) {
	if key == rootKey {
		return d.root, d.root.Node().Empty(), nil
	}
	path, err := tree.ParsePath(d.schema, key)
	if err != nil {
		return nil, false, err
	}
	last := path[len(path)-1]
	if last.Schema.Kind != yang.List {
		return nil, false, fmt.Errorf("%s is a %v, not a list", last.Schema.Path(), last.Schema.Kind)
	}
	if len(last.Keys) == 0 {
		return nil, false, errors.New("it names no entry")
	}
	parent, err := d.descend(path[:len(path)-1])
	if err != nil {
		return nil, false, err
	}
	if placed && last.Schema.OrderedByUser {
		d.place(key, parent, last, previous)
	}
	keys := typedKeys(last, value)
	rekey(parent, last.Schema, keys)
	m, existed := parent.AddEntry(last.Schema, keys, tree.Position{})
	return m, !existed, nil
}

// place notes where an entry stands.
func (d *decoder) place(key string, parent *tree.Mut, st tree.Step, previous string) {
	text := predicates(st)
	prefix := strings.TrimSuffix(key, text)
	l := d.ordered[prefix]
	if l == nil {
		l = &places{m: parent, schema: st.Schema, prefix: prefix, byText: map[string]int{}}
		d.ordered[prefix] = l
	}
	l.add(place{text: text, key: tree.KeyOf(st.Keys...), previous: previous})
}

// done puts the lists ordered by user in order and returns the tree.
func (d *decoder) done() (*tree.Tree, []error) {
	for _, prefix := range slices.Sorted(maps.Keys(d.ordered)) {
		if err := d.ordered[prefix].arrange(d.schema, d.left); err != nil {
			d.problem(prefix, err)
		}
	}
	return d.root.Done(), d.problems
}

// rekey replaces the keys of an entry that has the same texts of other members of a
// union.
func rekey(parent *tree.Mut, s *yang.Node, keys []yang.Value) {
	e := parent.Node().Entry(s, tree.KeyOf(keys...))
	if e == nil || slices.Equal(e.KeyValues(), keys) {
		return
	}
	var kids []*tree.Node
	for i, v := range keys {
		kids = append(kids, tree.NewLeaf(s.Keys[i], v))
	}
	for c := range e.Children() {
		if !c.Schema().IsKey {
			kids = append(kids, c)
		}
	}
	if n, ok := tree.Assemble(s, kids); ok {
		parent.Put(n, tree.Position{})
	}
}

// typedKeys are the keys of the entry st, as its content, which starts with them, has
// them: a path does not say which member of a union they are of.
func typedKeys(st tree.Step, content []byte) []yang.Value {
	keys, own := st.Keys, false
	for range keys {
		if len(content) == 0 || content[0] != itemLeaf && content[0] != itemTyped {
			break
		}
		name, rest, err := cutBytes(content[1:])
		if err != nil {
			break
		}
		text, rest, err := cutBytes(rest)
		if err != nil {
			break
		}
		if content[0] == itemTyped {
			i := slices.Index(st.Schema.Keys, child(st.Schema, name, new(int)))
			if i < 0 {
				break
			}
			if v, err := parseItem(st.Schema.Keys[i], itemTyped, string(text)); err == nil {
				if !own {
					keys, own = slices.Clone(keys), true
				}
				keys[i] = v
			}
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

// descend returns the node at path, which has containers only besides entries that
// are there.
func (d *decoder) descend(path tree.Path) (*tree.Mut, error) {
	m := d.root
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

// child finds the data node by the name in an item. hint, where to look first, follows:
// items mostly come in schema order.
func child(parent *yang.Node, name []byte, hint *int) *yang.Node {
	module, local := "", name
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		module, local = string(name[:i]), name[i+1:]
	} else if parent.Module != nil {
		module = parent.Module.Name
	}
	for i := *hint; i < min(*hint+4, len(parent.Data)); i++ {
		if c := parent.Data[i]; c.Name == string(local) && c.Module.Name == module {
			*hint = i
			return c
		}
	}
	return parent.Child(module, string(local))
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
	text, rest, err := cutBytes(b)
	return string(text), rest, err
}

func cutBytes(b []byte) (text, rest []byte, err error) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return nil, nil, errors.New("damaged record: text longer than the record")
	}
	end := w + int(n)
	return b[w:end], b[end:], nil
}
