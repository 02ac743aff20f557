package netconf

import "context"

// commitOp is <commit> (RFC 6241 Section 8.3.4.1). The parameters of a confirmed
// commit are unknown elements while the schema has that feature off.
func commitOp(r *request) (action, error) {
	if _, err := r.params(nil); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*reply, error) { return nil, r.data.Commit(ctx, "") }, nil
}

// discardOp is <discard-changes> (RFC 6241 Section 8.3.4.2).
func discardOp(r *request) (action, error) {
	if _, err := r.params(nil); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*reply, error) { return nil, r.data.Discard(ctx) }, nil
}
