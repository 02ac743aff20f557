package validate

import (
	"context"

	"github.com/altoam/altoam/datastore/tree"
)

// StaysValid is what Change decides by before Tree words the errors.
func (v *Validator) StaysValid(next *tree.Tree, d *tree.Diff) bool {
	return v.staysValid(context.Background(), next, d)
}
