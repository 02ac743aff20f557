package agent_test

import (
	"net/http"
	"testing"
	"time"
)

// ratesServer has clients ann and bert with the role campus, the resource net for it, and
// the resource open for all.
func ratesServer() object {
	user := func(id string) object {
		return object{"user-id": id, "basic": object{"username": id, "password": object{"hashed-password": hashOf(id)}}}
	}
	stack := httpStack(0)
	stack["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{user("ann"), user("bert")}}}}
	return object{
		"listen": object{"http": stack}, "data-source": list{campus()},
		"auth-client": list{
			object{"client-id": "ann", "http-auth-client": object{"user-id": "ann"}},
			object{"client-id": "bert", "http-auth-client": object{"user-id": "bert"}},
		},
		"role": list{object{"role-name": "campus", "client": list{"ann", "bert"}}},
		"resource": list{
			with(networkMap("net", "campus", nil), object{"accepted-role": list{"campus"}}),
			networkMap("open", "campus", nil),
		},
	}
}

// TestRates has auth-clients and a role with budgets of their own, which come and go.
func TestRates(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(ratesServer()))
	ask := func(user, path string, want ...int) {
		t.Helper()
		for i, status := range want {
			got, _ := l.get(path, func(r *http.Request) {
				if user != "" {
					r.SetBasicAuth(user, user)
				}
			})
			if got != status {
				t.Errorf("request %d of %q for %s: %d, expected %d", i+1, user, path, got, status)
			}
		}
	}
	counted := func(role, client float64) {
		t.Helper()
		if r, c := l.limited("requests-per-second-of-role"), l.limited("requests-per-second-of-auth-client"); r != role || c != client {
			t.Errorf("%v were counted for roles and %v for clients, expected %v and %v", r, c, role, client)
		}
	}
	ask("ann", "networkmap/net", 200, 200, 200, 200)
	l.must(l.merge(object{"auth-client": list{object{"client-id": "ann", "altoam-access:requests-per-second": 2}}}))
	ask("ann", "networkmap/net", 200)
	ask("ann", "networkmap/open", 200, 503) // who is asked for no password is counted too
	ask("", "networkmap/open", 200, 200, 200)
	ask("bert", "networkmap/net", 200, 200, 200)
	counted(0, 1)

	l.clock.advance(time.Second)
	l.must(l.merge(object{"role": list{object{"role-name": "campus", "altoam-access:requests-per-second": 3}}}))
	ask("ann", "networkmap/net", 200, 200, 503)
	ask("bert", "networkmap/net", 200, 503)
	ask("", "networkmap/open", 200)
	counted(1, 2)

	l.clock.advance(time.Second)
	l.must(l.delete("/ietf-alto:alto/alto-server/auth-client[client-id='ann']/altoam-access:requests-per-second"))
	ask("ann", "networkmap/net", 200, 200, 200, 503)
	l.must(l.delete("/ietf-alto:alto/alto-server/role[role-name='campus']/altoam-access:requests-per-second"))
	ask("ann", "networkmap/net", 200, 200, 200, 200)
	counted(2, 2)
}
