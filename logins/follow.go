package logins

import (
	"context"
	"log/slog"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// The module and the path of its container.
const (
	module = "altoam-logins"
	at     = "/" + module + ":logins"
)

// Follow has the Lockout go by running of a Store, show there who is locked, and carry out
// unlock, where the schema has altoam-logins. Locks are logged in any case. Only before
// Start of the Store, and once.
func (l *Lockout) Follow(store *datastore.Store, log *slog.Logger) {
	l.log = log
	n := store.Schema().Find(at)
	if n == nil {
		return
	}
	l.store = store
	store.AddParticipant(follower{l, n})
	store.AddStateProvider(l)
	store.HandleAction(at+"/unlock", l.unlockCall)
}

// MinimumPassword is how many bytes a new password has at least.
func (l *Lockout) MinimumPassword() int { return l.policy.Load().MinimumPassword }

// follower is the Participant of a Lockout.
type follower struct {
	*Lockout
	container *yang.Node
}

// Name implements datastore.Participant.
func (follower) Name() string { return module }

// Prepare implements datastore.Participant. The schema allows nothing that cannot be.
func (f follower) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	return change{f.Lockout, readPolicy(c.New, f.container)}, nil
}

type change struct {
	*Lockout
	to *Policy
}

// Apply implements datastore.Prepared.
func (c change) Apply() { c.policy.Store(c.to) }

// Abort implements datastore.Prepared.
func (change) Abort() {}

// readPolicy is the Policy in a configuration.
func readPolicy(t *tree.Tree, container *yang.Node) *Policy {
	n := t.Root().Child(container)
	number := func(name string) int {
		u, _ := tree.Setting(n, container.Child(module, name)).Uint()
		return int(u)
	}
	in := func(name string, unit time.Duration) time.Duration { return time.Duration(number(name)) * unit }
	return &Policy{
		Failures: number("failures"), SourceFailures: number("failures-per-source"), UserFailures: number("failures-per-user"),
		Window: in("window", time.Second), FirstLock: in("first-lock", time.Second),
		LongestLock: in("longest-lock", time.Second), LongestUserLock: in("longest-user-lock", time.Second),
		Delay: in("delay", time.Millisecond), LongestDelay: in("longest-delay", time.Millisecond),
		MinimumPassword: number("minimum-password-length"),
	}
}
