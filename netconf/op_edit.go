package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// editConfigOp is <edit-config> (RFC 6241 Section 7.2). An edit is made as a
// whole or not at all, whatever error-option says, continue-on-error excepted.
func editConfigOp(r *request) (action, error) {
	in, e, err := r.readEdit()
	if err != nil {
		return nil, err
	}
	ds, err := target(in, "target")
	if err != nil {
		return nil, err
	}
	o, err := remark(in, ds)
	if err != nil {
		return nil, err
	}
	o.ContinueOnError = text(in, "error-option") == "continue-on-error"
	switch text(in, "test-option") {
	case "test-then-set":
		o.Test = datastore.TestThenSet
	case "set":
		o.Test = datastore.TestSet
	case "test-only":
		o.Test = datastore.TestOnly
	}
	return r.editing(ds, e, o), nil
}

// editDataOp is <edit-data> (RFC 8526 Section 3.1.2).
func editDataOp(r *request) (action, error) {
	in, e, err := r.readEdit()
	if err != nil {
		return nil, err
	}
	ds, err := nmdaDatastore(in, "datastore")
	if err != nil {
		return nil, err
	}
	o, err := remark(in, ds)
	if err != nil {
		return nil, err
	}
	return r.editing(ds, e, o), nil
}

func (r *request) editing(ds datastore.Datastore, e *edited, o datastore.EditOptions) action {
	return func(ctx context.Context) (*reply, error) {
		inline := e.inline
		if e.place != nil {
			var err error
			if inline, err = r.editFrom(ctx, e.place, e.op); err != nil {
				return nil, err
			}
		}
		return nil, r.data.Edit(ctx, ds, inline, o)
	}
}

// edited is the edit of a request: in <config>, or at a URL with the
// default-operation op (RFC 6241 Section 8.8.5.1).
type edited struct {
	inline *edit.Edit
	place  place
	op     edit.Op
}

// readEdit reads the parameters, and <config> straight into an edit.
// default-operation must stand before it, as parameters are to be sent in the
// order of the schema (RFC 7950 Section 7.14.4).
func (r *request) readEdit() (*tree.Node, *edited, error) {
	e := &edited{}
	in, err := r.params(map[string]stream{"config": func(start codec.XMLToken, in *tree.Node) (err error) {
		if e.inline != nil {
			return badElement("config", "the parameter config stands twice")
		}
		e.inline, err = r.editContent(start, defaultOperation(in))
		return err
	}})
	if err == nil {
		e.place, err = r.placeOf(in)
	}
	if err != nil {
		return nil, nil, err
	}
	e.op = defaultOperation(in)
	switch {
	case e.inline != nil && e.place != nil:
		return nil, nil, badElement("url", "an edit is in config or at a url, not both")
	case e.inline == nil && e.place == nil:
		return nil, nil, missingElement("config", "the parameter config is missing")
	case e.inline != nil && e.inline.Root.Op != e.op:
		return nil, nil, badElement("default-operation", "default-operation must stand before config")
	}
	return in, e, nil
}

// defaultOperation is merge when the parameter is absent; the schema allows no other names.
func defaultOperation(in *tree.Node) edit.Op {
	op, _ := edit.ParseOp(text(in, "default-operation"))
	return op
}

// editContent reads the content of the element that start began. An operation
// attribute on that element has no meaning (RFC 6241 Section 7.2), and is refused
// rather than passed over.
func (r *request) editContent(start codec.XMLToken, op edit.Op) (*edit.Edit, error) {
	for _, a := range start.Attrs {
		if a.Local == "operation" && protocolNames(a.Space) {
			return nil, attributeError(rpcerr.UnknownAttribute, a.Local, start.Local,
				"the operation of a whole configuration is the parameter default-operation, not an attribute of %s", start.Local)
		}
	}
	b := edit.NewBuilder(r.schema.Root, op)
	if err := codec.DecodeXML(r.x, r.schema, r.schema.Root, r.counted(b), codec.DecodeOptions{ConfigOnly: true}); err != nil {
		return nil, err
	}
	return b.Edit()
}
