package netconf

import (
	"bytes"
	"context"
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// operation reads the rest of the element of its operation, end tag included,
// and returns what carries it out. It changes nothing itself.
type operation func(r *request) (action, error)

// action carries out an operation. A nil reply is <ok/>. ctx ends when the
// session is killed.
type action func(ctx context.Context) (*reply, error)

// request is one <rpc> being read.
type request struct {
	*session
	x        *codec.XMLReader
	envelope envelope
	valid    bool       // the message is a correct <rpc>
	rpc      *yang.Node // the operation; nil before it is known, and for <action>
	action   string     // name of the action
}

// envelope is what a reply takes over from its <rpc> (RFC 6241 Section 4.2): all
// attributes, namespace declarations among them.
type envelope struct {
	prefix string // of the NETCONF namespace, with a colon; "" where it is the default namespace
	attrs  string // with a space before each
}

// counted is s for the content of the message, charged to the session.
func (r *request) counted(s tree.Sink) tree.Sink { return r.data.Sink(context.Background(), s) }

// name is the operation for logs and metrics.
func (r *request) name() string {
	switch {
	case r.rpc != nil:
		return r.rpc.Name
	case r.action != "":
		return "action"
	}
	return "unknown"
}

// read reads the whole message. Errors that are no rpcerr.Error are the
// connection's.
func (r *request) read() (action, error) {
	t, err := r.x.Next()
	if err != nil {
		return nil, err
	}
	if t.Space != nsBase || t.Local != "rpc" {
		return nil, malformed("the message must be <rpc> in the namespace %s, not <%s> in %q", nsBase, t.Local, t.Space)
	}
	id := false
	for _, a := range t.Attrs {
		// RFC 5277 Section 5 has examples of it in the namespace of NETCONF.
		id = id || (a.Space == "" || a.Space == nsBase) && a.Local == "message-id"
	}
	r.envelope = newEnvelope(r.x.Declared(), t.Attrs)
	if !id {
		return nil, &rpcerr.Error{
			Type: rpcerr.RPC, Tag: rpcerr.MissingAttribute, Message: "<rpc> has no message-id",
			Info: []rpcerr.Info{{Name: "bad-attribute", Value: "message-id"}, {Name: "bad-element", Value: "rpc"}},
		}
	}
	var act action
	err = elements(r.x, func(t codec.XMLToken) error {
		if act != nil {
			return badElement(t.Local, "one <rpc> holds one operation, and %s is the second", t.Local)
		}
		r.valid = true
		var err error
		act, err = r.operation(t)
		return err
	})
	if err == nil {
		err = atEnd(r.x)
	}
	switch {
	case err != nil:
		r.valid = r.valid && !isMalformed(err)
		return nil, err
	case act == nil:
		return nil, missingElement("rpc", "<rpc> holds no operation")
	}
	return act, nil
}

// operation reads the element that names the operation.
func (r *request) operation(t codec.XMLToken) (action, error) {
	if err := onlyAttributes(t); err != nil {
		return nil, err
	}
	if t.Space == nsYang && t.Local == "action" {
		return r.readAction()
	}
	m := r.schema.ModuleByNamespace(t.Space)
	if m == nil {
		return nil, &rpcerr.Error{
			Type: rpcerr.Protocol, Tag: rpcerr.UnknownNamespace,
			Message: "no module has the namespace of the operation " + t.Local,
			Info:    []rpcerr.Info{{Name: "bad-element", Value: t.Local}, {Name: "bad-namespace", Value: t.Space}},
		}
	}
	r.rpc = r.schema.RPC(m.Name, t.Local)
	if r.rpc == nil {
		return nil, rpcerr.NewProtocol(rpcerr.OperationNotSupported, "the server has no operation %s:%s", m.Name, t.Local)
	}
	if err := r.data.MayCall(r.rpc); err != nil {
		return nil, err
	}
	if op := r.operations[r.rpc]; op != nil {
		return op(r)
	}
	return callOp(r)
}

// newEnvelope renders the attributes of <rpc>. Replies are in the default
// namespace, unless the request declares another one.
func newEnvelope(declared, attrs []codec.XMLAttr) envelope {
	var e envelope
	var b bytes.Buffer
	own := true // the default namespace is ours to declare
	for _, d := range declared {
		if d.Local == "" {
			own = false
			if d.Value != nsBase {
				e.prefix = prefixOf(declared)
			}
		}
	}
	if own {
		appendAttr(&b, "xmlns", nsBase)
	}
	for _, d := range declared {
		appendAttr(&b, strings.TrimSuffix("xmlns:"+d.Local, ":"), d.Value)
	}
	for _, a := range attrs {
		appendAttr(&b, strings.TrimPrefix(a.Prefix+":"+a.Local, ":"), a.Value)
	}
	e.attrs = b.String()
	return e
}

func prefixOf(declared []codec.XMLAttr) string {
	for _, d := range declared {
		if d.Value == nsBase {
			return d.Local + ":"
		}
	}
	return ""
}

// stream reads the element that start began, end tag included. in holds the
// parameters that stood before it; it is nil for an element in a container.
type stream func(start codec.XMLToken, in *tree.Node) error

// params reads the rest of the operation's element as the RPC's input. Elements
// that streams names by their path, "config" or "source/config", are left to
// their function and are not in the tree.
func (r *request) params(streams map[string]stream) (*tree.Node, error) {
	b := tree.NewBuilder(r.rpc.Input())
	p := params{r, b, withoutAttributes{r.counted(b)}, streams}
	at := tree.Path{{Schema: r.rpc}}
	p.sink.At = at
	if err := p.read(r.rpc.Input(), at, ""); err != nil {
		return nil, err
	}
	t, err := p.sink.Tree()
	if err != nil {
		return nil, ofProtocol(err)
	}
	return t.Root(), nil
}

type params struct {
	*request
	sink    *tree.Builder
	content tree.Sink // sink, counted
	streams map[string]stream
}

// read reads the children of the open element, an instance of parent.
func (p *params) read(parent *yang.Node, at tree.Path, path string) error {
	return elements(p.x, func(t codec.XMLToken) error {
		name, own := path+t.Local, t.Space == p.rpc.Module.Namespace
		// Clients that let their users write <config> and <filter> as text send
		// them in no namespace at all, or in that of NETCONF whatever the operation:
		// ncclient does.
		if f := p.streams[name]; f != nil && (own || t.Space == "" || t.Space == nsBase) {
			if err := onlyAttributes(t, attributesOf[name]...); err != nil {
				return err
			}
			var in *tree.Node
			if so, err := p.sink.Tree(); err == nil {
				in = so.Root()
			}
			return f(t, in)
		}
		if s := parent.Child(p.rpc.Module.Name, t.Local); own && s != nil && p.leadsToStream(name+"/") {
			if err := onlyAttributes(t); err != nil {
				return err
			}
			if err := p.sink.Begin(s, nil); err != nil {
				return ofProtocol(err)
			}
			if err := p.read(s, at.Join(tree.Step{Schema: s}), name+"/"); err != nil {
				return err
			}
			return ofProtocol(p.sink.End())
		}
		return ofProtocol(codec.DecodeXMLElement(p.x, t, p.schema, parent, p.content, codec.DecodeOptions{At: at}))
	})
}

func (p *params) leadsToStream(path string) bool {
	for name := range p.streams {
		if strings.HasPrefix(name, path) {
			return true
		}
	}
	return false
}
