package keystore

import (
	"sync"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// mostTurns is how many keys that take seconds of a processor to make are made at a time,
// one of a user.
const mostTurns = 2

// turns bounds them. The zero value is ready.
type turns struct {
	mu sync.Mutex
	of map[string]bool // users who have one
}

// take begins a turn, which ends with done. Beyond the bounds nobody waits: that is a
// resource-denied because of a datastore.Busy.
func (t *turns) take(user string) (done func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.of[user]:
		return nil, busy(true, "an RSA key is being made for this user: one at a time")
	case len(t.of) >= mostTurns:
		return nil, busy(false, "%d RSA keys are being made: no more at a time", mostTurns)
	case t.of == nil:
		t.of = map[string]bool{}
	}
	t.of[user] = true
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.of, user)
	}, nil
}

func busy(user bool, format string, args ...any) error {
	e := rpcerr.NewProtocol(rpcerr.ResourceDenied, format, args...)
	e.Err = &datastore.Busy{User: user}
	return e
}
