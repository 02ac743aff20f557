package history

import (
	"cmp"
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// dryRun tells what a change would do. What is wrong with the change is part of the
// answer, whatever it is: the operation fails for wrong parameters only,
// and where too many dry runs are made already.
func (h *history) dryRun(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
	params := c.Input.Root()
	end, err := c.Session.StartDryRun(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	return report(ctx, c.Session, c.Node, h.try(ctx, c.Session, params), limit(params))
}

// Report returns what makes of an Outcome the output of dry-run for a session, with as many changes
// as the operation lists unless it is asked for more; nil where s has no such operation.
func Report(s *datastore.Store) func(context.Context, *datastore.Session, *datastore.Outcome) (*tree.Tree, error) {
	rpc := s.Schema().RPC(module, "dry-run")
	if rpc == nil {
		return nil
	}
	most := limit(tree.New(rpc.Input()).Root())
	return func(ctx context.Context, x *datastore.Session, o *datastore.Outcome) (*tree.Tree, error) {
		return report(ctx, x, rpc, o, most)
	}
}

// report is the output of rpc, which is dry-run, with at most limit changes. It is charged
// to the session.
func report(ctx context.Context, x *datastore.Session, rpc *yang.Node, o *datastore.Outcome, limit int) (*tree.Tree, error) {
	l := lister{limit: limit}
	l.list(o.Change.Diff)

	m := x.Metered(ctx, tree.New(rpc.Output())).Mutate()
	w := datastore.NewWriter(m).Set("valid", len(o.Errors) == 0)
	for _, e := range o.Errors {
		if w.Full() {
			break
		}
		writeError(w.Entry("error"), e)
	}
	l.write(w)
	for _, e := range o.Effects {
		if w.Full() {
			break
		}
		writeEffect(w.Entry("effect"), e)
	}
	return m.Done(), cmp.Or(x.Denied(), w.Err())
}

// try tries the change that the parameters hold.
func (h *history) try(ctx context.Context, x *datastore.Session, params *tree.Node) *datastore.Outcome {
	if to := in(params, "rollback"); to != nil {
		if err := x.MayCall(h.store.Schema().RPC(module, "rollback")); err != nil {
			return &datastore.Outcome{Errors: rpcerr.All(err)}
		}
		n, err := h.which(ctx, to)
		if err != nil {
			return &datastore.Outcome{Errors: rpcerr.All(err)}
		}
		return x.TryRollback(ctx, n)
	}
	config := in(params, "config")
	if config == nil {
		return x.TryCommit(ctx)
	}
	return h.tryEdit(ctx, x, config.Any(), params)
}

// tryEdit tries the edit in config. What cannot be part of it, an unknown name or a
// wrong value, is left out, so that all else is tried too.
func (h *history) tryEdit(ctx context.Context, x *datastore.Session, config *tree.Any, params *tree.Node) *datastore.Outcome {
	op, _ := edit.ParseOp(params.Leaf("default-operation").String()) // merge where it is absent
	base, _ := params.Leaf("base").Uint()
	e, wrong, err := h.readEdit(ctx, x, config, op)
	if denied := x.Denied(); denied != nil {
		err = denied
	}
	if err != nil {
		return &datastore.Outcome{Errors: append(wrong, rpcerr.All(err)...)}
	}
	o := x.TryEdit(ctx, e, datastore.EditOptions{Base: base})
	if len(wrong) > 0 {
		o.Errors, o.Effects = join(wrong, o.Errors), nil
	}
	return o
}

// readEdit reads the content of the parameter config. It returns what had to be left
// out of the edit as errors.
func (h *history) readEdit(ctx context.Context, x *datastore.Session, config *tree.Any, op edit.Op) (e *edit.Edit, wrong []*rpcerr.Error, err error) {
	s := h.store.Schema()
	b := edit.NewBuilder(s.Root, op)
	err = codec.DecodeAny(config, s, s.Root, x.Sink(ctx, b), codec.DecodeOptions{
		ConfigOnly: true,
		Report: func(e *rpcerr.Error) {
			if x.Denied() == nil {
				wrong = append(wrong, e)
			}
		},
	})
	if err == nil {
		e, err = b.Edit()
	}
	return e, wrong, err
}

// join appends errors to those about what was left out, but for those that say that
// what was left out is missing.
func join(left, errs []*rpcerr.Error) []*rpcerr.Error {
	at := map[string]bool{}
	for _, e := range left {
		at[e.Path] = true
	}
	for _, e := range errs {
		if e.Tag != rpcerr.DataMissing || !at[e.Path] {
			left = append(left, e)
		}
	}
	return left
}

func writeError(w *datastore.Writer, e *rpcerr.Error) {
	kind := e.Type
	if kind == "" {
		kind = rpcerr.Application
	}
	w.Set("type", kind).Set("tag", e.Tag).Set("message", e.Message)
	if e.AppTag != "" {
		w.Set("app-tag", e.AppTag)
	}
	if e.Path != "" {
		w.Set("path", e.Path)
	}
}

func writeEffect(w *datastore.Writer, e datastore.Effect) {
	w.Set("action", e.Action)
	if e.Resource != "" {
		w.Set("resource", e.Resource)
	}
	if e.Detail != "" {
		w.Set("detail", e.Detail)
	}
	if e.More != nil {
		e.More(w)
	}
}
