package alto

import (
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
