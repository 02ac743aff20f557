package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
)

// lockOp is <lock> (RFC 6241 Section 7.5).
func lockOp(r *request) (action, error) { return locking(r, (*datastore.Session).Lock) }

// unlockOp is <unlock> (RFC 6241 Section 7.6).
func unlockOp(r *request) (action, error) { return locking(r, (*datastore.Session).Unlock) }

func locking(r *request, do func(*datastore.Session, datastore.Datastore) error) (action, error) {
	in, err := r.params(nil)
	if err != nil {
		return nil, err
	}
	ds, err := target(in, "target")
	if err != nil {
		return nil, err
	}
	return func(context.Context) (*reply, error) { return nil, do(r.data, ds) }, nil
}
