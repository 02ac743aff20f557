package edit

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// The namespaces of attributes on configuration, as tree.Attr names them: by
// module where the schema has one.
var (
	netconfNames  = []string{"ietf-netconf", "urn:ietf:params:xml:ns:netconf:base:1.0"}
	yangNames     = []string{"yang", "urn:ietf:params:xml:ns:yang:1"}
	defaultsNames = []string{"ietf-netconf-with-defaults", "urn:ietf:params:xml:ns:netconf:default:1.0"}
)

// attributes are those that mean something in an edit; nil where absent.
type attributes struct{ operation, insert, key, value, toDefault *tree.Attr }

// annotate sets what n's attributes say. Attributes of other namespaces say nothing
// here; one without a namespace is refused, for a client that writes operation="delete"
// must not have its value merged.
func (b *Builder) annotate(n *Node, attrs []tree.Attr) error {
	n.Op = b.top().node.Op
	if len(attrs) == 0 {
		return nil
	}
	at, err := b.sort(n, attrs)
	if err != nil {
		return err
	}
	if at.operation != nil {
		op, ok := ParseOp(at.operation.Value)
		if !ok || op == None {
			return b.badAttribute(n, "operation", "the operation %.40q is none of merge, replace, create, delete, remove", at.operation.Value)
		}
		n.Op = op
	}
	if at.toDefault != nil {
		if err := b.returnToDefault(n, at.toDefault.Value); err != nil {
			return err
		}
	}
	return b.position(n, at)
}

// sort picks the attributes that mean something.
func (b *Builder) sort(n *Node, attrs []tree.Attr) (at attributes, err error) {
	for i := range attrs {
		a := &attrs[i]
		var field **tree.Attr
		switch {
		case slices.Contains(netconfNames, a.Module) && a.Name == "operation":
			field = &at.operation
		case slices.Contains(yangNames, a.Module):
			field = map[string]**tree.Attr{"insert": &at.insert, "key": &at.key, "value": &at.value}[a.Name]
		case slices.Contains(defaultsNames, a.Module) && a.Name == "default":
			field = &at.toDefault
		case a.Module != "" && !slices.Contains(netconfNames, a.Module):
			continue
		}
		switch {
		case field == nil && a.Module == "":
			return at, b.attribute(rpcerr.UnknownAttribute, n, a.Name,
				"the attribute %s is in no namespace; operation is in %s, insert, key and value are in %s", a.Name, netconfNames[1], yangNames[1])
		case field == nil:
			return at, b.attribute(rpcerr.UnknownAttribute, n, a.Name, "the attribute %s is not known", a.Name)
		}
		*field = a
	}
	return at, nil
}

// returnToDefault reads the default attribute (RFC 6243 Section 4.5.2), a boolean.
func (b *Builder) returnToDefault(n *Node, text string) error {
	at := b.path().Join(n.step()).String()
	if n.Op != Merge && n.Op != Replace && n.Op != Create {
		return rpcerr.New(rpcerr.InvalidValue, at, "a value marked as default goes with merge, replace and create, not with %s", n.Op)
	}
	switch strings.TrimSpace(text) {
	case "false", "0":
		return nil
	case "true", "1":
	default:
		return b.badAttribute(n, "default", "default is %.40q, neither true nor false", text)
	}
	if !n.Schema.IsLeafy() || !slices.Contains(n.Schema.Defaults, n.Value) {
		return rpcerr.New(rpcerr.InvalidValue, at, "the value marked as default is not the default of %s", n.Schema.Name)
	}
	n.ToDefault = true
	return nil
}

// position reads insert, key and value (RFC 7950 Sections 7.7.9 and 7.8.6).
func (b *Builder) position(n *Node, at attributes) error {
	anchor, name := at.key, "key"
	if n.Schema.Kind == yang.LeafList {
		anchor, name = at.value, "value"
	}
	for _, a := range []*tree.Attr{at.insert, at.key, at.value} {
		if a != nil && (!n.Schema.OrderedByUser || a != at.insert && a != anchor) {
			return b.attribute(rpcerr.UnknownAttribute, n, a.Name, "the attribute %s has no meaning on %s", a.Name, n.Schema.Name)
		}
	}
	if at.insert == nil {
		if anchor != nil {
			return b.attribute(rpcerr.MissingAttribute, n, "insert", "the attribute %s needs insert", name)
		}
		return nil
	}
	where, ok := map[string]tree.Where{"first": tree.First, "last": tree.Last, "before": tree.Before, "after": tree.After}[at.insert.Value]
	if !ok {
		return b.badAttribute(n, "insert", "insert is %.40q, none of first, last, before, after", at.insert.Value)
	}
	n.Pos = &tree.Position{Where: where}
	if where != tree.Before && where != tree.After {
		return nil
	}
	if anchor == nil {
		return b.attribute(rpcerr.MissingAttribute, n, name, "insert=%q needs the attribute %s", at.insert.Value, name)
	}
	keys, err := anchorKeys(n.Schema, anchor)
	if err != nil {
		return b.badAttribute(n, name, "%s: %v", name, err)
	}
	n.Pos.Anchor = tree.KeyOf(keys...)
	return nil
}

// anchorKeys reads the key predicates or the value that name an entry of s.
func anchorKeys(s *yang.Node, a *tree.Attr) ([]yang.Value, error) {
	r := a.Resolver
	if r == nil {
		r = yang.JSONResolver{Default: s.Module.Name}
	}
	if s.Kind == yang.List {
		return tree.ParseKeys(s, a.Value, r)
	}
	v, err := s.Type.Parse(a.Value, r)
	return []yang.Value{v}, err
}

func (b *Builder) badAttribute(n *Node, name, format string, args ...any) error {
	return b.attribute(rpcerr.BadAttribute, n, name, format, args...)
}

// attribute is an error about an attribute of n.
func (b *Builder) attribute(tag rpcerr.Tag, n *Node, name, format string, args ...any) error {
	e := rpcerr.New(tag, b.path().Join(n.pathStep()).String(), format, args...)
	e.Info = badAttribute(name, n.Schema.Name)
	return e
}

// badAttribute is the error-info of errors about attributes (RFC 6241 Appendix A).
func badAttribute(name, element string) []rpcerr.Info {
	return []rpcerr.Info{{Name: "bad-attribute", Value: name}, {Name: "bad-element", Value: element}}
}
