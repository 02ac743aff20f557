package restconf

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
)

// Locks refuse a dry run before anything else does, as they refuse the edit.
func TestDryRunAndLocks(t *testing.T) {
	f := newFixture(t, nil)
	other := f.store.NewSession(datastore.User{Name: "eve"}, datastore.Source{Protocol: "netconf"})
	defer other.Close()
	if err := other.Lock(datastore.Running); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{"example-rules:rules": {"needed": "x"}}`, `{"example-rules:rules": {"low": 1}}`} {
		for _, query := range []string{"", "?dry-run"} {
			w := f.must(409, "POST /restconf/data"+query+jsonBody+body)
			if tag, _ := firstError(t, w.Body.Bytes()); tag != "in-use" {
				t.Errorf("%s%s: %s", query, body, w.Body)
			}
		}
	}
	if err := other.Unlock(datastore.Running); err != nil {
		t.Fatal(err)
	}
	f.must(200, "POST /restconf/data?dry-run"+jsonBody+`{"example-rules:rules": {"needed": "x"}}`)
	f.must(409, "POST /restconf/data?dry-run"+jsonBody+`{"example-rules:rules": {"low": 1}}`)
	if f.store.Running().Head.Revision != 0 || len(f.store.Sessions()) != 1 {
		t.Errorf("revision %d, %d sessions", f.store.Running().Head.Revision, len(f.store.Sessions()))
	}
}

// A server that cannot report says so, and does not announce it.
func TestNoDryRun(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Report = nil })
	w := f.must(400, "PUT /restconf/data/example-top:top?dry-run"+jsonBody+`{"example-top:top": {"Y": [1]}}`)
	if tag, _ := firstError(t, w.Body.Bytes()); tag != "invalid-value" || f.store.Running().Head.Revision != 0 {
		t.Error(w.Body)
	}
	w = f.must(200, "GET /restconf/data/ietf-restconf-monitoring:restconf-state/capabilities")
	if strings.Contains(w.Body.String(), dryRunCapability) {
		t.Error(w.Body)
	}
}
