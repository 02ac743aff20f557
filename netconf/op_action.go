package netconf

import (
	"context"
	"slices"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// readAction reads <action> (RFC 7950 Section 7.15.2): containers and list
// entries with their keys, the innermost of which holds the action.
func (r *request) readAction() (action, error) {
	p := actionReader{request: r}
	if err := p.read(r.schema.Root); err != nil {
		return nil, err
	}
	if p.op == nil {
		return nil, missingElement("action", "<action> holds no action")
	}
	for i, st := range p.at {
		if j := slices.IndexFunc(st.Keys, yang.Value.IsZero); j >= 0 {
			return nil, missingElement(st.Schema.Keys[j].Name, "%s lacks the key %s", p.at[:i+1].Schema().Path(), st.Schema.Keys[j].Name)
		}
	}
	return func(ctx context.Context) (*reply, error) {
		return output(r.data.CallAction(ctx, p.at, p.op, p.in))
	}, nil
}

type actionReader struct {
	*request
	at tree.Path
	op *yang.Node // nil until it was found
	in *tree.Tree
}

// read reads the children of the open element, an instance of parent at p.at.
func (p *actionReader) read(parent *yang.Node) error {
	depth := len(p.at)
	inner := false
	return elements(p.x, func(t codec.XMLToken) error {
		s, err := p.child(parent, t)
		if err == nil {
			err = onlyAttributes(t)
		}
		switch {
		case err != nil:
			return err
		case s.IsKey:
			return p.key(s, t, depth)
		case inner:
			return badElement(t.Local, "an <action> holds one action: %s is one element too many", t.Local)
		}
		inner = true
		switch s.Kind {
		case yang.Action:
			p.op, p.action = s, s.Name
			p.in, err = p.input(s, p.at.Join(tree.Step{Schema: s}))
			return err
		case yang.Container, yang.List:
			p.at = append(p.at, tree.Step{Schema: s, Keys: make([]yang.Value, len(s.Keys))})
			return p.read(s)
		}
		return badElement(t.Local, "%s does not lead to an action", s.Path())
	})
}

func (p *actionReader) child(parent *yang.Node, t codec.XMLToken) (*yang.Node, error) {
	if m := p.schema.ModuleByNamespace(t.Space); m != nil {
		if s := parent.Child(m.Name, t.Local); s != nil {
			return s, nil
		}
	}
	return nil, elementError(rpcerr.UnknownElement, t.Local, "%s has no child %s in the namespace %q", parent.Path(), t.Local, t.Space)
}

// key reads a key of the entry that the step before depth leads to.
func (p *actionReader) key(s *yang.Node, t codec.XMLToken, depth int) error {
	step := &p.at[depth-1]
	sink := keySink{&step.Keys[slices.Index(step.Schema.Keys, s)]}
	if !sink.value.IsZero() {
		return badElement(t.Local, "the key %s stands twice", t.Local)
	}
	return codec.DecodeXMLElement(p.x, t, p.schema, s.DataParent, sink, codec.DecodeOptions{At: p.at[:depth-1].Join(tree.Step{Schema: step.Schema})})
}

// keySink is the tree.Sink of one leaf.
type keySink struct{ value *yang.Value }

func (k keySink) Leaf(_ *yang.Node, v yang.Value, _ []tree.Attr) error {
	*k.value = v
	return nil
}
func (keySink) Begin(*yang.Node, []tree.Attr) error          { return nil }
func (keySink) Any(*yang.Node, *tree.Any, []tree.Attr) error { return nil }
func (keySink) End() error                                   { return nil }
