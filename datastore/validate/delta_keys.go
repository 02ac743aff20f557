package validate

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
)

// put adds the keys for the leaf or leaf-list entry at c.
func (x *delta) put(to [][]string, c *xpath.Cursor) {
	text := c.Node().Value().String()
	for _, k := range x.cols.at[c.Schema().ID] {
		if !k.paths {
			to[k.id] = append(to[k.id], k.key(c, text))
		} else if key, ok := x.pathKey(k, c, text); ok {
			to[k.id] = append(to[k.id], key)
		}
	}
}

// anyChange marks instance-identifiers of nodes that any change can take away.
const anyChange = "*"

func (x *delta) pathKey(k *column, c *xpath.Cursor, text string) (string, bool) {
	w := x.new
	p, err := tree.ParsePath(w.v.schema, text)
	if err != nil {
		return "", false
	}
	path := p.String()
	for _, st := range p {
		if x.cols.wide.has(st.Schema) {
			path = anyChange
		}
	}
	if k.values() == 2 {
		return k.key(c, path, text), true
	}
	return k.key(c, path), true
}

// tuple is the key of an entry in the column of a unique statement; ok is false
// when it lacks one of the leafs.
func (x *delta) tuple(w *walk, k *column, entry *xpath.Cursor) (key string, ok bool) {
	if entry == nil {
		return "", false
	}
	leafs := w.uniqueLeafs(entry, k.unique)
	if leafs == nil {
		return "", false
	}
	var few [4]string
	texts := few[:0]
	for _, l := range leafs {
		texts = append(texts, l.Node().Value().String())
	}
	return k.key(entry, texts...), true
}

// goneWith adds the paths of the stored nodes that d deletes.
func (x *delta) goneWith(d *tree.Diff) {
	_ = d.Walk(func(p tree.Path, ch *tree.Change) error {
		if ch.Op == tree.Delete {
			x.gone = append(x.gone, p.String())
		}
		return nil
	})
}

// difference sorts a and b and takes out what is in both.
func difference(a, b []string) (onlyA, onlyB []string) {
	slices.Sort(a)
	slices.Sort(b)
	if len(a) == 0 || len(b) == 0 {
		return a, b
	}
	i := 0
	for _, s := range a {
		for len(b) > 0 && b[0] < s {
			onlyB, b = append(onlyB, b[0]), b[1:]
		}
		if len(b) > 0 && b[0] == s {
			b = b[1:]
			continue
		}
		a[i] = s
		i++
	}
	return a[:i], append(onlyB, b...)
}

// has tells whether a sorted list has s.
func has(l []string, s string) bool {
	_, ok := slices.BinarySearch(l, s)
	return ok
}

// starting are those of a sorted list that start with prefix.
func starting(l []string, prefix string) []string {
	i, _ := slices.BinarySearch(l, prefix)
	n := i
	for n < len(l) && strings.HasPrefix(l[n], prefix) {
		n++
	}
	return l[i:n]
}
