package alto

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rfc9569Config is that of RFC 8895 Section 8.1 with the TIPS of RFC 9569 Section 5.4.
func rfc9569Config(t testing.TB) Config {
	c := rfc8895Config(t)
	c.Resources = append(c.Resources, &Resource{ID: "update-my-costs-tips", Path: "tips", Service: TIPS{
		Covers: []string{"my-network-map", "my-routingcost-map", "my-hopcount-map", "my-simple-filtered-cost-map"},
		Patches: map[string]PatchFormats{
			"my-network-map": JSONPatch, "my-routingcost-map": MergePatch, "my-hopcount-map": MergePatch, "my-simple-filtered-cost-map": MergePatch,
		},
	}})
	return c
}

// TestRFC9569 has the examples of the RFC. The view is that of Figure 2, and has the URI
// of Figure 11.
func TestRFC9569(t *testing.T) {
	s := serving(t, rfc9569Config(t))
	ird := decode(t, get(s, "/directory").Body.String()).(map[string]any)["resources"].(map[string]any)
	entry := readVector(t, "rfc9569/5.4")
	if diff := cmp.Diff(decode(t, entry.response), ird["update-my-costs-tips"]); diff != "" {
		t.Errorf("IRD (-want +got):\n%s", diff)
	}
	o := openTIPSView(t, s, `{"resource-id":"my-routingcost-map"}`)
	v := s.views.byToken[strings.TrimPrefix(o.path(), "/tips/")]
	v.graph = figure2()
	delete(s.views.byToken, v.token)
	v.token = "2718281828"
	s.views.byToken[v.token] = v
	for _, name := range []string{"6.3.1", "7.4.3"} {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc9569/"+name).check(t, s) })
	}
	refused := readVector(t, "rfc9569/6.2")
	if w := exchange(s, refused.method, refused.path, refused.header, refused.body); w.Code != 400 || w.Header().Get("Content-Type") != refused.media ||
		cmp.Diff(decode(t, refused.response), decode(t, w.Body.String())) != "" {
		t.Errorf("Figure 9: status %d, %s", w.Code, w.Body)
	}
	accept := http.Header{"Accept": {"application/alto-costmap+json, application/alto-error+json"}}
	if w := exchange(s, "GET", "/tips/2718281828/ug/0/101", accept, ""); w.Code != 200 || w.Header().Get("Content-Type") != MediaCostMap {
		t.Errorf("Figure 14: status %d of type %q", w.Code, w.Header().Get("Content-Type"))
	}
	for edge, want := range map[string]int{"0/103": 200, "0/105": 200, "103/105": 200, "105/106": 200, "0/102": 404, "0/106": 404, "100/101": 410, "107/108": 425} {
		if w := get(s, "/tips/2718281828/ug/"+edge); w.Code != want {
			t.Errorf("Figure 4, %s: status %d, want %d", edge, w.Code, want)
		}
	}
}
