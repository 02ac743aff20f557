package netconf

import (
	"context"
	"errors"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// copyConfigOp is <copy-config> (RFC 6241 Sections 7.3 and 8.8.5.2). with-defaults
// has no effect on a target that is a datastore (RFC 6243 Section 4.5.1).
func copyConfigOp(r *request) (action, error) {
	in, from, err := r.readSource()
	if err != nil {
		return nil, err
	}
	to, err := r.placeOf(param(in, "target"))
	if err != nil {
		return nil, err
	}
	if to != nil {
		return r.copyOut(in, from, to)
	}
	ds, err := target(in, "target")
	if err != nil {
		return nil, err
	}
	o, err := remark(in, ds)
	switch {
	case err != nil:
		return nil, err
	case !from.stored():
		return func(ctx context.Context) (*reply, error) {
			t, err := from.read(ctx)
			if err != nil {
				return nil, err
			}
			return nil, r.data.Replace(ctx, ds, t, o)
		}, nil
	case from.datastore == ds:
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "source and target are both the %s datastore", ds)
	}
	return func(ctx context.Context) (*reply, error) { return nil, r.data.Copy(ctx, from.datastore, ds, o) }, nil
}

// copyOut is copy-config to a URL. It takes the place of what is there, which access
// control knows as delete-config. What a URL has counts as far as the user could read it in a
// datastore.
func (r *request) copyOut(in *tree.Node, from *configuration, to place) (action, error) {
	if err := r.data.MayCall(r.schema.RPC(baseModule, "delete-config")); err != nil {
		return nil, err
	}
	if _, err := remark(in, datastore.Candidate); err != nil {
		return nil, err
	}
	if from.place != nil && from.place.is(to) {
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "source and target are both %s", to)
	}
	mode := defaultsMode(in)
	return func(ctx context.Context) (*reply, error) {
		t, err := from.read(ctx)
		if err != nil {
			return nil, err
		}
		if !from.stored() { // it may have secrets in clear
			if t, err = r.data.Kept(t); err != nil {
				return nil, err
			}
		}
		if from.place != nil {
			t = r.data.Visible(t)
		}
		t = query.Defaults(t, t, mode, r.store.Validator().Model())
		if mode != query.Explicit {
			t = query.OfContent(t, query.Config) // no defaults of state
		}
		return nil, r.writePlace(ctx, to, t, mode == query.ReportAllTagged)
	}, nil
}

// validateOp is <validate> (RFC 6241 Sections 8.6.4.1 and 8.8.5.4).
func validateOp(r *request) (action, error) {
	_, from, err := r.readSource()
	switch {
	case err != nil:
		return nil, err
	case from.stored():
		return func(ctx context.Context) (*reply, error) { return nil, r.data.Validate(ctx, from.datastore) }, nil
	}
	return func(ctx context.Context) (*reply, error) {
		t, err := from.read(ctx)
		if err != nil {
			return nil, err
		}
		return nil, r.data.ValidateTree(ctx, t)
	}, nil
}

// configuration is one that a request names or holds.
type configuration struct {
	request   *request
	inline    *tree.Tree          // of <config>, or nil
	place     place               // of <url>, or nil
	datastore datastore.Datastore // without both
}

// stored tells that the source is a datastore.
func (s *configuration) stored() bool { return s.inline == nil && s.place == nil }

func (s *configuration) read(ctx context.Context) (*tree.Tree, error) {
	switch {
	case s.inline != nil:
		return s.inline, nil
	case s.place != nil:
		return s.request.readPlace(ctx, s.place)
	}
	return s.request.data.Read(ctx, s.datastore, datastore.Selection{})
}

// readSource reads the parameters and what the parameter source says. An inline
// configuration is a document: an entry that it has twice is an error.
func (r *request) readSource() (in *tree.Node, from *configuration, err error) {
	from = &configuration{request: r}
	in, err = r.params(map[string]stream{"source/config": func(start codec.XMLToken, _ *tree.Node) error {
		if from.inline != nil {
			return badElement("config", "the parameter config stands twice")
		}
		// Through an edit: so attributes mean what they mean there.
		e, err := r.editContent(start, edit.Create)
		if err == nil {
			from.inline, err = edit.Apply(tree.New(r.schema.Root), e, edit.Options{})
		}
		return r.standsTwice(err)
	}})
	switch {
	case err != nil:
		return nil, nil, err
	case from.inline == nil:
		if from.place, err = r.placeOf(param(in, "source")); err == nil && from.place == nil {
			from.datastore, err = target(in, "source")
		}
	case !param(in, "source").Empty():
		err = badElement("source", "the parameter source names a datastore and holds a configuration")
	}
	return in, from, err
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

// deleteConfigOp is <delete-config> (RFC 6241 Sections 7.4, 8.7.5.1 and 8.8.5.3).
func deleteConfigOp(r *request) (action, error) {
	refuse := func(t codec.XMLToken, _ *tree.Node) error {
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the %s datastore cannot be deleted", t.Local)
	}
	in, err := r.params(map[string]stream{"target/running": refuse, "target/candidate": refuse})
	if err != nil {
		return nil, err
	}
	at, err := r.placeOf(param(in, "target"))
	switch {
	case err != nil:
		return nil, err
	case at != nil:
		return func(ctx context.Context) (*reply, error) { return nil, at.remove(ctx) }, nil
	}
	if _, err = target(in, "target"); err != nil {
		return nil, err
	}
	// Running and candidate were refused above.
	return func(ctx context.Context) (*reply, error) { return nil, r.data.DeleteStartup(ctx) }, nil
}
