package agent

import (
	"crypto/tls"
	"maps"
	"net/http"
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
)

// access tells which roles an HTTP client holds. It is immutable.
type access struct {
	users     map[string][]credential // by user name
	issuers   map[string][]string     // roles of clients by the certificate, DER, of their CA
	clients   map[string][]string     // roles of clients by their certificate, DER
	passwords *passwords
}

// credential is a password and the roles of whoever has it, ascending.
type credential struct {
	hash  string
	roles []string
}

// readAccess joins HTTP users, auth-clients and roles. A client without a method is
// ignored, as is one whose method this stack does not have.
func (a *Agent) readAccess(server *tree.Node, l *listening, s stores) *access {
	roles := make(map[string][]string) // by client
	a.entries(server, "role", func(e *tree.Node) {
		var r gen.IETFAlto_Alto_AltoServer_Role
		a.fill(&r, e)
		for _, client := range r.Client {
			roles[client] = append(roles[client], r.GetRoleName())
		}
	})
	held := make(map[string][]string) // by user-id
	out := &access{
		users: make(map[string][]credential), issuers: make(map[string][]string), clients: make(map[string][]string),
		passwords: a.passwords,
	}
	params := below(server, "listen", "https", "tls-server-parameters", "client-authentication")
	a.entries(server, "auth-client", func(e *tree.Node) {
		var c gen.IETFAlto_Alto_AltoServer_AuthClient
		a.fill(&c, e)
		switch {
		case c.HttpAuthClient != nil && l.scheme == "http":
			id := c.HttpAuthClient.GetUserId()
			held[id] = append(held[id], roles[c.GetClientId()]...)
		case c.HttpsAuthClient != nil && c.HttpsAuthClient.UserId != nil && l.scheme == "https":
			id := c.HttpsAuthClient.GetUserId()
			held[id] = append(held[id], roles[c.GetClientId()]...)
		case c.TlsAuthClient != nil && l.scheme == "https":
			for _, der := range proofs(below(e, "tls-auth-client", "ca-cert"), params, "ca-certs", s) {
				out.issuers[der] = append(out.issuers[der], roles[c.GetClientId()]...)
			}
			for _, der := range proofs(below(e, "tls-auth-client", "ee-cert"), params, "ee-certs", s) {
				out.clients[der] = append(out.clients[der], roles[c.GetClientId()]...)
			}
		}
	})
	for id, u := range l.users {
		if u.name == "" || u.hash == "" {
			continue
		}
		slices.Sort(held[id])
		out.users[u.name] = append(out.users[u.name], credential{u.hash, slices.Compact(held[id])})
	}
	return out
}

// same tells whether the same clients hold the same roles.
func (x *access) same(y *access) bool {
	return maps.EqualFunc(x.issuers, y.issuers, slices.Equal) && maps.EqualFunc(x.clients, y.clients, slices.Equal) &&
		maps.EqualFunc(x.users, y.users, func(a, b []credential) bool {
			return slices.EqualFunc(a, b, func(p, q credential) bool { return p.hash == q.hash && slices.Equal(p.roles, q.roles) })
		})
}

// authenticate implements Config.Authenticate of package alto, by TLS and by HTTP Basic
// (RFC 7617); who uses both holds the roles of both.
func (x *access) authenticate(r *http.Request) (roles []string, ok bool) {
	if r.TLS != nil {
		roles, ok = x.certified(r.TLS), len(r.TLS.VerifiedChains) > 0
	}
	name, password, given := r.BasicAuth()
	if !given {
		return roles, ok
	}
	for _, c := range x.users[name] {
		if x.passwords.verify(r.Context(), c.hash, password) {
			return merged(roles, c.roles), true
		}
	}
	return roles, ok
}

// certified returns the roles of a client by its certificate.
func (x *access) certified(state *tls.ConnectionState) (roles []string) {
	for _, chain := range state.VerifiedChains {
		roles = append(roles, x.issuers[string(chain[len(chain)-1].Raw)]...)
		if len(chain) == 1 {
			roles = append(roles, x.clients[string(chain[0].Raw)]...)
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
