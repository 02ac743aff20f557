package restconf

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// operationResource resolves {+restconf}/operations/MODULE:RPC.
func operationResource(s *Server, rest string) (resource, error) {
	p := pathParser{schema: s.schema}
	text, err := p.decode(strings.TrimPrefix(rest, "/"))
	if err != nil {
		return resource{}, err
	}
	module, name, ok := strings.Cut(text, ":")
	if !ok {
		return resource{}, p.malformed("expected MODULE:OPERATION behind operations")
	}
	rpc := s.schema.RPC(module, name)
	if rpc == nil {
		return resource{}, p.unknown("there is no operation %s", clip(text))
	}
	return resource{operation: rpc, methods: operationMethods}, nil
}

// invoke carries out an RPC or action (RFC 8040 Sections 3.6 and 4.4.2).
func (q *request) invoke() error {
	op := q.res.operation
	input, err := q.input(op)
	if err != nil {
		return err
	}
	var out *tree.Tree
	if op.Kind == yang.RPC {
		out, err = q.session.Call(q.r.Context(), op, input)
	} else {
		out, err = q.session.CallAction(q.r.Context(), q.res.path, op, input)
	}
	if err != nil {
		return err
	}
	if out == nil || out.Empty() {
		q.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	wanted := op.Input().Child("ietf-nmda-compare", "report-origin") // RFC 9144 Section 4
	o := codec.EncodeOptions{Origin: wanted != nil && input.Root().Has(wanted)}
	return q.sendTree(op.Module, "output", out, o)
}

// input reads the input; without a body it is empty.
func (q *request) input(op *yang.Node) (*tree.Tree, error) {
	in := op.Input()
	b := tree.NewBuilder(in)
	b.At = q.res.path.Join(tree.Step{Schema: op})
	return q.content(in, b, &envelope{op.Module, "input"}, codec.DecodeOptions{})
}

// operations resolves the list of the RPCs that can be invoked (RFC 8040 Section
// 3.3.2).
func operations(*Server, string) (resource, error) {
	return resource{methods: methods{http.MethodGet: {(*request).listOperations, nil}}}, nil
}

func (q *request) listOperations() error {
	var b bytes.Buffer
	open, closing := `{"`+restconfModule+`:operations":{`, "}}\n"
	if q.out == inXML {
		open, closing = "<operations"+declarations(map[string]string{"": q.own.Namespace})+">", "</operations>\n"
	}
	b.WriteString(open)
	first := true
	for _, m := range q.schema.Modules {
		for _, rpc := range m.RPCs {
			switch {
			case !q.store.Handles(rpc) || !q.session.Calls(rpc):
				continue
			case q.out == inXML:
				b.WriteString("<" + rpc.Name + declarations(map[string]string{"": m.Namespace}) + "/>")
			default:
				if !first {
					b.WriteByte(',')
				}
				b.WriteString(`"` + rpc.QName() + `":[null]`)
			}
			first = false
		}
	}
	b.WriteString(closing)
	return q.sendBytes(q.out.mediaType(), b.Bytes())
}
