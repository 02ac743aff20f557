package validate

import (
	"github.com/altoam/altoam/datastore/tree"
)

// Index knows of one tree what Change would have to search it for: who refers to
// which value, which values exist across lists, which entry has which values in the
// leafs of a unique statement. It is immutable, safe for concurrent use, and
// shares all that is equal with the Index it was updated from.
type Index struct {
	v    *Validator
	sets []stringSet // by column
}

// Index returns the index of t. Cost is linear in t, schema subtrees without
// leafrefs, instance-identifiers and unique statements excepted.
func (v *Validator) Index(t *tree.Tree) *Index {
	ix := &Index{v, make([]stringSet, len(v.columns.list))}
	return ix.edited(v.delta(nil, t, nil))
}

// Update returns the index of next, where ix is that of old and d how next differs
// from it. Cost is in proportion to d, times log n. A nil Index stays nil.
func (ix *Index) Update(old, next *tree.Tree, d *tree.Diff) *Index {
	if ix == nil || d.Empty() {
		return ix
	}
	return ix.edited(ix.v.delta(old, next, d))
}

func (ix *Index) edited(x *delta) *Index {
	out := &Index{ix.v, make([]stringSet, len(ix.sets))}
	for i, s := range ix.sets {
		out.sets[i] = s
		if ix.v.columns.list[i].kept {
			out.sets[i] = s.edited(edits(x.added[i], x.removed[i]))
		}
	}
	return out
}

// edits merges two sorted lists without common strings.
func edits(added, removed []string) []setEdit {
	if len(added)+len(removed) == 0 {
		return nil
	}
	out := make([]setEdit, 0, len(added)+len(removed))
	for len(added)+len(removed) > 0 {
		if len(removed) == 0 || len(added) > 0 && added[0] < removed[0] {
			out = append(out, setEdit{added[0], false})
			added = added[1:]
		} else {
			out = append(out, setEdit{removed[0], true})
			removed = removed[1:]
		}
	}
	return out
}

// view is the Index of the tree that a change leads to, without making it.
type view struct {
	ix *Index // of the tree before
	*delta
}

// scan yields what follows prefix in the keys of a column that start with it.
func (x *view) scan(k *column, prefix string, yield func(rest string) bool) {
	removed := x.removed[k.id]
	more := true
	x.ix.sets[k.id].scan(prefix, func(rest string) bool {
		if len(removed) == 0 || !has(removed, prefix+rest) {
			more = yield(rest)
		}
		return more
	})
	for _, key := range starting(x.added[k.id], prefix) {
		if more = more && yield(key[len(prefix):]); !more {
			return
		}
	}
}

// any tells whether the column has a key with the prefix.
func (x *view) any(k *column, prefix string) (found bool) {
	x.scan(k, prefix, func(string) bool { found = true; return false })
	return found
}
