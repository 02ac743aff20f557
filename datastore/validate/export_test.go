package validate

import (
	"context"
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Visits is Change with the number of nodes it visits.
func (v *Validator) Visits(old, next *tree.Tree, d *tree.Diff, o Options) (errs []*rpcerr.Error, visits int) {
	w := v.walk(context.Background(), next, o)
	w.judge(old, next, d, o.Index)
	return w.errs, w.visits
}

// Contents are the keys in each column.
func (ix *Index) Contents() (out [][]string) {
	for _, s := range ix.sets {
		var l []string
		s.scan("", func(k string) bool { l = append(l, k); return true })
		out = append(out, l)
	}
	return out
}

// Columns describes the columns.
func (v *Validator) Columns() (out []string) {
	for _, k := range v.columns.list {
		out = append(out, k.node.Path()+" below "+k.apex.Path())
	}
	return out
}

// SameIndex tells whether two indexes know the same.
func SameIndex(a, b *Index) bool {
	return slices.EqualFunc(a.Contents(), b.Contents(), slices.Equal)
}
