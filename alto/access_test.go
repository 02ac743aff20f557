package alto

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// rolesByUser takes the user of Basic authentication for its role.
func rolesByUser(r *http.Request) ([]string, bool) {
	user, _, ok := r.BasicAuth()
	if !ok {
		return nil, false
	}
	return []string{user, "everyone"}, true
}

func accessServer(t testing.TB) *Server {
	gold := []string{"gold", "admin"}
	return serving(t, Config{Authenticate: rolesByUser, Realm: `a"b`, Resources: []*Resource{
		{ID: "fine", Path: "fine", Roles: gold, Service: FullNetworkMap{Map: rfcNetworkMap(t, ""), Default: true}},
		{ID: "finer", Path: "finer", Roles: []string{"gold"}, Service: FilteredNetworkMap{"fine"}},
		{ID: "open", Path: "open", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
	}})
}

func as(user string) http.Header {
	r, _ := http.NewRequest(http.MethodGet, "/", nil)
	r.SetBasicAuth(user, "secret")
	return r.Header
}

func TestAccess(t *testing.T) {
	s := accessServer(t)
	tests := []struct {
		user         string
		fine, open   int
		listed       string
		defaultIsFor string
	}{
		{"", 401, 200, "open", "open"},
		{"silver", 403, 200, "open", "open"},
		{"gold", 200, 200, "fine finer open", "fine"},
		{"admin", 200, 200, "fine open", "fine"},
	}
	for _, tt := range tests {
		t.Run("as "+tt.user, func(t *testing.T) {
			var header http.Header
			if tt.user != "" {
				header = as(tt.user)
			}
			fine := exchange(s, http.MethodGet, "/fine", header, "")
			if fine.Code != tt.fine {
				t.Errorf("fine: status %d, want %d", fine.Code, tt.fine)
			}
			if got := fine.Header().Get("WWW-Authenticate"); (got == `Basic realm="a\"b"`) != (tt.fine == 401) {
				t.Errorf("WWW-Authenticate %q with status %d", got, fine.Code)
			}
			if open := exchange(s, http.MethodGet, "/open", header, ""); open.Code != tt.open {
				t.Errorf("open: status %d, want %d", open.Code, tt.open)
			}
			w := exchange(s, http.MethodGet, "/directory", header, "")
			ird := decode(t, w.Body.String()).(map[string]any)
			var listed []string
			for _, id := range []string{"fine", "finer", "open"} {
				if ird["resources"].(map[string]any)[id] != nil {
					listed = append(listed, id)
				}
			}
			if got := strings.Join(listed, " "); got != tt.listed {
				t.Errorf("IRD lists %q, want %q", got, tt.listed)
			}
			if got := ird["meta"].(map[string]any)["default-alto-network-map"]; got != tt.defaultIsFor {
				t.Errorf("default network map %v, want %s", got, tt.defaultIsFor)
			}
			if got := w.Header().Get("Cache-Control"); got != "private, no-cache" {
				t.Errorf("Cache-Control %q", got)
			}
		})
	}
}

// TestDenyByDefault turns around who may use what names no role.
func TestDenyByDefault(t *testing.T) {
	open, err := NewSnapshot(nil, Config{Authenticate: rolesByUser, Resources: []*Resource{
		{ID: "fine", Path: "fine", Roles: []string{"gold"}, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
		{ID: "part", Path: "part", Roles: []string{"gold"}, Service: FilteredNetworkMap{"fine"}},
		{ID: "open", Path: "open", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	settings := func(deny bool) *Config { return &Config{Authenticate: rolesByUser, DenyByDefault: deny} }
	closed, err := open.With(Change{Settings: settings(true)})
	if err != nil {
		t.Fatal(err)
	}
	again, err := closed.With(Change{Settings: settings(false)})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		snapshot   *Snapshot
		user       string
		fine, open int
		listed     string
	}{
		{open, "", 401, 200, "open"},
		{open, "gold", 200, 200, "fine part open"},
		{closed, "", 401, 401, ""},
		{closed, "gold", 200, 403, "fine part"},
		{closed, "silver", 403, 403, ""},
		{again, "", 401, 200, "open"},
	} {
		s := NewServer(nil)
		s.Publish(x.snapshot)
		var header http.Header
		if x.user != "" {
			header = as(x.user)
		}
		fine, opened := exchange(s, http.MethodGet, "/fine", header, "").Code, exchange(s, http.MethodGet, "/open", header, "").Code
		ird := decode(t, exchange(s, http.MethodGet, "/directory", header, "").Body.String()).(map[string]any)
		var listed []string
		for _, id := range []string{"fine", "part", "open"} {
			if ird["resources"].(map[string]any)[id] != nil {
				listed = append(listed, id)
			}
		}
		if got := strings.Join(listed, " "); fine != x.fine || opened != x.open || got != x.listed {
			t.Errorf("%q: fine %d, open %d, listed %q; expected %d, %d, %q", x.user, fine, opened, got, x.fine, x.open, x.listed)
		}
	}
	// What is for a role may not use what has come to be for nobody.
	mixed, err := open.With(Change{Put: []*Resource{{ID: "part", Path: "part", Roles: []string{"gold"}, Service: FilteredNetworkMap{"open"}}}})
	if err != nil {
		t.Fatal(err)
	}
	var fault *ConfigError
	if _, err := mixed.With(Change{Settings: settings(true)}); !errors.As(err, &fault) || fault.Resource != "part" || fault.Field != FieldRoles {
		t.Errorf("error %v, expected one about part", err)
	}
}

// TestDirectoryInvites: whoever has proved nothing learns at the directory how it could,
// where that would make a difference.
func TestDirectoryInvites(t *testing.T) {
	restricted := accessServer(t)
	open := serving(t, Config{Authenticate: rolesByUser, Resources: []*Resource{
		{ID: "open", Path: "open", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
	}})
	for _, c := range []struct {
		name   string
		server *Server
		header http.Header
		want   bool
	}{
		{"anonymous", restricted, nil, true},
		{"proven", restricted, as("gold"), false},
		{"nothing more to see", open, nil, false},
	} {
		answer := exchange(c.server, http.MethodGet, "/", c.header, "")
		if got := answer.Header().Get("WWW-Authenticate"); answer.Code != 200 || (got != "") != c.want {
			t.Errorf("%s: status %d, WWW-Authenticate %q", c.name, answer.Code, got)
		}
	}
}
