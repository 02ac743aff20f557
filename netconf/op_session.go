package netconf

import "context"

// closeSessionOp is <close-session> (RFC 6241 Section 7.8). The locks are free
// before the client hears of it; the connection ends after the reply.
func closeSessionOp(r *request) (action, error) {
	if _, err := r.params(nil); err != nil {
		return nil, err
	}
	return func(context.Context) (*reply, error) {
		r.leaving.Store(true)
		r.data.Close()
		return nil, nil
	}, nil
}

// killSessionOp is <kill-session> (RFC 6241 Section 7.9).
func killSessionOp(r *request) (action, error) {
	in, err := r.params(nil)
	if err != nil {
		return nil, err
	}
	id := param(in, "session-id")
	if id == nil {
		return nil, missingElement("session-id", "the parameter session-id is missing")
	}
	n, _ := id.Value().Uint()
	return func(context.Context) (*reply, error) { return nil, ofProtocol(r.data.Kill(uint32(n))) }, nil
}
