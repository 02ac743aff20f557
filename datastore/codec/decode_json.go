package codec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeJSON reads one JSON object whose members are instances of parent's
// children (RFC 7951), and nothing behind it, and hands them to sink as they
// come. Member names carry their module at the top level of a Root schema node
// or with Qualified, and where it is not the parent's; elsewhere they may.
//
// Annotations (RFC 7952 Section 5.2) become Attrs. To stream, a node is handed on
// at the latest when a container, list or the end of its object follows: an
// annotation that comes later than that is refused, bad-attribute.
//
// Errors are as those of DecodeXML; malformed-message names the byte offset.
func DecodeJSON(r io.Reader, schema *yang.Schema, parent *yang.Node, sink tree.Sink, o DecodeOptions) error {
	top := parent.Module
	if o.Qualified {
		top = nil
	}
	return newJSONDecoder(r, schema, top, sink, o).document(parent)
}

// newJSONDecoder makes a decoder; top is the module of unqualified names at the
// top level, nil where there may be none.
func newJSONDecoder(r io.Reader, schema *yang.Schema, top *yang.Module, sink tree.Sink, o DecodeOptions) *jsonDecoder {
	d := &jsonDecoder{decoder: decoder{schema: schema, sink: sink, o: o}, in: jsontext.NewDecoder(r), top: top}
	d.resolver.Schema = schema
	return d
}

// document reads the object and checks that nothing follows.
func (d *jsonDecoder) document(parent *yang.Node) error {
	if k := d.in.PeekKind(); k != '{' && k != jsontext.KindInvalid {
		return d.malformed("a JSON object is expected")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return d.syntax(err)
	}
	if err := d.object(parent, nil); err != nil {
		return err
	}
	if _, err := d.in.ReadToken(); err != io.EOF {
		if err != nil {
			return d.syntax(err)
		}
		return d.malformed("more follows the JSON object")
	}
	return nil
}

type jsonDecoder struct {
	decoder
	in       *jsontext.Decoder
	top      *yang.Module
	objects  []*jsonObject // reused, one for each level
	level    int
	unquoted []byte
	resolver yang.JSONResolver
}

// object reads the members of an object whose brace is read, and its end. begin
// is the node it is an instance of, nil at the top level.
func (d *jsonDecoder) object(parent, begin *yang.Node) error {
	o := d.push(begin)
	hint := 0
	for d.in.PeekKind() != '}' {
		raw, err := d.in.ReadValue()
		if err != nil {
			return d.syntax(err)
		}
		name, err := d.text(raw)
		if err != nil {
			return err
		}
		if err := d.member(o, parent, name, &hint); err != nil {
			return err
		}
	}
	if _, err := d.in.ReadToken(); err != nil {
		return d.syntax(err)
	}
	if len(o.early) > 0 {
		s := o.early[0].schema
		return d.badAnnotation(s.Name, "%s is annotated but not there", s.QName())
	}
	if err := d.release(o); err != nil {
		return err
	}
	d.level--
	return nil
}

func (d *jsonDecoder) member(o *jsonObject, parent *yang.Node, name []byte, hint *int) error {
	if len(name) > 0 && name[0] == '@' {
		return d.annotate(o, parent, name[1:])
	}
	s, err := d.find(parent, name, *hint)
	if err != nil {
		if d.o.IgnoreUnknown || d.reported(err) {
			return d.skip()
		}
		return err
	}
	*hint = s.Index
	if err := d.allowed(s); err != nil {
		if d.reported(err) {
			return d.skip()
		}
		return err
	}
	if o.saw(s) {
		return d.malformed("member %q occurs twice, with and without its module", name)
	}
	o.mark(s)
	switch s.Kind {
	case yang.Leaf:
		return d.leaf(o, s)
	case yang.LeafList:
		return d.array(s, func() error { return d.leaf(o, s) })
	case yang.AnyData, yang.AnyXML:
		return d.any(o, s)
	}
	if err := d.release(o); err != nil {
		return err
	}
	if s.Kind == yang.List {
		return d.array(s, func() error { return d.instance(s) })
	}
	return d.instance(s)
}

// find returns the schema node of a member name (RFC 7951 Section 4).
func (d *jsonDecoder) find(parent *yang.Node, name []byte, hint int) (*yang.Node, error) {
	colon := bytes.IndexByte(name, ':')
	local := name[colon+1:]
	m := parent.Module
	if d.level == 1 {
		m = d.top
	}
	for _, c := range parent.Data[hint:min(hint+4, len(parent.Data))] {
		if c.Name == string(local) && (colon < 0 && c.Module == m || colon >= 0 && c.Module.Name == string(name[:colon])) {
			return c, nil
		}
	}
	if colon >= 0 {
		if m = d.schema.Module(string(name[:colon])); m == nil {
			return nil, d.unknownNamespace(string(local), string(name[:colon]), "there is no module %s", name[:colon])
		}
	} else if m == nil {
		return nil, d.unknown(rpcerr.UnknownElement, string(local), "member %q needs its module: MODULE:%s", name, name)
	}
	if s := child(parent, 0, m, string(local)); s != nil {
		return s, nil
	}
	return nil, d.unknownChild(parent, m.Name, string(local))
}

