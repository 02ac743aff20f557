package agent_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
)

func atPaths(path, filtered string) object {
	o := object{}
	if path != "" {
		o["altoam-resource-path:path"] = path
	}
	if filtered != "" {
		o["altoam-resource-path:filtered-path"] = filtered
	}
	return o
}

// TestResourcePaths has resources where the configuration says, which stay there, move, and
// change places.
func TestResourcePaths(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(object{"resource": list{
		with(networkMap("one", "campus", object{"filtered": true}), atPaths("maps/one:v@1/full map", "maps/one/part")),
		with(networkMap("two", "campus", nil), atPaths("maps/two", "")),
	}}))
	at := func(want map[string]string) {
		t.Helper()
		listed := l.ird().Resources
		for id, path := range want {
			if uri := listed[id].URI; !strings.HasSuffix(uri, "/"+path) {
				t.Errorf("%s is at %s, expected %s", id, uri, path)
			}
		}
	}
	status := func(path string, want int) {
		t.Helper()
		if got, _ := l.get(path); got != want {
			t.Errorf("%s: %d, expected %d", path, got, want)
		}
	}
	start := map[string]string{"one": "maps/one%3Av%401/full%20map", "one-filtered": "maps/one/part", "two": "maps/two", "net": "networkmap/net"}
	at(start)
	status("maps/one%3Av%401/full%20map", 200)
	status("networkmap/one", 404)
	if got, _ := l.request("POST", "maps/one/part", "application/alto-networkmapfilter+json", `{"pids":[]}`); got != 200 {
		t.Errorf("the filtered service: %d", got)
	}

	l.must(l.merge(object{"resource": list{with(networkMap("one", "campus", nil), object{"description": "other"}), dependent("two", "net")}}))
	at(start)

	l.must(l.merge(object{"resource": list{with(networkMap("one", "campus", nil), atPaths("maps/two", "")), with(networkMap("two", "campus", nil), atPaths("maps/one", ""))}}))
	at(map[string]string{"one": "maps/two", "two": "maps/one"})
	status("maps/one%3Av%401/full%20map", 404)
	if told := l.try(object{"resource": list{with(networkMap("one", "campus", nil), atPaths("maps/three", ""))}}); len(told) != 2 || !strings.Contains(told[0].Detail, "maps/three, before ") {
		t.Errorf("a dry run tells %v", told)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='two']/altoam-resource-path:path"))
	at(map[string]string{"one": "maps/two", "two": "networkmap/two"})
	status("maps/one", 404)
	status("networkmap/two", 200)
}

// TestResourcePathsRefused names the node where a path cannot be had.
func TestResourcePathsRefused(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(object{"resource": list{with(networkMap("one", "campus", nil), atPaths("maps/one", ""))}}))
	for name, c := range map[string]struct {
		entry   object
		node    string
		message string
	}{
		"that of another":        {with(networkMap("two", "campus", nil), atPaths("maps/one", "")), "/resource[resource-id='two']/altoam-resource-path:path", `resource "one"`},
		"where another is by ID": {with(networkMap("two", "campus", nil), atPaths("networkmap/net", "")), "/resource[resource-id='two']/altoam-resource-path:path", `resource "net"`},
		"that of the root IRD":   {with(networkMap("two", "campus", nil), atPaths("directory", "")), "/resource[resource-id='two']/altoam-resource-path:path", "root IRD"},
		"of a filtered service":  {with(networkMap("two", "campus", object{"filtered": true}), atPaths("", "maps/one")), "/resource[resource-id='two']/altoam-resource-path:filtered-path", `resource "one"`},
		"of nothing":             {with(networkMap("two", "campus", nil), atPaths("", "maps/two")), "/resource[resource-id='two']/altoam-resource-path:filtered-path", "no filtered service"},
		"of what is elsewhere":   {with(object{"resource-id": "two", "resource-type": "ird", "alto-ird-params": object{"delegation": "http://a.example/"}}, atPaths("x", "")), "/resource[resource-id='two']/altoam-resource-path:path", "another server"},
	} {
		t.Run(name, func(t *testing.T) {
			err := l.merge(object{"resource": list{c.entry}})
			if all := rpcerr.All(err); len(all) != 1 || !strings.HasSuffix(all[0].Path, c.node) || !strings.Contains(all[0].Message, c.message) {
				t.Errorf("%v, expected an error at %s with %q", err, c.node, c.message)
			}
		})
	}
}
