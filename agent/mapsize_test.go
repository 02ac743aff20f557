package agent_test

import (
	"path/filepath"
	"testing"
)

// TestMapSize has a map grow beyond its budget: an operator is told, with what merging would
// make of it, and clients get it all the same.
func TestMapSize(t *testing.T) {
	l := newLab(t)
	const small, large = `"a":{"ipv4":["10.0.0.0/24","10.0.1.0/24"]}`, `"a":{"ipv4":["10.0.0.0/24","10.0.1.0/24","10.0.2.0/24","10.0.3.0/24"]}`
	document := func(pids string) string {
		return `{"network-map":{` + pids + `,"rest":{"ipv4":["0.0.0.0/0"]}}}`
	}
	path := filepath.Join(t.TempDir(), "map.json")
	write(t, path, document(small))
	server := func(budget object, resources ...any) object {
		o := object{"altoam-map-size:map-size": budget, "listen": listenHTTP(), "data-source": list{file("file", path)}}
		if len(resources) > 0 {
			o["resource"] = list(resources)
		}
		return o
	}
	const at = "/ietf-alto:alto/alto-server/resource[resource-id='net']/altoam-map-size:map-size"
	l.must(l.merge(server(object{}, networkMap("net", "file", object{"is-default": true}))))
	advice := func(leaf string) string { return l.operational(at + "/advice/" + leaf) }
	if advice("prefixes") != "3" || advice("merged-prefixes") != "2" || advice("within-budget") != "" {
		t.Errorf("%s prefixes, %s merged, within budget: %q", advice("prefixes"), advice("merged-prefixes"), advice("within-budget"))
	}
	l.must(l.merge(server(object{"max-prefixes": 4})))
	if advice("within-budget") != "true" || l.alarm("/resource[resource-id='net']", "map-too-large") != "" {
		t.Errorf("within budget: %q", advice("within-budget"))
	}
	before := l.vtag("networkmap/net")
	replaceFile(t, path, document(large))
	l.alarmed("/resource[resource-id='net']", "map-too-large", "warning the map has 5 prefixes, more than 4; 2 would be left if those that can be were merged")
	if l.vtag("networkmap/net") == before || advice("within-budget") != "false" {
		t.Errorf("the map beyond the budget is not served, or within it: %q", advice("within-budget"))
	}
	own := networkMap("net", "file", object{"is-default": true})
	own["altoam-map-size:map-size"] = object{"max-prefixes": 5}
	l.must(l.merge(server(object{}, own))) // counts before that of the server
	l.alarmed("/resource[resource-id='net']", "map-too-large", "warning cleared")
	l.must(l.delete(at + "/max-prefixes"))
	l.alarmed("/resource[resource-id='net']", "map-too-large", "warning the map has 5")
	l.must(l.merge(server(object{"max-prefixes": 9})))
	l.alarmed("/resource[resource-id='net']", "map-too-large", "warning cleared")
}
