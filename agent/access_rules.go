package agent

import (
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/tokens"
)

// accessModule is that of the container access, beside what it adds elsewhere.
const accessModule = "altoam-access"

// rules are what the container access of altoam-access says. They are immutable.
type rules struct {
	denyByDefault bool
	tokens        *tokens.Verifier
	limits        alto.Limits
	pairs         int
	bodyBytes     int64
}

// readRules reads the container, which may not exist, below the server at at.
func (a *Agent) readRules(at certs.Place, resumed bool) (*rules, error) {
	container := at.Below(accessModule + ":access")
	issuers, err := tokens.Read(a.log, container.Below("tokens"), resumed)
	if err != nil {
		return nil, err
	}
	budgets := container.Below("budgets")
	deny, _ := container.Leaf("deny-by-default").Bool()
	return &rules{
		denyByDefault: deny,
		tokens:        issuers,
		limits: alto.Limits{
			Requests: int(budgets.Uint("requests")), RequestsPerClient: int(budgets.Uint("requests-per-client")),
			RequestsPerSecond: int(budgets.Uint("requests-per-second-per-client")), Memory: int64(budgets.Uint("memory")) << 20,
			Connections: int(budgets.Uint("connections")), ConnectionsPerClient: int(budgets.Uint("connections-per-client")),
		},
		pairs: int(budgets.Uint("pairs")), bodyBytes: int64(budgets.Uint("body-size")),
	}, nil
}

// configureAccess reads who may use the server, after its listening, where a change
// concerns that or nothing was read before. What is wrong is refused, or left out after a
// restart.
func (c *computation) configureAccess(of *change, at certs.Place, s *certs.Stores) {
	a, next := c.agent, c.next
	if of.rules || next.rules == nil {
		r, err := a.readRules(at, c.resumed)
		c.unfit(rpcerr.All(err)...)
		if err != nil && next.rules == nil {
			r = &rules{tokens: tokens.New(a.log)}
		} else if err != nil {
			r = next.rules
		}
		known := *next.access
		known.rules = r
		next.rules, next.access, c.settings = r, &known, true
	}
	if of.listen {
		c.unfit(next.listening.unfit...)
	}
	if of.access() {
		next.access, c.settings = a.readAccess(next.access, of, at, next.listening, s), true
	}
}

// unfit refuses a change for what is wrong with it, or tells that it is left out.
func (c *computation) unfit(errs ...*rpcerr.Error) {
	if !c.resumed {
		c.refused = append(c.refused, errs...)
		return
	}
	for _, err := range errs {
		c.agent.log.Error("part of the configuration of access has no effect", "at", err.Path, "error", err)
	}
}

// settle puts the rules into the settings of a snapshot.
func (r *rules) settle(c *alto.Config) {
	c.DenyByDefault, c.Limits, c.MaxPairs, c.MaxBody = r.denyByDefault, r.limits, r.pairs, r.bodyBytes
}

// accessEffects tells of the rules that change.
func (e *effects) accessEffects() {
	prev, next := e.prev.rules, e.next.rules
	if !e.change.rules || prev == nil {
		return
	}
	if prev.denyByDefault != next.denyByDefault {
		whom := "any client"
		if next.denyByDefault {
			whom = "no client"
		}
		e.add("", "change", "resources without accepted-role are for %s", whom)
	}
	if prev.limits != next.limits || prev.pairs != next.pairs || prev.bodyBytes != next.bodyBytes {
		e.add("", "change", "clients have other budgets")
	}
	if prev.tokens.On() || next.tokens.On() {
		e.add("", "change", "the issuers of tokens are read anew")
	}
}

// rulesChanged tells whether a change of a child of alto-server is one of the rules.
func rulesChanged(x *tree.Change) bool { return x.Schema.Module.Name == accessModule }
