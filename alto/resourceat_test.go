package alto

import "testing"

// TestPathBelowTIPS: a resource at a path that looks like that of a view is itself.
func TestPathBelowTIPS(t *testing.T) {
	c := tipsConfig(t, nil)
	c.Resources = append(c.Resources, &Resource{ID: "deep", Path: "tips/x/ug/1/2", Service: FullNetworkMap{Map: rfcNetworkMap(t, "deep")}})
	s := serving(t, c)
	if w := get(s, "/tips/x/ug/1/2"); w.Code != 200 || w.Header().Get("Content-Type") != MediaNetworkMap {
		t.Errorf("the resource: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if w := get(s, "/tips/x/ug/1/3"); w.Code != 404 {
		t.Errorf("beside it: %d", w.Code)
	}
}
