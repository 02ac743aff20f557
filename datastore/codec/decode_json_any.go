package codec

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/go-json-experiment/json/jsontext"
)

// any reads the value of an anydata or anyxml node.
func (d *jsonDecoder) any(o *jsonObject, s *yang.Node) error {
	raw, err := d.in.ReadValue()
	if err != nil {
		return d.syntax(err)
	}
	a, err := newJSONAny(s, raw)
	if err != nil {
		return d.badValue(s, err)
	}
	n := heldNode{schema: s, any: a}
	if s.Kind == yang.AnyData && strings.HasPrefix(a.JSON, anyMetaStart) {
		if n.attrs, a.JSON, err = d.splitMeta(a.JSON); err != nil {
			return err
		}
	}
	o.hold(n)
	return nil
}

const anyMetaStart = `{"@":`

// splitMeta takes the annotations off an anydata object that starts with them.
func (d *jsonDecoder) splitMeta(object string) (attrs []tree.Attr, rest string, err error) {
	outer := d.in
	defer func() { d.in = outer }()
	d.in = jsontext.NewDecoder(strings.NewReader(object))
	d.in.ReadToken()
	d.in.ReadToken()
	attrs, err = d.metaObject()
	return attrs, "{" + strings.TrimPrefix(object[d.in.InputOffset():], ","), err
}

// annotate reads the value of member "@name": annotations of the object itself
// or of its sibling (RFC 7952 Section 5.2).
func (d *jsonDecoder) annotate(o *jsonObject, parent *yang.Node, name []byte) error {
	if len(name) == 0 {
		if o.begin == nil {
			return d.badAnnotation("@", "\"@\" must stand before the containers and lists of an object that is a data node")
		}
		attrs, err := d.metaObject()
		o.attrs = attrs
		return err
	}
	s, err := d.find(parent, name, 0)
	if err != nil {
		if d.o.IgnoreUnknown {
			return d.skip()
		}
		return err
	}
	lists, err := d.metaLists(s)
	if err != nil || len(lists) == 0 {
		return err
	}
	at := slices.IndexFunc(o.held, func(n heldNode) bool { return n.schema == s })
	switch {
	case at < 0 && !o.saw(s):
		o.early = append(o.early, annotation{s, lists})
		return nil
	case at < 0:
		return d.badAnnotation(s.Name, "annotations of %s must come before a container or list follows it", s.QName())
	}
	for i, attrs := range lists {
		if at+i >= len(o.held) || o.held[at+i].schema != s {
			return d.badAnnotation(s.Name, "%s has fewer entries than annotations", s.QName())
		}
		o.held[at+i].attrs = attrs
	}
	return nil
}

// metaLists reads the annotations of s: of one instance, or those of the entries
// of a leaf-list, null for none.
func (d *jsonDecoder) metaLists(s *yang.Node) ([][]tree.Attr, error) {
	switch s.Kind {
	case yang.Leaf, yang.AnyXML:
		attrs, err := d.metaObject()
		return [][]tree.Attr{attrs}, err
	case yang.LeafList:
		var lists [][]tree.Attr
		err := d.array(s, func() error {
			var attrs []tree.Attr
			var err error
			if d.in.PeekKind() == 'n' {
				err = d.skip()
			} else {
				attrs, err = d.metaObject()
			}
			lists = append(lists, attrs)
			return err
		})
		return lists, err
	}
	return nil, d.badAnnotation(s.Name, "annotations of %s stand inside it, as member \"@\"", s.QName())
}

// metaObject reads a metadata object (RFC 7952 Section 5.2.1).
func (d *jsonDecoder) metaObject() ([]tree.Attr, error) {
	if d.in.PeekKind() != '{' {
		if d.in.PeekKind() == jsontext.KindInvalid {
			return nil, d.syntax(d.in.SkipValue())
		}
		return nil, d.badAnnotation("@", "annotations must be a JSON object")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return nil, d.syntax(err)
	}
	var attrs []tree.Attr
	for d.in.PeekKind() != '}' {
		raw, err := d.in.ReadValue()
		if err != nil {
			return nil, d.syntax(err)
		}
		name, err := d.text(raw)
		if err != nil {
			return nil, err
		}
		module, local := splitName(string(name))
		if module == "" {
			return nil, d.badAnnotation(local, "annotation %q needs its module: MODULE:%s", local, local)
		}
		value, err := d.metaValue(string(name))
		if err != nil {
			return nil, err
		}
		attrs = append(attrs, tree.Attr{
			Module: module, Name: local, Value: value,
			Resolver: &yang.JSONResolver{Schema: d.schema, Default: module},
		})
	}
	_, err := d.in.ReadToken()
	return attrs, d.syntax(err)
}

// metaValue is the text of an annotation's value: [null] is "".
func (d *jsonDecoder) metaValue(name string) (string, error) {
	raw, err := d.in.ReadValue()
	if err != nil {
		return "", d.syntax(err)
	}
	switch raw.Kind() {
	case '"':
		text, err := d.text(raw)
		return string(text), err
	case '0', 't', 'f':
		return string(raw), nil
	}
	if isNullArray(raw) {
		return "", nil
	}
	return "", d.badAnnotation(name, "annotation %s: expected a string, number, boolean or [null]", name)
}

func (d *jsonDecoder) badAnnotation(name, format string, args ...any) error {
	e := rpcerr.New(rpcerr.BadAttribute, d.path(nil), format, args...)
	e.Info = []rpcerr.Info{{Name: "bad-attribute", Value: name}}
	return e
}
