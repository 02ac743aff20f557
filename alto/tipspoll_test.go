package alto

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// polling asks for an edge in the background.
func polling(t testing.TB, s http.Handler, o opened, from, to int) <-chan *httptest.ResponseRecorder {
	answered := make(chan *httptest.ResponseRecorder, 1)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	go func() {
		r := httptest.NewRequest("GET", fmt.Sprintf("%s/ug/%d/%d", o.path(), from, to), nil).WithContext(ctx)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		answered <- w
	}()
	return answered
}

// waitingFor waits until n requests wait.
func waitingFor(t testing.TB, s *Server, n int) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		s.views.mu.Lock()
		got := s.views.waiting["tips"]
		s.views.mu.Unlock()
		if got == n {
			return
		}
	}
	t.Fatalf("%d requests do not come to wait", n)
}

func TestTIPSPolls(t *testing.T) {
	s := serving(t, tipsConfig(t, func(x *TIPS) { x.PollAhead, x.MaxWaiting = 2, 2 }))
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	one, two := polling(t, s, o, 1, 2), polling(t, s, o, 2, 3)
	waitingFor(t, s, 2)
	if w := get(s, o.path()+"/ug/1/2"); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("one more request: status %d", w.Code)
	}
	republish(t, s, func(c *Config) { c.ServerName = "other" }) // nothing for them
	republish(t, s, replace(&Resource{ID: "nm2", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	waitingFor(t, s, 2)
	recost(t, s, 2)
	if w := <-one; w.Code != 200 || !strings.Contains(w.Body.String(), `"PID1":2`) {
		t.Errorf("the first step: status %d, %s", w.Code, w.Body)
	}
	waitingFor(t, s, 1)
	recost(t, s, 3)
	if w := <-two; w.Code != 200 || !strings.Contains(w.Body.String(), `"PID1":3`) {
		t.Errorf("the second step: status %d, %s", w.Code, w.Body)
	}
	three := polling(t, s, o, 3, 4)
	waitingFor(t, s, 1)
	republish(t, s, without("tips"))
	if w := <-three; w.Code != 404 {
		t.Errorf("when the service goes: status %d", w.Code)
	}
	waitingFor(t, s, 0)
	if len(s.views.byToken) != 0 {
		t.Error("the view outlives its service")
	}
	if stats, _ := s.ResourceStats("cm"); stats.Total.Requests != 0 {
		t.Error("requests to a view count towards the resource")
	}
}

// TestTIPSViewEnds has what ends a view, and what does not.
func TestTIPSViewEnds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Config)
		ends   bool
	}{
		{"another resource comes", replace(&Resource{ID: "x", Path: "x", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}), false},
		{"another resource goes", without("cdni"), false},
		{"the service has other limits", replace(&Resource{ID: "tips", Path: "tips", Service: TIPS{Covers: []string{"cm", "nm"}, MaxViews: 1}}), false},
		{"no longer covered", replace(&Resource{ID: "tips", Path: "tips", Service: TIPS{Covers: []string{"nm"}}}), true},
		{"another service", replace(&Resource{ID: "tips", Path: "tips", Service: UpdateStreams{Covers: []string{"nm"}}}), true},
		{"another kind of resource", func(c *Config) {
			replace(&Resource{ID: "cm", Path: "cm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t9")}})(c)
			without("up")(c)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serving(t, tipsConfig(t, nil))
			o := openTIPSView(t, s, `{"resource-id":"cm"}`)
			republish(t, s, tt.change)
			want := 200
			if tt.ends {
				want = 404
			}
			if w := get(s, o.path()+"/ug/0/1"); w.Code != want {
				t.Errorf("status %d, want %d", w.Code, want)
			}
			if n := len(s.views.byToken); (n == 0) != tt.ends {
				t.Errorf("%d views", n)
			}
		})
	}
	t.Run("the input is no longer accepted", func(t *testing.T) {
		s := serving(t, tipsConfig(t, nil))
		o := openTIPSView(t, s, `{"resource-id":"part","input":{`+routingType+`}}`)
		republish(t, s, replace(&Resource{ID: "part", Path: "part", Service: FilteredCostMap{
			NetworkMap: "nm", Offers: []CostOffer{{"num-hop", costs(t, threePIDs, make([]float64, 9)...)}},
		}}))
		if w := get(s, o.path()+"/ug/1/2"); w.Code != 404 {
			t.Errorf("status %d", w.Code)
		}
		if w := post(s, "/tips", MediaTIPSParams, `{"resource-id":"part","input":{`+routingType+`}}`); w.Code != 400 {
			t.Errorf("the same request again: status %d", w.Code)
		}
	})
}

func TestTIPSViewsThatNobodyUses(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := NewServer(func() time.Time { return now })
	s.Publish(snapshot(t, tipsConfig(t, func(x *TIPS) { x.IdleTimeout, x.MaxViews = time.Minute, 2 })))
	cm, nm := openTIPSView(t, s, `{"resource-id":"cm"}`), openTIPSView(t, s, `{"resource-id":"nm"}`)
	more := `{"resource-id":"part","input":{` + routingType + `}}`
	if w := post(s, "/tips", MediaTIPSParams, more); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("one view too many: status %d", w.Code)
	}
	now = now.Add(40 * time.Second)
	nm.item(t, s, 0, 1)
	now = now.Add(40 * time.Second)
	openTIPSView(t, s, more)
	if w := get(s, cm.path()+"/ug/0/1"); w.Code != 404 {
		t.Errorf("a view that was idle: status %d", w.Code)
	}
	nm.item(t, s, 0, 1)
	if again := openTIPSView(t, s, `{"resource-id":"nm"}`); again.URI != nm.URI {
		t.Error("a view in use was replaced")
	}
	waits := polling(t, s, nm, 1, 2)
	waitingFor(t, s, 1)
	now = now.Add(time.Hour)
	republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	if w := <-waits; w.Code != 200 {
		t.Errorf("a view that is waited for: status %d", w.Code)
	}
	limited := serving(t, tipsConfig(t, func(x *TIPS) { x.MaxMemory = 10 }))
	openTIPSView(t, limited, `{"resource-id":"part","input":{`+routingType+`}}`)
	if w := post(limited, "/tips", MediaTIPSParams, `{"resource-id":"nm"}`); w.Code != 429 {
		t.Errorf("beyond the memory: status %d", w.Code)
	}
}
