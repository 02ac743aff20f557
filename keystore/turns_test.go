package keystore

import (
	"errors"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// TestTurns: one key of a user and two in all are made at a time; others are refused at
// once, and welcome afterwards.
func TestTurns(t *testing.T) {
	var of turns
	take := func(user string) func() {
		t.Helper()
		done, err := of.take(user)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	refused := func(user string, own bool) {
		t.Helper()
		_, err := of.take(user)
		var busy *datastore.Busy
		if !errors.As(err, &busy) || busy.User != own || rpcerr.All(err)[0].Tag != rpcerr.ResourceDenied {
			t.Errorf("%s: %v", user, err)
		}
	}
	ann := take("ann")
	refused("ann", true)
	bob := take("bob")
	refused("cal", false)
	ann()
	refused("bob", true)
	take("cal")()
	bob()
	take("ann")()
}
