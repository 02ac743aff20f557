package users

import (
	"context"
	"slices"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// Leaving is a Participant that ends the sessions of users who could log in before a change
// and cannot after it, whatever the protocol. Should somebody else vouch for the name, a
// certificate or a token, the user may come again.
type Leaving struct {
	Store *datastore.Store
	// Wait is after how long they end: whoever removes oneself has a reply.
	Wait time.Duration
}

// Name implements datastore.Participant.
func (l Leaving) Name() string { return "leaving users" }

// Prepare implements datastore.Participant. It looks at nothing unless the change touches
// the users.
func (l Leaving) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	return leave{l, left(c.Old, c.New)}, nil
}

// left are the users who can log in by the old tree and not by the new one.
func left(old, now *tree.Tree) (names []string) {
	before := authentication(old)
	if before == nil || before == authentication(now) {
		return nil
	}
	for u := range before.Entries(before.Schema().Child(module, "user")) {
		if name := u.Leaf("name").String(); canLogIn(before, u) && !CanLogIn(now, name) {
			names = append(names, name)
		}
	}
	return names
}

type leave struct {
	Leaving
	names []string
}

// Apply implements datastore.Prepared.
func (l leave) Apply() {
	if len(l.names) == 0 {
		return
	}
	time.AfterFunc(l.Wait, func() {
		for _, x := range l.Store.Sessions() {
			if slices.Contains(l.names, x.User().Name) {
				x.Close()
			}
		}
	})
}

// Abort implements datastore.Prepared.
func (l leave) Abort() {}

// Stands tells whether a user who was let in before could still log in, by whatever
// password or key.
func (d *Directory) Stands(user string) bool {
	_, fixed := d.fixed[user]
	return fixed || CanLogIn(d.store.Running().Tree, user)
}
