package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// operator is a server with the user tess, whose rules can be replaced.
func operator(t *testing.T, o runOptions) *world {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "seed.json", worldSeed(true, true))
	o.DataDir, o.Seed = filepath.Join(dir, "data"), filepath.Join(dir, "seed.json")
	return newWorldAt(t, o)
}

// ruled replaces the rules of tess.
func (w *world) ruled(rules string) {
	w.t.Helper()
	body := `{"ietf-netconf-acm:rule-list":[{"name":"some","group":["some"],"rule":[` + rules + `]}]}`
	if code, text := w.do(http.MethodPut, "/restconf/data/ietf-netconf-acm:nacm/rule-list=some", "x", body); code != 204 {
		w.t.Fatal(code, text)
	}
}

// TestAccessToOperations has a rule against each operation: what stands for it over
// NETCONF and RESTCONF is refused with it, and not without it.
func TestAccessToOperations(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	w := operator(t, runOptions{})
	const get, running, candidate = http.MethodGet, "<source><running/></source>", "<target><candidate/></target>"
	description := `{"ietf-alto:resource":[{"resource-id":"mine","description":"d"}]}`
	for _, c := range []struct {
		rpc string
		do  []request
	}{
		{"get", []request{{method: get, path: "/restconf/data"}, {method: get, path: worldData}, {method: http.MethodHead, path: worldData}, {body: "<get/>"}}},
		{"get-data", []request{{
			body: `<get-data xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:operational</datastore></get-data>`,
		}}},
		{"get-config", []request{{body: "<get-config>" + running + "</get-config>"}}},
		{"edit-config", []request{
			{method: http.MethodPatch, path: worldData + "/resource=mine", body: description},
			{body: "<edit-config>" + candidate + "<config/></edit-config>"},
		}},
		{"copy-config", []request{{body: "<copy-config>" + candidate + running + "</copy-config>"}}},
		{"lock", []request{{body: "<lock>" + candidate + "</lock>"}}},
		{"validate", []request{{body: "<validate>" + running + "</validate>"}}},
		{"discard-changes", []request{{body: "<discard-changes/>"}}},
		{"commit", []request{{body: "<commit/>"}}},
		{"compare", []request{
			{method: http.MethodPost, path: "/restconf/operations/altoam-commit:compare", body: `{"altoam-commit:input":{"from":{"number":"1"}}}`},
			{body: `<compare xmlns="urn:altoam:yang:altoam-commit"><from><number>1</number></from></compare>`},
		}},
		{"get-schema", []request{{body: `<get-schema xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><identifier>ietf-alto</identifier></get-schema>`}}},
		{"create-subscription", []request{{body: `<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"><stream>none</stream></create-subscription>`}, {method: http.MethodHead, path: "/restconf/streams/NETCONF/json"}}},
	} {
		for _, allowed := range []bool{false, true} {
			action := map[bool]string{false: "deny", true: "permit"}[allowed]
			w.ruled(fmt.Sprintf(`{"name":"1","rpc-name":"%s","action":"%s"},{"name":"2","action":"permit"}`, c.rpc, action))
			for _, q := range c.do {
				text := w.answer(q)
				refused := strings.Contains(text, "access-denied") || strings.HasPrefix(text, "403")
				if refused == allowed {
					t.Errorf("%s %s: %s answers %.300s", action, c.rpc, q, text)
				}
			}
		}
	}
	w.ruled(`{"name":"1","rpc-name":"*","action":"deny"},` + worldMine)
	if text := w.answer(request{method: get, path: "/restconf/operations"}); strings.Contains(text, "compare") {
		t.Errorf("operations that are denied are listed: %s", text)
	}
	denied := func() string {
		_, text := w.do(get, "/restconf/data/ietf-netconf-acm:nacm/denied-operations", "x", "")
		return text
	}
	before := denied()
	w.answer(request{method: get, path: "/restconf/operations"})
	if after := denied(); after != before {
		t.Errorf("to list operations counts as trying them: %s, then %s", before, after)
	}
	if text := w.rpc(`<rpc message-id="9" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><close-session/></rpc>`); !strings.Contains(text, "<ok/>") {
		t.Errorf("close-session: %s", text)
	}
}

// TestRecoverySession: rules do not concern the sessions of a recovery user.
func TestRecoverySession(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	for _, recovers := range []bool{false, true} {
		var o runOptions
		if recovers {
			o.RecoveryUsers = []string{tess}
		}
		w := operator(t, o)
		w.ruled(`{"name":"1","action":"deny"}`)
		for _, q := range []request{{method: http.MethodGet, path: "/restconf/data/ietf-netconf-acm:nacm"}, {body: "<get-config><source><running/></source></get-config>"}} {
			if text := w.answer(q); strings.Contains(text, "rule-list") != recovers {
				t.Errorf("recovery %t: %s answers %.300s", recovers, q, text)
			}
		}
	}
}

// TestHiddenTakesNoLonger asks for what is hidden and for what is nowhere in turn: both
// take the same time, but for a factor that a large difference of work would exceed.
func TestHiddenTakesNoLonger(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	w := newWorld(t, true, false)
	for _, q := range []request{
		{method: http.MethodGet, path: worldData + "/resource=NAME"},
		{method: http.MethodDelete, path: worldData + "/resource=NAME"},
		{method: http.MethodPatch, path: worldData + "/resource=NAME", body: `{"ietf-alto:resource":[{"resource-id":"NAME","description":"x"}]}`},
	} {
		var took [2][]time.Duration
		for range 60 {
			for i, name := range []string{"secret-map", "nowhere-at"} {
				now := request{method: q.method, path: strings.ReplaceAll(q.path, "NAME", name), body: strings.ReplaceAll(q.body, "NAME", name)}
				start := time.Now()
				w.answer(now)
				took[i] = append(took[i], time.Since(start))
			}
		}
		slices.Sort(took[0])
		slices.Sort(took[1])
		if a, b := took[0][20], took[1][20]; a > 2*b || b > 2*a {
			t.Errorf("%s: %v for what is hidden, %v for what is nowhere", q, a, b)
		}
	}
}
