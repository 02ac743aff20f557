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
	ok, err := r.holds(w.env, c, s)
	if err != nil {
		w.fail(err)
		return false
	}
	if !ok && stored {
		path := c.Path().Join(tree.StepTo(c.Node().First(s))).String()
		e := rpcerr.New(rpcerr.UnknownElement, path, "%s %s may exist only when %s", kind(s), path, expected(r.whens))
		e.Info = []rpcerr.Info{{Name: "bad-element", Value: s.Name}}
		w.report(e)
	}
	return ok
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

// Prune removes from a configuration what a when expression that is false forbids,
// and what that makes forbidden in turn (RFC 7950 Section 8.2). It returns t itself
// when there is nothing to remove. Cost is linear in the subtrees whose schema has
// a when.
func (v *Validator) Prune(t *tree.Tree) *tree.Tree {
	for {
		p := pruning{v: v, env: xpath.NewEnv(v.model, t)}
		p.below(p.env.Root())
		if len(p.forbidden) == 0 {
			return t
		}
		m := t.Mutate()
		for _, path := range p.forbidden {
			if at := m.Find(path.Parent()); at != nil {
				at.Delete(path.Schema())
			}
		}
		t = m.Done()
	}
}

// pruning is one pass over a tree.
type pruning struct {
	v         *Validator
	env       *xpath.Env
	forbidden []tree.Path
}

func (p *pruning) below(c *xpath.Cursor) {
	for s := range c.Node().Schemas() {
		r := &p.v.rules[s.ID]
		if !r.when {
			continue
		}
		if ok, err := r.holds(p.env, c, s); err == nil && !ok {
			p.forbidden = append(p.forbidden, place(c, s))
			continue
		}
		if s.Kind != yang.Container && s.Kind != yang.List {
			continue
		}
		for n := range c.Node().Entries(s) {
			p.below(xpath.NewCursor(n, c))
		}
	}
}
