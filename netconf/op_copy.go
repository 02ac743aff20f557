package netconf

import (
	"context"
	"errors"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// copyConfigOp is <copy-config> (RFC 6241 Section 7.3). with-defaults has no
// effect on a target that is a datastore (RFC 6243 Section 4.5.1).
func copyConfigOp(r *request) (action, error) {
	in, config, err := r.readSource()
	if err != nil {
		return nil, err
	}
	to, err := target(in, "target")
	if err != nil {
		return nil, err
	}
	o, err := remark(in, to)
	if err != nil {
		return nil, err
	}
	if config != nil {
		return func(ctx context.Context) (*reply, error) { return nil, r.data.Replace(ctx, to, config, o) }, nil
	}
	from, err := target(in, "source")
	switch {
	case err != nil:
		return nil, err
	case from == to:
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "source and target are both the %s datastore", to)
	}
	return func(ctx context.Context) (*reply, error) { return nil, r.data.Copy(ctx, from, to, o) }, nil
}

// validateOp is <validate> (RFC 6241 Section 8.6.4.1).
func validateOp(r *request) (action, error) {
	in, config, err := r.readSource()
	if err != nil {
		return nil, err
	}
	if config != nil {
		return func(ctx context.Context) (*reply, error) { return nil, r.data.ValidateTree(ctx, config) }, nil
	}
	ds, err := target(in, "source")
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*reply, error) { return nil, r.data.Validate(ctx, ds) }, nil
}

// readSource reads the parameters, and the inline configuration of the
// parameter source, nil when there is none, as a tree. It is a document: an entry
// that it has twice is an error.
func (r *request) readSource() (in *tree.Node, config *tree.Tree, err error) {
	in, err = r.params(map[string]stream{"source/config": func(start codec.XMLToken, _ *tree.Node) error {
		if config != nil {
			return badElement("config", "the parameter config stands twice")
		}
		// Through an edit: so attributes mean what they mean there.
		e, err := r.editContent(start, edit.Create)
		if err == nil {
			config, err = edit.Apply(tree.New(r.schema.Root), e, edit.Options{})
		}
		return r.standsTwice(err)
	}})
	if err == nil && config != nil && !param(in, "source").Empty() {
		err = badElement("source", "the parameter source names a datastore and holds a configuration")
	}
	return in, config, err
}

// standsTwice is err, or what creating in an empty tree what is there already means.
func (r *request) standsTwice(err error) error {
	var e *rpcerr.Error
	if !errors.As(err, &e) || e.Tag != rpcerr.DataExists {
		return err
	}
	twice := rpcerr.New(rpcerr.BadElement, e.Path, "the configuration has this node twice")
	if at, err := tree.ParsePath(r.schema, e.Path); err == nil {
		twice.Info = []rpcerr.Info{{Name: "bad-element", Value: at.Schema().Name}}
	}
	return twice
}

// deleteConfigOp is <delete-config> (RFC 6241 Section 7.4). Nothing that can be
// deleted exists: startup and files are no targets of this server.
func deleteConfigOp(r *request) (action, error) {
	refuse := func(t codec.XMLToken, _ *tree.Node) error {
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the %s datastore cannot be deleted", t.Local)
	}
	in, err := r.params(map[string]stream{"target/running": refuse, "target/candidate": refuse})
	if err != nil {
		return nil, err
	}
	_, err = target(in, "target")
	return nil, err
}
