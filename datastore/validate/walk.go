package validate

import (
	"context"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// walk is one validation of one tree.
type walk struct {
	v      *Validator
	ctx    context.Context
	env    *xpath.Env
	max    int
	input  bool // the parameters of an operation, not a datastore
	errs   []*rpcerr.Error
	visits int
	values map[setKey]map[string]bool

	// Of the judgement of a change: where errs are, and what an Index knows.
	change bool
	places []position
	taken  map[errorID]bool
	view   *view
	ranks  map[setKey]map[*tree.Node]int // places in long lists ordered by user
}

func (v *Validator) walk(ctx context.Context, t *tree.Tree, o Options) *walk {
	if o.Max <= 0 {
		o.Max = DefaultMax
	}
	env := xpath.NewEnv(v.model, t)
	env.Context = ctx
	return &walk{v: v, ctx: ctx, env: env, max: o.Max, values: map[setKey]map[string]bool{}}
}

func (w *walk) rules(s *yang.Node) *rules { return &w.v.rules[s.ID] }

// full tells that enough errors were found.
func (w *walk) full() bool { return len(w.errs) >= w.max }

// errorID is what no two errors of one tree have in common.
type errorID struct {
	path  string
	phase phase
	index int
	tag   rpcerr.Tag
}

// report takes an error. Of a change it is taken once, and only where Tree gets to.
func (w *walk) report(p position, e *rpcerr.Error) {
	switch {
	case w.full():
		return
	case w.change:
		id := errorID{e.Path, p.phase, p.index, e.Tag}
		if w.taken[id] || !w.reached(p) {
			return
		}
		w.taken[id] = true
		w.places = append(w.places, p)
	}
	w.errs = append(w.errs, e)
}

// fail reports what kept an expression from being evaluated.
func (w *walk) fail(p position, err error) {
	if w.ctx.Err() != nil {
		w.interrupt()
		return
	}
	for _, e := range rpcerr.All(err) {
		w.report(p, e)
	}
}

// visitsPerCheck is the number of nodes between looks at the context.
const visitsPerCheck = 1024

// visit counts a node and tells whether the walk goes on.
func (w *walk) visit() bool {
	if w.visits++; w.visits%visitsPerCheck == 0 && w.ctx.Err() != nil {
		w.interrupt()
	}
	return !w.full()
}

// interrupt ends the walk with the error that says so.
func (w *walk) interrupt() {
	if w.full() {
		return
	}
	w.max = len(w.errs) + 1
	w.report(position{phase: phaseEnd}, &rpcerr.Error{
		Type: rpcerr.Application, Tag: rpcerr.OperationFailed, Err: w.ctx.Err(),
		Message: "the validation was interrupted before its end",
	})
}

// instance checks one node of the accessible tree and everything below it.
func (w *walk) instance(c *xpath.Cursor) {
	if !w.visit() {
		return
	}
	s := c.Schema()
	r := w.rules(s)
	w.keys(c)
	w.musts(c, r.musts)
	if r.refs != nil {
		w.reference(c, r.refs)
	}
	w.choices(c, r.choices)
	for _, k := range r.checked {
		if w.full() {
			return
		}
		w.child(c, k)
	}
}

// child checks all instances of s below c, or that there need be none.
func (w *walk) child(c *xpath.Cursor, s *yang.Node) {
	r := w.rules(s)
	stored := c.Node().Has(s)
	if !stored && !r.absent || !w.permitted(c, s, stored) {
		return
	}
	w.level(c, s)
	if !r.each {
		return
	}
	switch {
	case s.Kind != yang.List && s.Kind != yang.LeafList:
		if x := w.env.Instance(c, s); x != nil {
			w.instance(x)
		}
	case stored:
		for n := range c.Node().Entries(s) {
			if w.full() {
				return
			}
			w.instance(xpath.NewCursor(n, c))
		}
	default:
		for x := range w.env.Instances(c, s) {
			w.instance(x)
		}
	}
}

// level checks the rules on all instances of s below c together.
func (w *walk) level(c *xpath.Cursor, s *yang.Node) {
	w.amount(c, s)
	for i := range w.rules(s).uniques {
		if q := &w.rules(s).uniques[i]; w.view == nil || q.column == nil {
			w.unique(c, s, q)
		}
	}
}

// amount checks that there are enough instances of s below c and not too many.
func (w *walk) amount(c *xpath.Cursor, s *yang.Node) {
	if s.Kind == yang.List || s.Kind == yang.LeafList {
		w.elements(c, s)
	} else {
		w.mandatory(c, s)
	}
}

// place is the path of the instances of s below c.
func place(c *xpath.Cursor, s *yang.Node) tree.Path { return c.Path().Join(tree.Step{Schema: s}) }
