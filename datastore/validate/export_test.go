package validate

import (
	"context"

	"github.com/altoam/altoam/datastore/tree"
)

// StaysValid is what Change decides by before Tree words the errors, and the
// number of nodes it visits for that.
func (v *Validator) StaysValid(next *tree.Tree, d *tree.Diff) (ok bool, visits int) {
	w := v.walk(context.Background(), next, Options{Max: 1})
	return w.staysValid(d), w.visits
}
