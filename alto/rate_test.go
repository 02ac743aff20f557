package alto

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestRatesOfAccounts has clients with budgets of their own and of roles, which they name
// in the user of their request.
func TestRatesOfAccounts(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := NewServer(func() time.Time { return now })
	perSecond := map[string]int{"ann": 1, "two": 2}
	snapshot, err := NewSnapshot(nil, Config{
		Identify: true,
		Authenticate: func(r *http.Request) ([]string, bool) {
			client, role, ok := r.BasicAuth()
			for range 2 { // counts once
				if n := perSecond[client]; n > 0 {
					NoteRate(r, Rate{LimitClientRate, client, n})
				}
				if n := perSecond[role]; n > 0 {
					NoteRate(r, Rate{LimitRoleRate, role, n})
				}
			}
			return []string{role}, ok
		},
		Resources: []*Resource{
			{ID: "m", Path: "m", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
			{ID: "closed", Path: "closed", Roles: []string{"nobody"}, Service: FullNetworkMap{Map: rfcNetworkMap(t, "x")}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Publish(snapshot)
	for i, x := range []struct {
		after              time.Duration
		client, role, path string
		want               int
	}{
		{0, "", "", "/m", 200},
		{0, "ann", "two", "/m", 200},
		{0, "ann", "two", "/m", 503}, // of ann; takes nothing from the role
		{0, "bob", "two", "/m", 200},
		{0, "bob", "two", "/m", 503},
		{0, "bob", "", "/m", 200},
		{0, "", "", "/m", 200},
		{500 * time.Millisecond, "ann", "two", "/m", 503},
		{0, "bob", "two", "/closed", 403}, // takes too
		{0, "bob", "two", "/closed", 503},
		{500 * time.Millisecond, "ann", "two", "/", 200},
		{time.Hour, "bob", "two", "/m", 200},
		{0, "bob", "two", "/m", 200},
		{0, "bob", "two", "/m", 503},
	} {
		now = now.Add(x.after)
		r, w := httptest.NewRequest(http.MethodGet, x.path, nil), httptest.NewRecorder()
		if x.client != "" {
			r.SetBasicAuth(x.client, x.role)
		}
		s.ServeHTTP(w, r)
		if w.Code != x.want || (w.Header().Get("Retry-After") == "1") != (x.want == 503) {
			t.Errorf("request %d: %d, Retry-After %q; expected %d", i+1, w.Code, w.Header().Get("Retry-After"), x.want)
		}
	}
	if role, client := refused(s, LimitRoleRate), refused(s, LimitClientRate); role != 3 || client != 2 {
		t.Errorf("%d were counted for roles and %d for clients, expected 3 and 2", role, client)
	}
}

// TestRatesAreForgotten: accounts that nobody takes from any more are not kept.
func TestRatesAreForgotten(t *testing.T) {
	now := time.Unix(1e9, 0)
	b := rateBudgets{now: func() time.Time { return now }}
	for i := range 1000 {
		now = now.Add(time.Second)
		if l := b.take([]Rate{{LimitRoleRate, fmt.Sprint("r", i), 1}, {LimitClientRate, "c", 1}}); l != noLimit {
			t.Fatalf("request %d exceeds %v", i, l)
		}
	}
	if n := len(b.accounts); n > 64 {
		t.Errorf("%d accounts are kept", n)
	}
}

// TestWaitingTakesOnce: a request that waits for the next step of a view is one request,
// also where it is answered only after something was published.
func TestWaitingTakesOnce(t *testing.T) {
	var calls atomic.Int64
	rate := Rate{LimitRoleRate, "r", 100}
	c := tipsConfig(t, nil)
	c.Identify, c.Authenticate = true, func(r *http.Request) ([]string, bool) {
		calls.Add(1)
		NoteRate(r, rate)
		return nil, true
	}
	s := serving(t, c)
	now := time.Now() // stands still
	s.rates.now = func() time.Time { return now }
	o := openTIPSView(t, s, `{"resource-id":"cm"}`)
	waits := polling(t, s, o, 1, 2)
	waitingFor(t, s, 1)
	recost(t, s, 7)
	if w := <-waits; w.Code != http.StatusOK {
		t.Fatalf("the edge: %d %s", w.Code, w.Body)
	}
	if left := s.rates.of(rate, now).left; left != 98 || calls.Load() != 3 {
		t.Errorf("%v are left of 100 after two requests, and %d times it was asked who the client is", left, calls.Load())
	}
}
