package users

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Guard is a Participant that refuses a change after which nobody could log in any
// more, where somebody could before.
type Guard struct{}

var _ datastore.Participant = Guard{}

// Name implements datastore.Participant.
func (Guard) Name() string { return "users" }

// Prepare implements datastore.Participant. It looks at nothing unless the change
// touches the users.
func (Guard) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	before, after := authentication(c.Old), authentication(c.New)
	if before != after && hasLogin(before) && !hasLogin(after) {
		return nil, rpcerr.New(rpcerr.OperationFailed, "/ietf-system:system/authentication",
			"after this change nobody could log in; keep a user with an authorized-key, "+
				"or with a password and local-users in user-authentication-order")
	}
	return Guard{}, nil
}

// Apply implements datastore.Prepared.
func (Guard) Apply() {}

// Abort implements datastore.Prepared.
func (Guard) Abort() {}

// hasLogin tells whether a user below a, which may be nil, has a way to log in.
func hasLogin(a *tree.Node) bool {
	if a == nil {
		return false
	}
	if list := a.Schema().Child(module, "user"); list != nil {
		for u := range a.Entries(list) {
			if canLogIn(a, u) {
				return true
			}
		}
	}
	return false
}

// CanLogIn tells whether a configuration has the user with a way to log in: an
// authorized key, or a password where passwords are tried.
func CanLogIn(t *tree.Tree, name string) bool {
	u := find(t, name)
	return u != nil && canLogIn(authentication(t), u)
}

func canLogIn(a, user *tree.Node) bool {
	keys := user.Schema().Child(module, "authorized-key")
	return user.Len(keys) > 0 || tries(a, localUsers) && !user.Leaf("password").IsZero()
}