// instance reads a container or list entry.
func (d *jsonDecoder) instance(s *yang.Node) error {
	if k := d.in.PeekKind(); k != '{' {
		return d.wrongKind(s, "a JSON object")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return d.syntax(err)
	}
	if err := d.enter(s); err != nil {
		return err
	}
	if err := d.object(s, s); err != nil {
		return err
	}
	if err := d.sink.End(); err != nil {
		return d.fromSink(nil, err)
	}
	d.leave()
	return nil
}

// array reads a JSON array with one instance of s in each element.
func (d *jsonDecoder) array(s *yang.Node, element func() error) error {
	if k := d.in.PeekKind(); k != '[' {
		return d.wrongKind(s, "a JSON array")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return d.syntax(err)
	}
	for d.in.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.in.ReadToken()
	return d.syntax(err)
}

func (d *jsonDecoder) leaf(o *jsonObject, s *yang.Node) error {
	kind, text, err := d.scalar(s)
	if err != nil {
		return err
	}
	d.resolver.Default = s.Module.Name
	v, err := s.Type.ParseJSON(kind, text, &d.resolver)
	if err != nil {
		return d.refused(s, err)
	}
	d.sawKey(s, v)
	o.hold(heldNode{schema: s, value: v})
	return nil
}

// scalar reads the value of a leaf (RFC 7951 Section 6).
func (d *jsonDecoder) scalar(s *yang.Node) (yang.JSONKind, string, error) {
	switch k := d.in.PeekKind(); k {
	case '"', '0', 't', 'f':
		raw, err := d.in.ReadValue()
		if err != nil {
			return 0, "", d.syntax(err)
		}
		switch k {
		case '0':
			return yang.JSONNumber, string(raw), nil
		case 't', 'f':
			return yang.JSONBool, string(raw), nil
		}
		text, err := d.text(raw)
		return yang.JSONString, string(text), err
	case '[':
		raw, err := d.in.ReadValue()
		if err != nil {
			return 0, "", d.syntax(err)
		}
		if isNullArray(raw) {
			return yang.JSONNullArray, "", nil
		}
	}
	return 0, "", d.wrongKind(s, "a string, number, boolean or [null]")
}

// text is the content of a JSON string, valid until the next call.
func (d *jsonDecoder) text(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	var err error
	d.unquoted, err = jsontext.AppendUnquote(d.unquoted[:0], raw)
	return d.unquoted, d.syntax(err)
}

func (d *jsonDecoder) skip() error {
	return d.syntax(d.in.SkipValue())
}

// wrongKind is the error for a JSON value that cannot be an instance of s, or
// for what is no JSON at all.
func (d *jsonDecoder) wrongKind(s *yang.Node, want string) error {
	if d.in.PeekKind() == jsontext.KindInvalid {
		_, err := d.in.ReadToken()
		return d.syntax(err)
	}
	return rpcerr.New(rpcerr.InvalidValue, d.path(s), "%s: expected %s", s.Name, want)
}

// syntax turns an error of the JSON reader into one for the peer.
func (d *jsonDecoder) syntax(err error) error {
	var se *jsontext.SyntacticError
	const cut = "the input ends too early"
	switch {
	case err == nil:
		return nil
	case errors.As(err, &se) && errors.Is(err, io.ErrUnexpectedEOF):
		return d.malformedAt(se.ByteOffset, cut)
	case se != nil:
		e := d.malformedAt(se.ByteOffset, se.Err.Error())
		if errors.Is(err, jsontext.ErrDuplicateName) {
			e.Message += " at " + strconv.Quote(string(se.JSONPointer))
		}
		return e
	case err == io.EOF:
		return d.malformed(cut)
	}
	return fmt.Errorf("reading JSON: %w", err)
}

func (d *jsonDecoder) malformed(format string, args ...any) error {
	return d.malformedAt(d.in.InputOffset(), fmt.Sprintf(format, args...))
}

func (d *jsonDecoder) malformedAt(offset int64, text string) *rpcerr.Error {
	return &rpcerr.Error{Type: rpcerr.RPC, Tag: rpcerr.MalformedMessage, Message: fmt.Sprintf("JSON, byte %d: %s", offset, text)}
}
