package query

import (
	"errors"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// Where is a compiled condition on the entries of a list or leaf-list
// (draft-ietf-netconf-list-pagination-10 Section 3.1.1): an XPath expression that is
// converted to a boolean, with the entry as its context node.
type Where struct{ program *xpath.Program }

// CompileWhere compiles a condition on entries of s. What does not parse, or names
// what the schema does not have, is an invalid-value that says where and why.
// o.MaxNodes is 1000 unless it is given.
func CompileWhere(text string, o yang.XPathOptions, model *xpath.Model, s *yang.Node) (*Where, error) {
	if o.MaxNodes == 0 {
		o.MaxNodes = maxParts
	}
	x, err := yang.ParseXPath(text, o)
	if err == nil {
		var p *xpath.Program
		if p, err = model.Compile(x, s); err == nil {
			if w := p.Warnings(); len(w) > 0 {
				return nil, rpcerr.New(rpcerr.InvalidValue, "", "the condition %q: %s", brief(text), strings.Join(w, "; "))
			}
			return &Where{p}, nil
		}
	}
	var e *rpcerr.Error
	if errors.As(err, &e) {
		return nil, e
	}
	return nil, rpcerr.New(rpcerr.InvalidValue, "", "the condition %q: %v", brief(text), err)
}

// visitsPerEntry is what an entry is charged besides the evaluation.
const visitsPerEntry = 4

// holds tells whether Where is true of e, and takes the cost from the limits.
func (w *pager) holds(e *tree.Node) (bool, error) {
	if w.Where == nil {
		return true, nil
	}
	if w.limits.Visits <= 0 {
		return false, w.exceeded()
	}
	w.env.Limits = w.limits
	ok, err := w.Where.program.Bool(w.env, xpath.NewCursor(e, w.above))
	switch {
	case isDenied(err):
		return false, w.exceeded()
	case err != nil:
		return false, ofRequest(err)
	}
	w.limits.Visits -= w.env.Visits() + visitsPerEntry
	return ok, nil
}

// exceeded names the whole budget, of which the evaluation that failed had the rest.
func (w *pager) exceeded() error {
	return rpcerr.New(rpcerr.ResourceDenied, "", "the condition %.200q takes more than %d visits of nodes before the page is complete: %s",
		w.Where.program, w.Limits.Or(xpath.UserLimits).Visits, "make it cheaper, or start from a cursor")
}

// filtered is the page of the entries for which Where holds, in the order of the
// list. When the limits are met after the page is complete, what remains is Unknown,
// and Next is where to go on, be Where true of it or not.
func (w *pager) filtered() (*Entries, error) {
	i, err := w.start()
	if err != nil {
		return nil, err
	}
	out, skipped := &Entries{}, 0
	for e := range w.from(i, false) {
		ok, err := w.holds(e)
		switch {
		case isDenied(err) && w.full(out):
			out.Remaining = Unknown
			if out.Next == nil {
				out.Next = e
			}
			return out, nil
		case err != nil:
			return nil, err
		case !ok:
		case skipped < w.Offset:
			skipped++
			out.Previous = e
		case !w.full(out):
			out.Nodes = append(out.Nodes, e)
		default:
			if out.Next == nil {
				out.Next = e
			}
			out.Remaining++
		}
	}
	if skipped < w.Offset {
		return nil, w.outOfRange(skipped)
	}
	return out, w.before(out, i)
}

// before finds what precedes the cursor at place i.
func (w *pager) before(out *Entries, i int) error {
	if w.Cursor == nil || w.Offset > 0 {
		return nil
	}
	for e := range w.from(w.step(i, -1), true) {
		ok, err := w.holds(e)
		switch {
		case isDenied(err):
			return nil
		case err != nil:
			return err
		case ok:
			out.Previous = e
			return nil
		}
	}
	return nil
}

func isDenied(err error) bool {
	var e *rpcerr.Error
	return errors.As(err, &e) && e.Tag == rpcerr.ResourceDenied
}
