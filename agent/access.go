package agent

import (
	"crypto/tls"
	"net/http"
	"slices"

	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/gen"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/passwords"
)

// access tells which roles an HTTP client holds. It is immutable.
type access struct {
	users     map[string][]user                   // with a password, by name
	clients   persistent.Relation[proof, string]  // auth-clients by what proves who they are
	roles     persistent.Relation[string, string] // of auth-clients
	proofs    persistent.Map[string, []proof]     // of auth-clients: clients by the other end
	members   persistent.Map[string, []string]    // of roles: roles by the other end
	digests   map[string][]digestUser             // by name
	rates     rates
	passwords *passwords.Checker
	cost      passwords.Cost  // of each password that is wrong
	logins    *logins.Lockout // nil for none
	nonces    *digest.Server  // of clients that send no password
	rules     *rules
}

// proof is what tells that someone is an auth-client.
type proof struct {
	kind proofKind
	of   string // user-id, or certificate, DER, or issuer and user of a token
}

type proofKind uint8

const (
	byPassword proofKind = iota
	byIssuer
	byCertificate
	byToken
)

// readAccess returns the access after a change: cost is that of the roles and clients
// that changed, or of all where the listener did. A client without a method is ignored,
// as is one whose method this stack does not have.
func (a *Agent) readAccess(prev *access, c *change, at certs.Place, l *listening, s *certs.Stores) *access {
	next, roles, clients := *prev, c.roles, c.clients
	if c.listen {
		next = access{users: l.byName(), digests: l.digests, passwords: a.passwords, logins: a.logins, nonces: a.nonces, rules: prev.rules}
		next.cost = passwords.Greatest(next.users, func(u user) string { return u.hash })
		roles, clients = a.byKey(at.Node, "role"), a.byKey(at.Node, "auth-client")
	}
	members, of := next.members.Edit(), next.roles.Edit()
	relate(roles, members, of, func(role *tree.Node) []string { return texts(role, "client") })
	next.members, next.roles = members.Done(), of.Done()
	proofs, with := next.proofs.Edit(), next.clients.Edit()
	relate(clients, proofs, with, func(client *tree.Node) []proof { return a.readProofs(at, client, l, s) })
	next.proofs, next.clients = proofs.Done(), with.Done()
	next.rates = next.rates.with(roles, clients)
	return &next
}

// relate reads what the entries of a list are related to, nil for one that is gone, into
// a map from each and the relation to each.
func relate[M comparable](entries map[string]*tree.Node, from *persistent.Editor[string, []M], to *persistent.RelationEditor[M, string], read func(*tree.Node) []M) {
	for key, entry := range entries {
		for _, m := range from.At(key) {
			to.Remove(m, key)
		}
		from.Delete(key)
		if entry == nil {
			continue
		}
		list := read(entry)
		from.Set(key, list)
		for _, m := range list {
			to.Add(m, key)
		}
	}
}

// byKey returns the entries of a list below alto-server.
func (a *Agent) byKey(server *tree.Node, list string) map[string]*tree.Node {
	entries := make(map[string]*tree.Node)
	a.entries(server, list, func(e *tree.Node) { entries[keyOf(e)] = e })
	return entries
}

// readProofs reads an entry of the list auth-client below the server at at.
func (a *Agent) readProofs(at certs.Place, entry *tree.Node, l *listening, s *certs.Stores) (list []proof) {
	var c gen.IETFAlto_Alto_AltoServer_AuthClient
	a.fill(&c, entry)
	token := at.Entry("auth-client", keyOf(entry)).Below(accessModule + ":token-auth-client")
	switch {
	case token.Exists():
		list = append(list, tokenProof(token.Leaf("issuer").String(), token.Leaf("user").String()))
	case c.HttpAuthClient != nil && l.scheme == "http":
		list = append(list, proof{byPassword, c.HttpAuthClient.GetUserId()})
	case c.HttpsAuthClient != nil && c.HttpsAuthClient.UserId != nil && l.scheme == "https":
		list = append(list, proof{byPassword, c.HttpsAuthClient.GetUserId()})
	case c.TlsAuthClient != nil && l.secured():
		params := at.Below("listen", "https", "tls-server-parameters", "client-authentication")
		by := at.Entry("auth-client", keyOf(entry)).Below("tls-auth-client")
		for _, der := range proofs(by.Below("ca-cert"), params, "ca-certs", s) {
			list = append(list, proof{byIssuer, der})
		}
		for _, der := range proofs(by.Below("ee-cert"), params, "ee-certs", s) {
			list = append(list, proof{byCertificate, der})
		}
	}
	return list
}

// heldBy returns the roles of whoever has a proof, in any order and maybe repeatedly.
func (x *access) heldBy(p proof) (roles []string) {
	for client := range x.clients.Of(p).All() {
		for role := range x.roles.Of(client).All() {
			roles = append(roles, role)
		}
	}
	return roles
}

// authenticate implements Config.Authenticate of package alto, by TLS and by HTTP; who
// uses both holds the roles of both.
func (x *access) authenticate(r *http.Request) (roles []string, ok bool) {
	defer func() { x.rates.noteRoles(r, roles) }()
	if r.TLS != nil {
		roles, ok = x.certified(r.TLS), len(r.TLS.VerifiedChains) > 0
		x.noteCertified(r)
	}
	if more, authorized := x.authorized(r); authorized {
		return merged(roles, more), true
	}
	return roles, ok
}

// certified returns the roles of a client by its certificate.
func (x *access) certified(state *tls.ConnectionState) (roles []string) {
	for _, chain := range state.VerifiedChains {
		roles = append(roles, x.heldBy(proof{byIssuer, string(chain[len(chain)-1].Raw)})...)
		if len(chain) == 1 {
			roles = append(roles, x.heldBy(proof{byCertificate, string(chain[0].Raw)})...)
		}
	}
	return merged(roles, nil)
}

// merged returns what is in either list, ascending.
func merged(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
