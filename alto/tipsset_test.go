package alto

import (
	"net/http"
	"testing"
	"time"
)

// TestViewsAtTheLimit has two requests open the last view that there can be.
func TestViewsAtTheLimit(t *testing.T) {
	view := func(token, service, input string) *tipsView {
		return &tipsView{token: token, key: viewKey{service: service, input: input}}
	}
	var set viewSet
	first := view("1", "tips", "a")
	if set.add(first, 1) != first {
		t.Fatal("the first view is not taken in")
	}
	if set.add(view("2", "tips", "b"), 1) != nil {
		t.Error("a view too many is taken in")
	}
	if set.add(view("3", "tips", "a"), 1) != first {
		t.Error("who wants the same does not get the same view")
	}
	if other := view("4", "other", "a"); set.add(other, 1) != other {
		t.Error("the view of another service is not taken in")
	}
}

// TestTIPSViewsHoldNoOldSnapshot: a view of what stays as it is does not keep what else
// there was.
func TestTIPSViewsHoldNoOldSnapshot(t *testing.T) {
	s := serving(t, tipsConfig(t, nil))
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	for _, tag := range []string{"x1", "x2"} {
		s.Publish(withResource(t, s.Snapshot(), &Resource{ID: "x", Path: "x", Service: FullNetworkMap{Map: rfcNetworkMap(t, tag)}}))
		for _, v := range s.views.byToken {
			if v.at != s.Snapshot() || v.now != s.Snapshot() {
				t.Errorf("%s: the view holds a snapshot before", tag)
			}
		}
	}
	recost(t, s, 2)
	o.item(t, s, 1, 2)
}

// TestTIPSMemoryOfShortcuts: a patch for several steps that is kept counts.
func TestTIPSMemoryOfShortcuts(t *testing.T) {
	s := serving(t, tipsConfig(t, nil))
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	for n := 2; n <= 3; n++ {
		recost(t, s, float64(n))
		nextEdge(t, s, o, `{"resource-id":"cm"}`)
	}
	before, _ := s.ResourceStats("tips")
	size := uint64(o.item(t, s, 1, 3).Body.Len())
	if after, _ := s.ResourceStats("tips"); size == 0 || after.Views.Memory != before.Views.Memory+size {
		t.Errorf("%d bytes after a patch of %d, %d before it", after.Views.Memory, size, before.Views.Memory)
	}
}

// TestTIPSPath: the answers of a view tell as others do what the data came through.
func TestTIPSPath(t *testing.T) {
	c := tipsConfig(t, nil)
	c.Resources[len(c.Resources)-1].Via = "a, b"
	s := serving(t, c)
	w := post(s, "/tips", MediaTIPSParams, `{"resource-id":"cm"}`)
	o := readOpened(t, w, MediaTIPS)
	for name, header := range map[string]http.Header{"view": w.Header(), "edge": o.item(t, s, 0, 1).Header()} {
		if got := header.Get(HeaderPath); got != "a, b" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestTIPSCountsClients has requests that end without what they ask for.
func TestTIPSCountsClients(t *testing.T) {
	c := tipsConfig(t, func(x *TIPS) { x.MaxViews, x.PollTimeout = 1, time.Millisecond })
	c.Identify, c.Authenticate = true, func(r *http.Request) ([]string, bool) {
		NoteClients(r, "ann")
		return nil, true
	}
	s := serving(t, c)
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	for i, ask := range []func() int{
		func() int { return post(s, "/tips", MediaTIPSParams, `{"resource-id":"nm"}`).Code },
		func() int { return get(s, o.path()+"/ug/1/2").Code },
	} {
		if code := ask(); code != []int{http.StatusTooManyRequests, http.StatusTooEarly}[i] {
			t.Errorf("request %d: status %d", i, code)
		}
		if stats, _ := s.ClientStats("ann"); stats.Total.Requests != uint64(i+2) {
			t.Errorf("%d requests are counted, want %d", stats.Total.Requests, i+2)
		}
	}
}
