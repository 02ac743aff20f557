package trail

import (
	"cmp"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// whats are what records of acts are about, where nobody refuses.
var whats = map[datastore.Act]audit.What{
	datastore.Committed: audit.Commit, datastore.Edited: audit.Edit, datastore.Called: audit.RPC, datastore.Acted: audit.Action,
	datastore.Looked: audit.Read, datastore.Subscribed: audit.Subscribe, datastore.Unsubscribed: audit.Unsubscribe,
	datastore.Began: audit.Login, datastore.Ended: audit.Logout,
}

// entry is the record of a deed.
func (t *Trail) entry(d *datastore.Deed) *audit.Record {
	r := &audit.Record{What: whats[d.Act], User: system, Operation: d.Operation, Datastore: d.Datastore, DryRun: d.DryRun}
	if x := d.Session; x != nil {
		r.User, r.Groups, r.Session = x.User().Name, x.User().Groups, x.ID()
		r.Protocol, r.Address = x.Source().Protocol, x.Source().Address
	}
	if len(d.Path) > 0 {
		r.Path = hide(d.Path).String()
	}
	t.result(r, d.Err)
	diff := d.Diff
	if diff == nil && d.From != nil && d.To != nil {
		diff = tree.Compare(d.From, d.To)
	}
	r.Changes, r.More = changes(diff)
	if d.Act == datastore.Committed {
		made(r, d.Head)
		if d.Confirm != "" {
			r.Kind = "confirm-" + d.Confirm
		}
	}
	return r
}

// made fills in what the head of a commit tells, nothing for the zero head.
func made(r *audit.Record, h persist.Head) {
	if h.Revision == 0 {
		return
	}
	r.Commit, r.Kind, r.Comment, r.Label = h.Revision, cmp.Or(h.Kind, "edit"), h.Comment, h.Label
	at := h.Time.UTC().Truncate(0)
	r.Committed = &at
}

// result fills in what came of it. An error is a refusal where access control is its cause.
func (t *Trail) result(r *audit.Record, err error) {
	r.Result = audit.OK
	if err == nil {
		return
	}
	all := rpcerr.All(err)
	e := all[0]
	for _, x := range all {
		if x.Tag == rpcerr.AccessDenied {
			e, r.What = x, audit.Refusal
			break
		}
	}
	r.Result, r.Reason = string(cmp.Or(e.Tag, rpcerr.OperationFailed)), e.Message
	if e.Path == "" {
		return
	}
	r.Path = e.Path
	if p, err := tree.ParsePath(t.o.Schema, e.Path); err == nil && secret(p.Schema()) {
		r.Path, r.Reason = hide(p).String(), masked
	}
}
