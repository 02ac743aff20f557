package validate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// permitted tells whether every when expression that s is subject to holds below c
// (RFC 7950 Section 7.21.5). A false one is an error where s is stored, named
// once whatever the number of instances (RFC 7950 Section 8.3.1).
func (w *walk) permitted(c *xpath.Cursor, s *yang.Node, stored bool) bool {
	r := w.rules(s)
	at := position{at: c, phase: phaseWhen, child: s}
	ok, err := r.holds(w.env, c, s)
	if err != nil {
		w.fail(at, err)
		return false
	}
	if !ok && stored {
		path := c.Path().Join(tree.StepTo(c.Node().First(s))).String()
		e := rpcerr.New(rpcerr.UnknownElement, path, "%s %s may exist only when %s", kind(s), path, expected(r.whens))
		e.Info = []rpcerr.Info{{Name: "bad-element", Value: s.Name}}
		w.report(at, e)
	}
	return ok
}

// whenChanged checks s below c after what its when expressions see has changed.
// Stored instances that are still permitted are as right as before.
func (w *walk) whenChanged(c *xpath.Cursor, s *yang.Node) {
	if c.Node().Has(s) {
		w.permitted(c, s, true)
	} else {
		w.child(c, s)
	}
}

// expected lists the expressions that have to be true.
func expected(whens []when) string {
	if len(whens) == 1 {
		return fmt.Sprintf("%q is true", whens[0].source.XPath.Text)
	}
	l := make([]string, len(whens))
	for i, x := range whens {
		l[i] = strconv.Quote(x.source.XPath.Text)
	}
	return strings.Join(l, " and ") + " are true"
}
