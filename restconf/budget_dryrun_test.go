package restconf

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// TestDryRunsAtOnce has a user send dry runs whose outcomes take long to tell: two hold
// one, the others wait, and beyond the bound of the user nothing waits. Changes of others
// are made meanwhile.
func TestDryRunsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var holding, peak atomic.Int64
		gate := make(chan struct{})
		f := newFixture(t, func(o *Options) {
			report := o.Report
			o.Report = func(ctx context.Context, x *datastore.Session, out *datastore.Outcome) (*tree.Tree, error) {
				if n := holding.Add(1); n > peak.Load() {
					peak.Store(n)
				}
				defer holding.Add(-1)
				<-gate
				return report(ctx, x, out)
			}
		}, policyModule, "altoam-limits")
		f.must(201, "PUT /restconf/data/example-top:defaults/colour"+jsonBody+`{"example-top:colour":"blue"}`)
		for limit, n := range map[string]int{"dry-runs": 2, "changes-per-user": 12} {
			f.must(201, "PUT /restconf/data/altoam-limits:request-limits/"+limit+jsonBody+fmt.Sprintf(`{"altoam-limits:%s":%d}`, limit, n))
		}
		send := func(ctx context.Context, user, query string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(ctx, http.MethodPut, "/restconf/data/example-top:defaults/colour"+query, strings.NewReader(`{"example-top:colour":"red"}`))
			r.SetBasicAuth(user, "secret")
			r.Header.Set("Content-Type", mediaTypes[inJSON])
			w := httptest.NewRecorder()
			f.server.ServeHTTP(w, r)
			return w
		}
		codes := make(chan int, 12)
		for range cap(codes) {
			go func() { codes <- send(t.Context(), "ann", "?dry-run").Code }()
		}
		synctest.Wait()
		if n := holding.Load(); n != 2 {
			t.Errorf("%d dry runs hold an outcome, want 2", n)
		}
		wantLimited(t, send(t.Context(), "ann", "?dry-run"), 429, "resource-denied", "1")
		wantLimited(t, send(t.Context(), "ann", ""), 429, "resource-denied", "1")
		if w := send(t.Context(), "bob", ""); w.Code != 204 {
			t.Errorf("a change of another user: %d %s", w.Code, w.Body)
		}
		gone, cancel := context.WithCancel(t.Context())
		waited := make(chan *httptest.ResponseRecorder)
		go func() { waited <- send(gone, "bob", "?dry-run") }()
		synctest.Wait()
		cancel()
		wantLimited(t, <-waited, 503, "resource-denied", "1")

		close(gate)
		for range cap(codes) {
			if code := <-codes; code != 200 {
				t.Errorf("a dry run that has waited: %d", code)
			}
		}
		if n := peak.Load(); n != 2 {
			t.Errorf("%d dry runs held an outcome, want 2", n)
		}
		for range 15 { // all turns are given back, those of dry runs that fail too
			if w := send(t.Context(), "ann", "?dry-run"); w.Code != 200 {
				t.Errorf("afterwards: %d %s", w.Code, w.Body)
			}
			f.must(409, "POST /restconf/data/example-top:defaults?dry-run"+jsonBody+`{"example-top:colour":"red"}`)
		}
		if w := send(t.Context(), "ann", ""); w.Code != 204 {
			t.Errorf("a change afterwards: %d %s", w.Code, w.Body)
		}
	})
}
