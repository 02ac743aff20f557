package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
)

// getOp is <get> (RFC 6241 Section 7.7): configuration and state.
func getOp(r *request) (action, error) {
	q := reading{from: datastore.Operational}
	in, err := r.params(map[string]stream{"filter": r.readFilter(&q.filter)})
	if err != nil {
		return nil, err
	}
	q.mode = defaultsMode(in)
	return r.answer(q), nil
}

// getConfigOp is <get-config> (RFC 6241 Section 7.1).
func getConfigOp(r *request) (action, error) {
	var q reading
	in, err := r.params(map[string]stream{"filter": r.readFilter(&q.filter)})
	if err != nil {
		return nil, err
	}
	if q.from, err = target(in, "source"); err != nil {
		return nil, err
	}
	q.mode = defaultsMode(in)
	return r.answer(q), nil
}

// reading is the action of both: the data in <data> of the NETCONF namespace.
func (r *request) answer(q reading) action {
	return func(ctx context.Context) (*reply, error) {
		t, err := r.run(ctx, q)
		if err != nil {
			return nil, err
		}
		out := &reply{tree: t, data: true}
		out.options.TagDefaults = q.mode == query.ReportAllTagged
		return out, nil
	}
}

// defaultsMode is the with-defaults parameter, explicit when it is absent
// (RFC 6243 Section 4.5.1). The schema allows no other names.
func defaultsMode(in *tree.Node) query.Mode {
	mode, _ := query.ParseMode(text(in, "with-defaults"))
	return mode
}
