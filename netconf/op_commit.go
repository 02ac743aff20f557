package netconf

import (
	"context"
	"strconv"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// commitOp is <commit> (RFC 6241 Sections 8.3.4.1 and 8.4.5.1). The parameters of a
// confirmed commit are unknown elements while the schema has that feature off.
func commitOp(r *request) (action, error) {
	in, err := r.params(nil)
	if err != nil {
		return nil, err
	}
	if param(in, "confirmed") == nil {
		// The client expects to be able to go back.
		for _, name := range []string{"confirm-timeout", "persist"} {
			if p := param(in, name); p != nil && !p.IsDefault() {
				return nil, missingElement("confirmed", "%s is for a confirmed commit: confirmed is missing", name)
			}
		}
	}
	o := datastore.CommitOptions{Comment: text(in, "comment"), Label: text(in, "label"), PersistID: text(in, "persist-id")}
	if param(in, "persist") != nil && text(in, "persist") == "" {
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "persist is empty; no persist-id could name the confirmed commit")
	}
	if param(in, "confirmed") != nil {
		seconds, _ := strconv.ParseUint(text(in, "confirm-timeout"), 10, 32) // a uint32, or the default
		o.Confirm = &datastore.Confirm{Timeout: time.Duration(seconds) * time.Second, Persist: text(in, "persist")}
	}
	return func(ctx context.Context) (*reply, error) { return nil, r.data.Commit(ctx, o) }, nil
}

// cancelCommitOp is <cancel-commit> (RFC 6241 Section 8.4.4.1).
func cancelCommitOp(r *request) (action, error) {
	in, err := r.params(nil)
	if err != nil {
		return nil, err
	}
	id := text(in, "persist-id")
	return func(ctx context.Context) (*reply, error) { return nil, r.data.CancelCommit(ctx, id) }, nil
}

// discardOp is <discard-changes> (RFC 6241 Section 8.3.4.2).
func discardOp(r *request) (action, error) {
	if _, err := r.params(nil); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*reply, error) { return nil, r.data.Discard(ctx) }, nil
}
