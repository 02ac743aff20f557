package netconf

import (
	"context"
	"strconv"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// getDataOp is <get-data> (RFC 8526 Section 3.1.1).
func getDataOp(r *request) (action, error) {
	var q reading
	in, err := r.params(map[string]stream{
		"subtree-filter": r.readSubtree(&q.filter),
		"xpath-filter":   r.readXPath(&q.filter),
	})
	if err != nil {
		return nil, err
	}
	if q.from, err = nmdaDatastore(in, "datastore"); err != nil {
		return nil, err
	}
	q.mode = nmdaMode(in, q.from)
	q.content = configFilter(in)
	q.depth, _ = strconv.Atoi(text(in, "max-depth")) // 0 for "unbounded"
	if err := r.originParameters(in, &q); err != nil {
		return nil, err
	}
	withOrigin := param(in, "with-origin") != nil
	tagged := text(in, "with-defaults") == "report-all-tagged"
	return func(ctx context.Context) (*reply, error) {
		t, err := r.run(ctx, q)
		if err != nil {
			return nil, err
		}
		return &reply{
			tree: t, data: true, module: nmdaModule,
			options: codec.EncodeOptions{Origin: withOrigin, TagDefaults: tagged},
		}, nil
	}, nil
}

// nmdaMode is the with-defaults mode. Operational holds all values in use, so
// that only trim leaves some out (RFC 8526 Section 3.1.1.2).
func nmdaMode(in *tree.Node, from datastore.Datastore) query.Mode {
	mode := defaultsMode(in)
	if from != datastore.Operational {
		return mode
	}
	switch mode {
	case query.Explicit:
		return query.ReportAll
	case query.ReportAllTagged:
		return query.ReportInUseTagged
	}
	return mode
}

func configFilter(in *tree.Node) query.Content {
	switch text(in, "config-filter") {
	case "true":
		return query.Config
	case "false":
		return query.NonConfig
	}
	return query.All
}

// originParameters reads the parameters that need operational (RFC 8526 Section 4).
func (r *request) originParameters(in *tree.Node, q *reading) error {
	for _, name := range []string{"origin-filter", "negated-origin-filter", "with-origin"} {
		p := param(in, name)
		if p == nil {
			continue
		}
		if q.from != datastore.Operational {
			return rpcerr.NewProtocol(rpcerr.InvalidValue, "%s is for the operational datastore, not for %s", name, q.from)
		}
		if name == "with-origin" {
			continue
		}
		var ids []*yang.Identity
		for v := range in.Entries(p.Schema()) {
			ids = append(ids, v.Value().Identity())
		}
		q.origins = newOriginFilter(r.schema, ids, name == "negated-origin-filter")
	}
	return nil
}
