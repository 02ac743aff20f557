package validate

import (
	"fmt"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// elements checks the number of instances of the list or leaf-list s below c
// (RFC 7950 Sections 7.7.5 and 7.7.6): one error whatever the number.
func (w *walk) elements(c *xpath.Cursor, s *yang.Node) {
	n := uint64(c.Node().Len(s))
	at := position{at: c, phase: phaseAmount, child: s}
	what := "list"
	if s.Kind == yang.LeafList {
		what = "leaf-list"
	}
	switch {
	case n < s.MinElements && w.demanded(c, s.Case):
		w.report(at, rpcerr.New(rpcerr.OperationFailed, place(c, s).String(), "%s %s has %s, min-elements is %d",
			what, place(c, s), entries(n), s.MinElements).WithApp(rpcerr.AppTooFew))
	case s.MaxElements > 0 && n > s.MaxElements:
		w.report(at, rpcerr.New(rpcerr.OperationFailed, place(c, s).String(), "%s %s has %s, max-elements is %d",
			what, place(c, s), entries(n), s.MaxElements).WithApp(rpcerr.AppTooMany))
	}
}

func entries(n uint64) string {
	switch n {
	case 0:
		return "no entries"
	case 1:
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}
