package codec

import (
	"errors"
	"fmt"
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// DecodeOptions says how data from outside is read.
type DecodeOptions struct {
	// ConfigOnly refuses state data (config false) like a node that does not exist.
	ConfigOnly bool
	// IgnoreUnknown skips nodes that the schema does not have.
	IgnoreUnknown bool
	// Report, where set, is given errors about single nodes and reading goes on
	// without these: names the schema does not have, state data with ConfigOnly, and
	// values of leafs that are no keys, which their types refuse.
	Report func(*rpcerr.Error)
	// Qualified demands the module on the names of the outermost JSON members,
	// whatever the parent, as in a message of its own (RFC 7951 Section 4).
	Qualified bool
	// At is the path of the parent: errors name nodes below it.
	At tree.Path
	// MaxDepth bounds the nesting of containers and list entries; default 128.
	MaxDepth int
}

const defaultMaxDepth = 128

// netconfModule owns the operation attribute; its namespace is known even where
// the schema lacks the module.
const (
	netconfModule = "ietf-netconf"
	nsNetconf     = "urn:ietf:params:xml:ns:netconf:base:1.0"
)

// decoder is what both decoders share: where they are in the data tree, and the
// errors that say so.
type decoder struct {
	schema *yang.Schema
	sink   tree.Sink
	o      DecodeOptions
	open   []openNode
}

// openNode is a container or list entry that has begun, with the keys seen so far.
type openNode struct {
	schema *yang.Node
	keys   []yang.Value
}

// enter is called at the beginning of a container or list entry.
func (d *decoder) enter(s *yang.Node) error {
	limit := d.o.MaxDepth
	if limit <= 0 {
		limit = defaultMaxDepth
	}
	if len(d.open) == limit {
		return rpcerr.New(rpcerr.TooBig, d.path(nil), "data is nested deeper than %d levels", limit)
	}
	if len(d.open) < cap(d.open) {
		d.open = d.open[:len(d.open)+1]
	} else {
		d.open = append(d.open, openNode{})
	}
	top := &d.open[len(d.open)-1]
	top.schema, top.keys = s, top.keys[:0]
	return nil
}

func (d *decoder) leave() { d.open = d.open[:len(d.open)-1] }

// sawKey remembers a key's value for error paths.
func (d *decoder) sawKey(s *yang.Node, v yang.Value) {
	if !s.IsKey || len(d.open) == 0 {
		return
	}
	top := &d.open[len(d.open)-1]
	for len(top.keys) < len(top.schema.Keys) {
		top.keys = append(top.keys, yang.Value{})
	}
	if s.Index < len(top.keys) {
		top.keys[s.Index] = v
	}
}

// path is the instance-identifier of s below the nodes that are open, or with
// nil of the innermost of these.
func (d *decoder) path(s *yang.Node) string {
	p := d.place()
	if s != nil {
		p = append(p, tree.Step{Schema: s})
	}
	if len(p) == 0 {
		return ""
	}
	return p.String()
}

// place is the path of the innermost open node. A list entry whose first keys did
// not come yet has fewer of them or none.
func (d *decoder) place() tree.Path {
	p := d.o.At.Clone()
	for _, n := range d.open {
		keys := n.keys
		for i, v := range keys {
			if v.IsZero() {
				keys = keys[:i]
				break
			}
		}
		p = append(p, tree.Step{Schema: n.schema, Keys: slices.Clone(keys)})
	}
	return p
}

// child returns the data node of that name below parent, or nil. hint is where
// to look first: data mostly comes in schema order.
func child(parent *yang.Node, hint int, module *yang.Module, name string) *yang.Node {
	for _, c := range parent.Data[hint:min(hint+4, len(parent.Data))] {
		if c.Name == name && c.Module == module {
			return c
		}
	}
	if c := parent.Child(module.Name, name); c != nil && c.IsData() {
		return c
	}
	return nil
}

// allowed refuses state data where only configuration may stand.
func (d *decoder) allowed(s *yang.Node) error {
	if d.o.ConfigOnly && !s.Config {
		return d.unknown(rpcerr.UnknownElement, s.Name, "%s is state data: it cannot be configured", s.QName()).At(d.path(s))
	}
	return nil
}

// reported tells that err, about a node that can be left out, was given to Report.
func (d *decoder) reported(err error) bool {
	var e *rpcerr.Error
	if d.o.Report == nil || !errors.As(err, &e) {
		return false
	}
	d.o.Report(e)
	return true
}

// unknown makes the error for a node that may not stand here, with the
// bad-element of RFC 6241 Appendix A.
func (d *decoder) unknown(tag rpcerr.Tag, name, format string, args ...any) *rpcerr.Error {
	e := rpcerr.New(tag, d.path(nil), format, args...)
	e.Info = []rpcerr.Info{{Name: "bad-element", Value: name}}
	return e
}

// unknownNamespace is unknown with the bad-namespace too.
func (d *decoder) unknownNamespace(name, namespace, format string, args ...any) *rpcerr.Error {
	e := d.unknown(rpcerr.UnknownNamespace, name, format, args...)
	e.Info = append(e.Info, rpcerr.Info{Name: "bad-namespace", Value: namespace})
	return e
}

// unknownChild is the error for a name that parent does not have.
func (d *decoder) unknownChild(parent *yang.Node, module, name string) *rpcerr.Error {
	if c := parent.Child(module, name); c != nil {
		return d.unknown(rpcerr.UnknownElement, name, "%s is no data node: it cannot stand in data", c.QName())
	}
	return d.unknown(rpcerr.UnknownElement, name, "%s has no child %s:%s", describe(parent), module, name)
}

// describe names a schema node in a message.
func describe(s *yang.Node) string {
	if s.Kind == yang.Root {
		return "the datastore"
	}
	return s.Path()
}

// badValue makes the error for a value of s that its type refuses (RFC 7950
// Section 8.3.1).
func (d *decoder) badValue(s *yang.Node, err error) error {
	e := rpcerr.New(rpcerr.InvalidValue, d.path(s), "%s: %v", s.Name, err)
	var te *yang.TypeError
	if errors.As(err, &te) {
		e.AppTag = te.AppTag
		if te.Err != nil { // the module's own error-message is sent as it is
			e.Message, e.Err = te.Message, te.Err
		}
	}
	if s.Secret() {
		e.Message, e.Err = s.Name+": the value is not allowed", nil
		if te != nil {
			e.Message = s.Name + ": " + te.Discreet
		}
	}
	return e
}

// refused is badValue, unless s can be left out and the error was reported.
func (d *decoder) refused(s *yang.Node, err error) error {
	if err = d.badValue(s, err); !s.IsKey && d.reported(err) {
		return nil
	}
	return err
}

// fromSink gives an error of the sink the place where it arose.
func (d *decoder) fromSink(s *yang.Node, err error) error {
	var e *rpcerr.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	if e.Path == "" {
		return e.At(d.path(s))
	}
	return err
}

// deletes tells that attrs ask for a deletion, for which a leaf needs no value
// (RFC 6241 Section 7.2).
func deletes(attrs []tree.Attr) bool {
	for _, a := range attrs {
		if a.Module == netconfModule && a.Name == "operation" && (a.Value == "delete" || a.Value == "remove") {
			return true
		}
	}
	return false
}

// clip shortens text from outside for a message.
func clip(text []byte) string {
	const limit = 40
	if len(text) <= limit {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q…", text[:limit])
}
