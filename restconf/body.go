package restconf

import (
	"bufio"
	"io"
	"sync"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// body is a request's message-body. It remembers why reading failed.
type body struct {
	r   *bufio.Reader
	src io.Reader
	err error
}

// newBody is the request's body; the caller calls release when it has read it.
func (q *request) newBody() *body {
	b := &body{src: q.newArrival(), r: bodyBuffers.Get().(*bufio.Reader)}
	b.r.Reset(readerFunc(b.fetch))
	return b
}

var bodyBuffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 32<<10) }}

// release gives up b.
func (b *body) release() {
	b.r.Reset(nil)
	bodyBuffers.Put(b.r)
	b.r = nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (b *body) fetch(p []byte) (int, error) {
	n, err := b.src.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// empty tells whether there is no body.
func (b *body) empty() bool {
	_, err := b.r.Peek(1)
	return err == io.EOF
}

// explain is the error of reading the body rather than what it led to.
func (b *body) explain(err error) error {
	if err == nil || b.err == nil {
		return err
	}
	return b.err
}

// envelope is the node around the content: data of the datastore, input of an
// operation.
type envelope struct {
	module *yang.Module
	name   string
}

// content reads the body: children of parent, within in unless that is nil, then
// one. Only the input of an operation may be left out. Errors name nodes below
// sink.At.
func (q *request) content(parent *yang.Node, sink *tree.Builder, in *envelope, o codec.DecodeOptions) (*tree.Tree, error) {
	i, err := contentType(q.r.Header, mediaTypes)
	if err != nil && q.r.ContentLength > 0 { // a client that waits for "100 Continue" need not send it (RFC 9110 Section 10.1.1)
		return nil, err
	}
	b := q.newBody()
	defer b.release()
	switch {
	case b.empty() && parent.Kind == yang.Input:
		return tree.New(parent), nil
	case b.empty():
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "a message body is needed: the content of the resource")
	case err != nil:
		return nil, err
	}
	o.At = sink.At
	return q.decode(b, encoding(i), parent, sink, in, o)
}

// decode reads b, children of parent, into sink.
func (q *request) decode(b *body, enc encoding, parent *yang.Node, sink *tree.Builder, in *envelope, o codec.DecodeOptions) (*tree.Tree, error) {
	var err error
	o.MaxDepth = q.policy.Load().depth
	if enc == inXML {
		err = q.readXML(b.r, parent, plain{q.session.Sink(q.r.Context(), sink)}, in, o)
	} else {
		err = q.readJSON(b.r, parent, plain{q.session.Sink(q.r.Context(), sink)}, in, o)
	}
	if err != nil {
		err = b.explain(err)
		q.countContent(err)
		return nil, err
	}
	return sink.Tree()
}

func (q *request) readJSON(r *bufio.Reader, parent *yang.Node, sink tree.Sink, in *envelope, o codec.DecodeOptions) error {
	if in == nil {
		o.Qualified = true
		return codec.DecodeJSON(r, q.schema, parent, sink, o)
	}
	inner, err := unwrap(r, in.module.Name+":"+in.name)
	if err != nil {
		return err
	}
	return codec.DecodeJSON(inner, q.schema, parent, sink, o)
}

func (q *request) readXML(r io.Reader, parent *yang.Node, sink tree.Sink, in *envelope, o codec.DecodeOptions) error {
	x := codec.NewXMLReader(r, codec.XMLLimits{Depth: q.policy.Load().depth})
	start, err := x.Next()
	if err != nil {
		return err
	}
	switch {
	case in == nil:
		err = codec.DecodeXMLElement(x, start, q.schema, parent, sink, o)
	case start.Space != in.module.Namespace || start.Local != in.name:
		err = wrongEnvelope(in.module.Name+":"+in.name, start.Local)
	default:
		err = codec.DecodeXML(x, q.schema, parent, sink, o)
	}
	if err == nil {
		_, err = x.Next() // white space and comments only, or an error
	}
	return err
}

// wrongEnvelope is the error for a body whose outermost node is another one.
func wrongEnvelope(want, got string) error {
	e := rpcerr.NewProtocol(rpcerr.UnknownElement, "the body must be one %s, and it is %s", want, clip(got))
	e.Info = []rpcerr.Info{{Name: "bad-element", Value: clip(got)}}
	return e
}

// plain passes data on without annotations: a client sets neither origins nor
// marks of defaults. Annotations that are instructions in NETCONF are refused.
type plain struct{ tree.Sink }

// Begin implements tree.Sink.
func (p plain) Begin(s *yang.Node, attrs []tree.Attr) error {
	if err := noInstruction(attrs); err != nil {
		return err
	}
	return p.Sink.Begin(s, nil)
}

// Leaf implements tree.Sink.
func (p plain) Leaf(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	if err := noInstruction(attrs); err != nil {
		return err
	}
	return p.Sink.Leaf(s, v, nil)
}

// Any implements tree.Sink.
func (p plain) Any(s *yang.Node, a *tree.Any, attrs []tree.Attr) error {
	if err := noInstruction(attrs); err != nil {
		return err
	}
	return p.Sink.Any(s, a, nil)
}

func noInstruction(attrs []tree.Attr) error {
	for _, a := range attrs {
		switch a.Module {
		case "ietf-netconf", nsNetconf, "yang", nsYang:
			e := rpcerr.New(rpcerr.UnknownAttribute, "", "%s means nothing in RESTCONF: the method says what to do", a.Name)
			e.Info = []rpcerr.Info{{Name: "bad-attribute", Value: a.Name}}
			return e
		}
	}
	return nil
}
