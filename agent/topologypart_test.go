package agent_test

import "testing"

// TestTopologyPartial: a node that nothing leads to any more is told of until something does.
func TestTopologyPartial(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(topologyServer()))
	const igp = "/data-source[source-id='igp']"
	link := "/ietf-alto:alto/alto-server" + igp + "/source-params/altoam-source-topology:topology/link[name='2']"
	if got := l.alarm(igp, "topology-partial"); got != "" {
		t.Errorf("a complete topology: %q", got)
	}
	l.must(l.delete(link))
	l.alarmed(igp, "topology-partial", `major 1 of 3 nodes have prefixes and no way to the others, or none from them: "zrh" first`)
	l.must(l.merge(topologyServer()))
	l.alarmed(igp, "topology-partial", "major cleared")
}
