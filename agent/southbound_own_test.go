package agent_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
)

// TestSouthboundOwn: a process that cannot be managed takes nothing from clients. The agent
// serves them, with what is committed meanwhile, until it can; operational, an alarm and the
// metrics tell.
func TestSouthboundOwn(t *testing.T) {
	defer setApart(false)()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "s")
	p := &plane{T: t, schema: s}
	t.Cleanup(p.kill)
	l := labOf(t, filepath.Join(t.TempDir(), "store"), s)
	l.must(l.merge(campusServer()))
	before := l.vtag("networkmap/net")
	const state, of = "/ietf-alto:alto/alto-server/altoam-southbound:southbound-state/", "/ietf-alto:alto/alto-server/resource[resource-id='net']/altoam-southbound:applied-state/"
	l.must(l.merge(object{"altoam-southbound:southbound": object{"process": object{"socket": socket, "start": false}}}))
	l.eventually("the reason is told", func() bool { return strings.Contains(l.operational(state+"last-error"), "no such file") })
	if l.vtag("networkmap/net") != before || l.operational(state+"state") != "failed" || l.operational(of+"state") != "applied" {
		t.Errorf("the server is %s and the resource %s", l.operational(state+"state"), l.operational(of+"state"))
	}
	if list := l.missing(); len(list) > 0 {
		t.Errorf("missing in operational though clients see it: %q", list)
	}
	l.alarmed("", "southbound-unreachable", "major the agent serves until the process can: dial unix")
	if got := l.scrape()["altoam_alto_server_applied"]; got != 0 {
		t.Errorf("the metric says %v", got)
	}

	l.must(l.merge(object{"resource": list{networkMap("second", "campus", object{"filtered": true})}, "listen": object{"http": object{
		"tcp-server-parameters": object{"local-bind": list{object{"local-address": "127.0.0.2", "local-port": 0}}},
	}}}))
	if status, _ := l.get("networkmap/second"); status != http.StatusOK {
		t.Errorf("what is committed meanwhile: %d", status)
	}
	if requests := l.number(resourceStats("second") + "num-res-req"); requests != 1 {
		t.Errorf("%d requests counted", requests)
	}
	if _, err := p.start(socket); err != nil {
		t.Fatal(err)
	}
	l.eventually("they agree", l.agent.Agreed)
	l.eventually("the alarm is cleared", func() bool { // critical where it is looked at between letting go and the first step
		return strings.HasSuffix(l.alarm("", "southbound-unreachable"), " cleared")
	})
	if status, _ := l.get("networkmap/second"); status != http.StatusOK || l.vtag("networkmap/net") != before {
		t.Errorf("the process serves otherwise: %d", status)
	}
	if got := l.operational(state+"state") + l.operational(state+"process-id"); !strings.HasPrefix(got, "applied") || got == "applied" {
		t.Errorf("after that: %q", got)
	}
}

// TestSouthboundChanged: a process that is not wanted any more before it can be managed
// leaves the agent serving.
func TestSouthboundChanged(t *testing.T) {
	defer setApart(false)()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	l := labOf(t, filepath.Join(t.TempDir(), "store"), s, func(*agent.Options) {})
	l.must(l.merge(campusServer()))
	base := l.base()
	for range 3 {
		l.must(l.merge(object{"altoam-southbound:southbound": object{"process": object{"socket": filepath.Join(t.TempDir(), "s"), "start": false}}}))
		l.must(l.delete("/ietf-alto:alto/alto-server/altoam-southbound:southbound"))
		if status, _ := l.get("directory"); status != http.StatusOK || l.base() != base {
			t.Errorf("%d at %s, was at %s", status, l.base(), base)
		}
	}
	if !l.agent.Agreed() {
		t.Error("the agent serves and does not know")
	}
}
