package restconf

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// netconfModule has the operations that methods on data stand for.
const netconfModule = "ietf-netconf"

// permits refuses a method that stands for an operation which the user may not run
// (RFC 8341 Section 3.2.3). An operation that the schema lacks has no rules.
func (q *request) permits(module, operation string) error {
	return q.session.MayCall(q.schema.RPC(module, operation))
}

// tagKnown tells whether the user may know the entity tag of the resource, which
// exists or does not: it is that of a node of which the user may read everything. The
// tag of another one would tell of changes that cannot be read.
func (q *request) tagKnown(exists bool) bool {
	at := q.res.path
	if !exists || several(at) {
		at = at.Parent()
	}
	_, whole := q.session.Sees(at)
	return whole
}

// historyKnown tells whether the user may know how many commits there were.
func (q *request) historyKnown() bool {
	list := q.schema.Find("/" + historyModule + ":commits/commit")
	if list == nil {
		return true
	}
	seen, _ := q.session.Sees(tree.Path{{Schema: list.DataParent}, {Schema: list}})
	return seen
}

// admitUntagged refuses an edit whose preconditions a resource without entity tag does
// not meet: it has no tag but "*", and nobody knows when it has changed.
func (q *request) admitUntagged(exists bool) error {
	h := q.r.Header
	any := func(field string) bool {
		return slices.ContainsFunc(h.Values(field), func(v string) bool { return strings.TrimSpace(v) == "*" })
	}
	failed := ""
	switch {
	case len(h.Values("If-Match")) > 0:
		if !exists || !any("If-Match") {
			failed = "If-Match"
		}
	case h.Get("If-Unmodified-Since") != "":
		failed = "If-Unmodified-Since"
	}
	if failed == "" && exists && any("If-None-Match") {
		failed = "If-None-Match"
	}
	if failed == "" {
		return nil
	}
	e := rpcerr.NewProtocol(rpcerr.OperationFailed, "the condition %s does not hold: for this user the resource does not exist, or has no entity tag", failed)
	return e.At(q.res.path.String()).WithReason(rpcerr.Precondition)
}
