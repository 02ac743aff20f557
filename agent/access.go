package agent

import (
	"net/http"
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
)

// access tells which roles an HTTP client holds. It is immutable.
type access struct {
	users     map[string][]credential // by user name
	passwords *passwords
}

// credential is a password and the roles of whoever has it, ascending.
type credential struct {
	hash  string
	roles []string
}

// readAccess joins HTTP users, auth-clients and roles. A client without a method is
// ignored, as is one whose method this stack does not have.
func (a *Agent) readAccess(server *tree.Node, l *listening) *access {
	roles := make(map[string][]string) // by client
	a.entries(server, "role", func(e *tree.Node) {
		var r gen.IETFAlto_Alto_AltoServer_Role
		a.fill(&r, e)
		for _, client := range r.Client {
			roles[client] = append(roles[client], r.GetRoleName())
		}
	})
	held := make(map[string][]string) // by user-id
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
		}
	})
	out := &access{users: make(map[string][]credential), passwords: a.passwords}
	for id, u := range l.users {
		if u.name == "" || u.hash == "" {
			continue
		}
		slices.Sort(held[id])
		out.users[u.name] = append(out.users[u.name], credential{u.hash, slices.Compact(held[id])})
	}
	return out
}

// authenticate implements Config.Authenticate of package alto by HTTP Basic (RFC
// 7617).
func (x *access) authenticate(r *http.Request) (roles []string, ok bool) {
	name, password, given := r.BasicAuth()
	if !given {
		return nil, false
	}
	for _, c := range x.users[name] {
		if x.passwords.verify(r.Context(), c.hash, password) {
			return c.roles, true
		}
	}
	return nil, false
}
