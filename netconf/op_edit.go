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

func (r *request) editing(ds datastore.Datastore, e *edit.Edit, o datastore.EditOptions) action {
	return func(ctx context.Context) (*reply, error) {
		return nil, r.data.Edit(ctx, ds, e, o)
	}
}

// readEdit reads the parameters, and <config> straight into an edit.
// default-operation must stand before it, as parameters are to be sent in the
// order of the schema (RFC 7950 Section 7.14.4).
func (r *request) readEdit() (*tree.Node, *edit.Edit, error) {
	var e *edit.Edit
	in, err := r.params(map[string]stream{"config": func(start codec.XMLToken, in *tree.Node) (err error) {
		if e != nil {
			return badElement("config", "the parameter config stands twice")
		}
		e, err = r.editContent(start, defaultOperation(in))
		return err
	}})
	switch {
	case err != nil:
		return nil, nil, err
	case e == nil:
		return nil, nil, missingElement("config", "the parameter config is missing")
	case e.Root.Op != defaultOperation(in):
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
		if a.Local == "operation" {
			return nil, attributeError(rpcerr.UnknownAttribute, a.Local, start.Local,
				"the operation of a whole configuration is the parameter default-operation, not an attribute of %s", start.Local)
		}
	}
	b := edit.NewBuilder(r.schema.Root, op)
	if err := codec.DecodeXML(r.x, r.schema, r.schema.Root, b, codec.DecodeOptions{ConfigOnly: true}); err != nil {
		return nil, err
	}
	return b.Edit()
}
