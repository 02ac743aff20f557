package restconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/yang"
)

// policyModule has how requests are taken.
const policyModule = "altoam-restconf"

// policy is what running says of how requests are taken: one is immutable.
type policy struct {
	limits
	cors cors
}

// follower lets the policy follow running. A change holds from the next request on.
type follower struct {
	*Server
	limitsAt, corsAt *yang.Node
}

// follow makes the policy that of running, where the schema has it.
func (s *Server) follow() {
	s.policy.Store(&policy{limits: limitsOf(s.o)})
	f := &follower{s, s.schema.Find("/" + policyModule + ":restconf-limits"), s.schema.Find("/" + policyModule + ":restconf-cors")}
	if f.limitsAt != nil && f.corsAt != nil {
		s.store.AddParticipant(f)
	}
}

// Name implements datastore.Participant.
func (f *follower) Name() string { return policyModule }

// Prepare implements datastore.Participant.
func (f *follower) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	return &policyChange{f, &policy{limits: readLimits(c.New, f.limitsAt), cors: readCORS(c.New, f.corsAt)}}, nil
}

type policyChange struct {
	*follower
	to *policy
}

// Apply implements datastore.Prepared.
func (c *policyChange) Apply() { c.policy.Store(c.to) }

// Abort implements datastore.Prepared.
func (c *policyChange) Abort() {}
