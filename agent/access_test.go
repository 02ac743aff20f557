package agent_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestRoles has clients of several roles.
func TestRoles(t *testing.T) {
	l := newLab(t)
	user := func(id string) object {
		return object{"user-id": id, "basic": object{"username": id, "password": object{"hashed-password": hashOf(id)}}}
	}
	server := with(campusServer(), object{
		"auth-client": list{
			object{"client-id": "anne", "http-auth-client": object{"user-id": "anne"}},
			object{"client-id": "bert", "http-auth-client": object{"user-id": "bert"}},
			object{"client-id": "nobody"},
		},
		"role": list{
			object{"role-name": "inner", "client": list{"anne", "nobody"}},
			object{"role-name": "outer", "client": list{"anne", "bert"}},
		},
	})
	stack := httpStack(0)
	stack["http-server-parameters"] = object{"server-name": "lab", "client-authentication": object{"users": object{"user": list{user("anne"), user("bert"), user("carl")}}}}
	server["listen"] = object{"http": stack}
	l.must(l.merge(server))
	l.must(l.merge(object{"resource": list{
		object{"resource-id": "map", "resource-type": "ietf-alto:property-map", "accepted-role": list{"inner"}},
		object{"resource-id": "km", "resource-type": "ietf-alto:endpoint-cost", "accepted-role": list{"inner", "outer"}},
	}}))
	for _, c := range []struct {
		user, password string
		status         int // of the property map
		seen           []string
		hidden         []string
	}{
		{"", "", 401, []string{`"net"`}, []string{`"map"`, `"km"`}},
		{"anne", "anne", 200, []string{`"net"`, `"map"`, `"km"`}, nil},
		{"anne", "bert", 401, []string{`"net"`}, []string{`"map"`, `"km"`}},
		{"bert", "bert", 403, []string{`"net"`, `"km"`}, []string{`"map"`}},
		{"carl", "carl", 403, []string{`"net"`}, []string{`"map"`, `"km"`}},
		{"dora", "dora", 401, []string{`"net"`}, []string{`"map"`, `"km"`}},
	} {
		login := func(r *http.Request) {
			if c.user != "" {
				r.SetBasicAuth(c.user, c.password)
			}
		}
		for range 2 { // the second time from memory
			if status, _ := l.get("propmap/map", login); status != c.status {
				t.Errorf("%s with password %s: %d, expected %d", c.user, c.password, status, c.status)
			}
		}
		_, ird := l.get("directory", login)
		for _, id := range c.seen {
			if !strings.Contains(ird, id+`:{"uri"`) {
				t.Errorf("%s does not see %s", c.user, id)
			}
		}
		for _, id := range c.hidden {
			if strings.Contains(ird, id+`:{"uri"`) {
				t.Errorf("%s sees %s", c.user, id)
			}
		}
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/role[role-name='inner']/client[.='anne']"))
	if status, _ := l.get("propmap/map", func(r *http.Request) { r.SetBasicAuth("anne", "anne") }); status != 403 {
		t.Errorf("without the role: %d, expected 403", status)
	}
}
