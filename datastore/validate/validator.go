// Package validate judges data trees by the constraints of RFC 7950 Sections 7 and
// 8 that types alone do not settle: mandatory, min-elements, max-elements, keys,
// unique, must, when, leafref, instance-identifier, choice.
//
// A Validator holds the rules of a Schema. Tree judges a whole configuration,
// Change one that grew out of a valid one, Input the parameters of an operation. An
// Index of the valid one spares Change the search for what refers to what. Prune
// removes what a when expression that became false takes away. Constraints on state
// data are not judged.
package validate

import (
	"context"
	"errors"
	"fmt"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// Validator holds the rules of one Schema. It is immutable and safe for
// concurrent use.
type Validator struct {
	schema  *yang.Schema
	model   *xpath.Model
	rules   []rules // by yang.Node.ID
	deps    *dependencies
	columns *columns
}

// Options of one validation.
type Options struct {
	// Max bounds the errors that are reported; 0 means DefaultMax.
	Max int
	// Index is that of the valid tree a change starts from; nil searches the tree.
	Index *Index
}

// DefaultMax is the number of errors after which a validation ends.
const DefaultMax = 100

// rules are the constraints that one schema node puts on its instances.
type rules struct {
	musts   []must
	whens   []when
	refs    *reference
	uniques []unique
	choices []choice     // below a parent, in schema order
	checked []*yang.Node // its data nodes that have a rule at or below them
	when    bool         // a when at or below it

	each   bool // there is something to check on each instance
	level  bool // there is something to check on all instances together
	absent bool // there is something to check without a stored instance
}

// New compiles the rules of a schema. The error joins one for each expression that
// does not compile, with its file and line.
func New(s *yang.Schema) (*Validator, error) {
	m, err := xpath.NewModel(s)
	if err != nil {
		return nil, err
	}
	v := &Validator{schema: s, model: m, rules: make([]rules, len(s.Nodes))}
	var errs []error
	for _, n := range s.Nodes {
		switch n.Kind {
		case yang.Root, yang.Input, yang.Output, yang.Notification, yang.Structure:
			errs = append(errs, v.compileBelow(n, n.Kind == yang.Root))
			v.rules[n.ID].musts, err = v.compileMusts(n)
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	v.columns = v.compileColumns()
	v.deps = v.dependencies()
	return v, nil
}

// Model is what the rules were compiled with.
func (v *Validator) Model() *xpath.Model { return v.model }

// compileBelow compiles the rules of the nodes below p, those of configuration only
// or all.
func (v *Validator) compileBelow(p *yang.Node, configOnly bool) error {
	var errs []error
	r := &v.rules[p.ID]
	for _, s := range p.Data {
		if configOnly && !s.Config {
			continue
		}
		errs = append(errs, v.compile(s), v.compileBelow(s, configOnly))
		k := &v.rules[s.ID]
		inside := len(k.checked) > 0 || len(k.choices) > 0
		k.each = k.each || inside
		k.absent = k.absent || s.Kind == yang.Container && !s.Presence && v.absentBelow(k)
		k.when = k.when || len(k.whens) > 0
		r.when = r.when || k.when
		if k.each || k.level || k.absent || len(k.whens) > 0 {
			r.checked = append(r.checked, s)
		}
	}
	cs, err := v.compileChoices(p, configOnly)
	for i := range cs {
		cs[i].index = i
	}
	r.choices = cs
	return errors.Join(append(errs, err)...)
}

// absentBelow tells whether rules can be broken below a non-presence container
// that is not stored.
func (v *Validator) absentBelow(k *rules) bool {
	for _, s := range k.checked {
		if v.rules[s.ID].absent {
			return true
		}
	}
	for _, c := range k.choices {
		if c.node.Mandatory {
			return true
		}
	}
	return false
}

// compile compiles the rules of the data node s itself.
func (v *Validator) compile(s *yang.Node) error {
	k := &v.rules[s.ID]
	var err1, err2 error
	k.musts, err1 = v.compileMusts(s)
	k.whens, err2 = v.compileWhens(s)
	k.refs = v.compileReference(s)
	k.uniques = compileUniques(s)
	k.each = len(k.musts) > 0 || k.refs != nil || len(s.Keys) > 0
	k.level = s.Mandatory || s.MinElements > 0 || s.MaxElements > 0 || len(k.uniques) > 0
	k.absent = s.Mandatory || s.MinElements > 0 || standsIn(s) && (len(k.musts) > 0 || k.refs != nil)
	return errors.Join(err1, err2)
}

// standsIn tells whether the accessible tree can have instances of s that are not
// stored: defaults and non-presence containers.
func standsIn(s *yang.Node) bool {
	return len(s.Defaults) > 0 || s.Kind == yang.Container && !s.Presence
}

// Tree judges a complete configuration: t has the schema's Root as its root. The
// errors are in document order, none when t is valid. Cost is linear in t, schema
// subtrees without rules excepted, besides what must and when expressions cost.
func (v *Validator) Tree(ctx context.Context, t *tree.Tree, o Options) []*rpcerr.Error {
	w := v.walk(ctx, t, o)
	w.instance(w.env.Root())
	return w.errs
}

// located says where in the modules an expression stands that does not compile.
func located(n *yang.Node, statement string, err error) error {
	return fmt.Errorf("%s:%d: %s of %s: %w", n.File, n.Line, statement, n.SchemaPath(), err)
}
