package datastore

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const limitsModule = "altoam-limits"

// budget is what all requests that are being answered may take together, and those of
// one user. Without the module altoam-limits it has no bounds.
type budget struct {
	bounds  atomic.Pointer[bounds]
	refused *prometheus.CounterVec

	mu      sync.Mutex
	bodies  int64             // bytes
	answers int64             // bytes
	users   map[string]*share // of those who have something
	trying  int               // dry runs that have begun
	turns   []chan struct{}   // closed when the dry run that waits for it begins
}

// bounds are those of request-limits. Zero means none.
type bounds struct {
	bodies, userBodies   int64 // bytes
	answers, userAnswers int64 // bytes
	dryRuns              int
	userChanges          int
}

// share is what the requests of a user take.
type share struct {
	bodies  int64 // bytes
	answers int64 // bytes
	changes int   // being made or tried, or waiting for that
}

// Busy is the cause of an error that says that other requests take what this one needs:
// the same request may succeed once they are answered.
type Busy struct {
	Limit string // the leaf of request-limits of altoam-limits; "" where what bounds is no setting
	User  bool   // they are requests of the same user
}

// Error implements error.
func (b *Busy) Error() string {
	if b.Limit == "" {
		return "no more at once"
	}
	return "no more than " + b.Limit + " of altoam-limits"
}

// busy counts a refusal and makes the error for it: resource-denied because of a Busy.
func (b *budget) busy(limit string, user bool, format string, args ...any) error {
	b.refused.WithLabelValues(limit).Inc()
	return &rpcerr.Error{Type: rpcerr.Protocol, Tag: rpcerr.ResourceDenied, Message: fmt.Sprintf(format, args...), Err: &Busy{limit, user}}
}

// HoldBody charges n more bytes of the message that the session is reading. The session's
// owner calls ReleaseBody when that message is answered, whatever HoldBody has returned.
// Beyond a bound nothing is charged and the error is because of a Busy. Only for the
// goroutine that reads the session's messages.
func (x *Session) HoldBody(n int64) error {
	b := &x.store.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	most, user := b.bounds.Load(), b.share(x.user.Name)
	switch {
	case most.userBodies > 0 && user.bodies+n > most.userBodies:
		b.tidy(x.user.Name)
		return b.busy("bodies-size-per-user", true, "the messages of a user that are being answered may have %d bytes together", most.userBodies)
	case most.bodies > 0 && b.bodies+n > most.bodies:
		b.tidy(x.user.Name)
		return b.busy("bodies-size", false, "the messages that are being answered may have %d bytes together", most.bodies)
	}
	x.body += n
	user.bodies += n
	b.bodies += n
	return nil
}

// ReleaseBody gives back what HoldBody has charged. Cost is constant, and next to none
// where that is nothing.
func (x *Session) ReleaseBody() {
	if x.body == 0 {
		return
	}
	b := &x.store.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	b.share(x.user.Name).bodies -= x.body
	b.bodies -= x.body
	x.body = 0
	b.tidy(x.user.Name)
}

// share is that of a user. Needs mu.
func (b *budget) share(user string) *share {
	s := b.users[user]
	if s == nil {
		s = &share{}
		b.users[user] = s
	}
	return s
}

// tidy forgets a user who has nothing. Needs mu.
func (b *budget) tidy(user string) {
	if s := b.users[user]; s != nil && *s == (share{}) {
		delete(b.users, user)
	}
}

// followBudget makes the bounds those of running, where the schema has them.
func (s *Store) followBudget() {
	s.budget.users, s.budget.refused = map[string]*share{}, newRefused()
	s.budget.bounds.Store(&bounds{})
	if at := s.schema.Find("/" + limitsModule + ":request-limits"); at != nil {
		s.AddParticipant(&budgeter{&s.budget, at})
	}
}

func newRefused() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "altoam_requests_limited_total", Help: "Requests refused for what others take, by the limit they would have exceeded.",
	}, []string{"limit"})
}

// readBounds are the bounds in a configuration.
func readBounds(t *tree.Tree, container *yang.Node) *bounds {
	n := t.Root().Child(container)
	value := func(name string) int64 {
		u, _ := tree.Setting(n, container.Child(limitsModule, name)).Uint()
		return int64(min(u, math.MaxInt64/2))
	}
	return &bounds{
		bodies: value("bodies-size"), userBodies: value("bodies-size-per-user"),
		answers: value("memory-size"), userAnswers: value("memory-size-per-user"),
		dryRuns: int(value("dry-runs")), userChanges: int(value("changes-per-user")),
	}
}

// budgeter lets the bounds follow running: what is charged already stays.
type budgeter struct {
	*budget
	container *yang.Node
}

// Name implements Participant.
func (*budgeter) Name() string { return "request-limits" }

// Prepare implements Participant.
func (b *budgeter) Prepare(_ context.Context, c Change) (Prepared, error) {
	return &budgetChange{b.budget, readBounds(c.New, b.container)}, nil
}

type budgetChange struct {
	*budget
	to *bounds
}

// Apply implements Prepared.
func (c *budgetChange) Apply() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bounds.Store(c.to)
	c.begin()
}

// Abort implements Prepared.
func (c *budgetChange) Abort() {}
