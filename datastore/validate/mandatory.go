package validate

import (
	"errors"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// yangModule owns the error-info elements of RFC 7950 Section 15.
const yangModule = "yang"

// choice is a choice that has something to check.
type choice struct {
	node  *yang.Node
	index int // among those of the parent
	cases []*yang.Node
	whens []when // its own and those of the cases and choices around it
}

// compileChoices collects the choices below p that are mandatory or have several
// cases, in schema order.
func (v *Validator) compileChoices(p *yang.Node, configOnly bool) ([]choice, error) {
	var out []choice
	var errs []error
	for _, n := range p.Children {
		if n.Kind != yang.Choice && n.Kind != yang.Case {
			continue
		}
		if n.Kind == yang.Choice && (n.Config || !configOnly) && (n.Mandatory || len(n.Children) > 1) {
			whens, err := v.compileWhens(n)
			errs = append(errs, err)
			out = append(out, choice{node: n, cases: n.Children, whens: whens})
		}
		below, err := v.compileChoices(n, configOnly)
		out = append(out, below...)
		errs = append(errs, err)
	}
	return out, errors.Join(errs...)
}

// demanded tells whether what is required of s holds below c: always outside
// choices, in a case only when a node of the case is there (RFC 7950 Sections
// 7.6.5, 7.7.5 and 7.9.4).
func (w *walk) demanded(c *xpath.Cursor, around *yang.Node) bool {
	return around == nil || w.v.model.Selected(c.Node(), around)
}

// mandatory checks that a mandatory leaf, anydata or anyxml is there.
func (w *walk) mandatory(c *xpath.Cursor, s *yang.Node) {
	if !s.Mandatory || s.IsKey || c.Node().Has(s) || !w.demanded(c, s.Case) {
		return
	}
	e := rpcerr.New(rpcerr.DataMissing, place(c, s).String(), "%s must have the mandatory %s %s", describe(c), kind(s), s.QName())
	if w.input {
		e.Tag = rpcerr.MissingElement
		e.Info = []rpcerr.Info{{Name: "bad-element", Value: s.Name}}
	}
	w.report(position{at: c, phase: phaseAmount, child: s}, e)
}

// keys checks that a list entry has all its keys (RFC 7950 Section 7.8.2).
func (w *walk) keys(c *xpath.Cursor) {
	for i, k := range c.Schema().Keys {
		if !c.Node().Has(k) {
			e := rpcerr.New(rpcerr.MissingElement, c.Path().String(), "%s must have its key %s", describe(c), k.QName())
			e.Info = []rpcerr.Info{{Name: "bad-element", Value: k.Name}}
			w.report(position{at: c, phase: phaseKeys, index: i}, e)
		}
	}
}

// choices checks that each choice has nodes of at most one case, and of one when it
// is mandatory (RFC 7950 Section 7.9).
func (w *walk) choices(c *xpath.Cursor, l []choice) {
	for i := range l {
		ch := &l[i]
		var selected []*yang.Node
		for _, k := range ch.cases {
			if w.v.model.Selected(c.Node(), k) {
				selected = append(selected, k)
			}
		}
		switch {
		case len(selected) > 1:
			w.severalCases(c, ch, selected)
		case len(selected) == 0 && ch.node.Mandatory:
			w.missingChoice(c, ch)
		}
	}
}

func (w *walk) severalCases(c *xpath.Cursor, ch *choice, selected []*yang.Node) {
	var first *yang.Node
	for _, s := range w.v.model.CaseNodes(selected[1]) {
		if c.Node().Has(s) {
			first = s
			break
		}
	}
	e := rpcerr.New(rpcerr.BadElement, place(c, first).String(), "%s has nodes of %s of choice %s, where only one case may exist",
		describe(c), names("case", selected), ch.node.Name)
	e.Info = []rpcerr.Info{{Name: "bad-element", Value: first.Name}}
	w.report(position{at: c, phase: phaseChoice, index: ch.index}, e)
}

func (w *walk) missingChoice(c *xpath.Cursor, ch *choice) {
	around := ch.node.Parent
	if around.Kind != yang.Case {
		around = nil
	}
	if !w.demanded(c, around) {
		return
	}
	for i := range ch.whens {
		if ok, err := ch.whens[i].program.Bool(w.env, c); err != nil || !ok {
			return
		}
	}
	want := "of " + names("case", ch.cases)
	if len(ch.cases) == 0 {
		want = "no module that is loaded gives it a case"
	}
	e := rpcerr.New(rpcerr.DataMissing, c.Path().String(), "%s must have a node of the mandatory choice %s: %s",
		describe(c), ch.node.Name, want)
	e.AppTag = rpcerr.AppMissingChoice
	e.Info = []rpcerr.Info{{Module: yangModule, Name: "missing-choice", Value: ch.node.Name}}
	w.report(position{at: c, phase: phaseChoice, index: ch.index}, e)
}

// names lists the names of schema nodes of one kind: "case a, b".
func names(kind string, l []*yang.Node) string {
	s := make([]string, len(l))
	for i, n := range l {
		s[i] = n.Name
	}
	return kind + " " + strings.Join(s, ", ")
}

// describe names the node at c in a message.
func describe(c *xpath.Cursor) string {
	s := c.Schema()
	switch s.Kind {
	case yang.Root:
		return "the configuration"
	case yang.Input, yang.Output:
		return "the " + kindNames[s.Kind] + " of " + s.Parent.QName()
	}
	return kindNames[s.Kind] + " " + c.Path().String()
}

func kind(s *yang.Node) string { return kindNames[s.Kind] }

var kindNames = map[yang.Kind]string{
	yang.Container: "container", yang.List: "list entry", yang.Leaf: "leaf", yang.LeafList: "leaf-list",
	yang.AnyData: "anydata", yang.AnyXML: "anyxml", yang.Input: "input", yang.Output: "output",
	yang.Notification: "notification", yang.Structure: "structure",
}
