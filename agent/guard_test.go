package agent_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// mapOf is a file with a network map of so many PIDs besides the default one.
func mapOf(pids ...int) string {
	var b strings.Builder
	for _, i := range pids {
		fmt.Fprintf(&b, `"p%d":{"ipv4":["10.%d.0.0/16"]},`, i, i)
	}
	return `{"meta":{"vtag":{"resource-id":"x","tag":"t"}},"network-map":{` + b.String() + `"rest":{"ipv4":["0.0.0.0/0"]}}}`
}

// costsOf is a file with a cost map whose cost from any PID to any is value.
func costsOf(value int, pids ...int) string {
	var rows []string
	for _, s := range pids {
		var row []string
		for _, d := range pids {
			row = append(row, fmt.Sprintf(`"p%d":%d`, d, value))
		}
		rows = append(rows, fmt.Sprintf(`"p%d":{%s}`, s, strings.Join(row, ",")))
	}
	return `{"meta":{"dependent-vtags":[{"resource-id":"x","tag":"t"}],"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":{` + strings.Join(rows, ",") + `}}`
}

// guardedLab serves a network map and a cost map of two files, with limits.
func guardedLab(t *testing.T, server, net, costs object) (l *lab, mapFile, costFile string) {
	t.Helper()
	l = newLab(t)
	mapFile, costFile = filepath.Join(t.TempDir(), "map.json"), filepath.Join(t.TempDir(), "costs.json")
	write(t, mapFile, mapOf(1, 2, 3, 4))
	write(t, costFile, costsOf(1, 1, 2, 3, 4))
	source := file("files", mapFile)
	source["source-params"].(object)["altoam-source-file:file"].(object)["path"] = list{mapFile, costFile}
	guarded := func(o, guard object) object {
		if guard != nil {
			o["altoam-guard:guard"] = guard
		}
		return o
	}
	l.must(l.merge(guarded(object{
		"listen": listenHTTP(), "cost-type": list{costType("num", "numerical", "routingcost")}, "data-source": list{source},
		"resource": list{
			guarded(networkMap("net", "files", object{"is-default": true}), net),
			guarded(costMap("rc", "files", "net", nil), costs),
		},
	}, server)))
	return l, mapFile, costFile
}

func shares(pids, prefixes, pairs string) object {
	o := object{}
	for name, value := range map[string]string{"pids": pids, "prefixes": prefixes, "pairs": pairs} {
		if value != "" {
			o[name] = value
		}
	}
	return object{"max-changed-share": o}
}

const resourceAt = "/ietf-alto:alto/alto-server/resource[resource-id='%s']/altoam-guard:guard"

func (l *lab) held(id, leaf string) string {
	l.Helper()
	return l.operational(fmt.Sprintf(resourceAt, id) + "/held/" + leaf)
}

func guardEvent(l *lab, s *notify.Subscription) string { return l.next(s, "resource-id", "event") }

// TestGuard has a map that changes too much held back, accepted, held back again,
// rejected, and released by another one.
func TestGuard(t *testing.T) {
	l, path, costs := guardedLab(t, shares("50", "", ""), nil, nil)
	write(t, costs, costsOf(1, 1)) // a PID that all maps have
	events := l.subscribe("guard-event")
	first := l.vtag("networkmap/net")

	replaceFile(t, path, mapOf(1, 2, 3, 4, 5, 6)) // 2 of 7
	l.eventually("a change within the limit", func() bool { return l.vtag("networkmap/net") != first })
	second := l.vtag("networkmap/net")

	replaceFile(t, path, mapOf(1, 11, 12)) // 2 new, 5 gone, of 9
	l.alarmed("/resource[resource-id='net']", "guard-tripped", "major the map is held back: 77.77 % of the pids would change, more than 50")
	if got := guardEvent(l, events); got != "net held" {
		t.Errorf("event %q", got)
	}
	for leaf, want := range map[string]string{
		"state": "waiting", "pids/before": "7", "pids/after": "4", "pids/changed": "7", "pids/share": "77.77", "prefixes/changed": "7",
	} {
		if got := l.held("net", leaf); got != want {
			t.Errorf("%s is %q, want %q", leaf, got, want)
		}
	}
	if got := l.sourceState("files", "stale"); got != "true" {
		t.Errorf("stale is %q though its data is not in use", got)
	}
	if l.alarm("/data-source[source-id='files']", "source-data-refused") != "" {
		t.Error("two alarms for one cause")
	}
	if l.vtag("networkmap/net") != second {
		t.Fatal("the map is in use")
	}
	// A commit about something else leaves it there.
	l.must(l.merge(object{"resource": list{object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "description": "x"}}}))
	if l.vtag("networkmap/net") != second || l.held("net", "state") != "waiting" {
		t.Error("a commit released the map")
	}

	out, err := l.call(fmt.Sprintf(resourceAt, "net"), "accept", nil)
	l.must(err)
	if out.Root().Leaf("in-use").String() != "true" || l.vtag("networkmap/net") == second {
		t.Error("the accepted map is not in use")
	}
	if a, b := guardEvent(l, events), guardEvent(l, events); a != "net accepted" || b != "net released" {
		t.Errorf("events %q, %q", a, b)
	}
	l.alarmed("/resource[resource-id='net']", "guard-tripped", "major cleared")
	if _, err := l.call(fmt.Sprintf(resourceAt, "net"), "accept", nil); err == nil || rpcerr.All(err)[0].Tag != rpcerr.DataMissing {
		t.Errorf("accept with nothing held back: %v", err)
	}

	third := l.vtag("networkmap/net")
	replaceFile(t, path, mapOf(1, 2, 3, 4, 5, 6))
	l.eventually("held back again", func() bool { return l.held("net", "state") == "waiting" })
	if _, err := l.call(fmt.Sprintf(resourceAt, "net"), "reject", nil); err != nil {
		t.Fatal(err)
	}
	l.alarmed("/resource[resource-id='net']", "guard-tripped", "major cleared")
	if l.held("net", "state") != "rejected" || l.vtag("networkmap/net") != third {
		t.Error("the rejected map")
	}
	replaceFile(t, path, mapOf(1, 11, 12, 13))
	l.eventually("data within the limit is in use", func() bool { return l.vtag("networkmap/net") != third && l.held("net", "state") == "" })
	for _, want := range []string{"net held", "net rejected", "net released"} {
		if got := guardEvent(l, events); got != want {
			t.Errorf("event %q, want %q", got, want)
		}
	}
}

// TestGuardLimits tries each limit, that of the server and that of the resource.
func TestGuardLimits(t *testing.T) {
	for _, c := range []struct {
		name                string
		server, net, costs  object
		maps, values, where string // what comes; the resource that is held back, "" for none
	}{
		{"prefixes", nil, shares("", "30", ""), nil, mapOf(1, 2, 3, 5), "", "net"},
		{"not so many", nil, shares("", "40", ""), nil, mapOf(1, 2, 3, 5), "", ""},
		{"fewest PIDs", nil, object{"min-pids": 5}, nil, mapOf(1, 2, 3), "", "net"},
		{"enough PIDs", nil, object{"min-pids": 4}, nil, mapOf(1, 2, 3), "", ""},
		{"pairs", shares("", "", "99.99"), nil, nil, "", costsOf(2, 1, 2, 3, 4), "rc"},
		{"pairs of the resource", shares("", "", "10"), nil, shares("", "", "100"), "", costsOf(2, 1, 2, 3, 4), ""},
		{"not about pairs", shares("0", "0", ""), nil, nil, "", costsOf(2, 1, 2, 3, 4), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, maps, costs := guardedLab(t, c.server, c.net, c.costs)
			before := l.body("costmap/rc")
			if c.maps != "" {
				replaceFile(t, costs, costsOf(1, 1, 2, 3)) // PIDs that all maps have
				l.eventually("other costs", func() bool { return l.body("costmap/rc") != before })
				before = l.body("costmap/rc")
				replaceFile(t, maps, c.maps)
			} else {
				replaceFile(t, costs, c.values)
			}
			l.eventually("held back or in use", func() bool {
				return c.where != "" && l.held(c.where, "state") == "waiting" || c.where == "" && l.body("costmap/rc") != before
			})
			if c.where != "" && l.body("costmap/rc") != before {
				t.Error("what was made of the same data is in use")
			}
		})
	}
}

// TestGuardOfSeveral has two maps held back, which are accepted one after the other.
func TestGuardOfSeveral(t *testing.T) {
	l, maps, costs := guardedLab(t, shares("10", "", "10"), nil, nil)
	before := l.vtag("networkmap/net")
	write(t, costs, costsOf(7, 1, 2))
	l.eventually("the costs are held back", func() bool { return l.held("rc", "state") == "waiting" })
	replaceFile(t, maps, mapOf(1, 2))
	l.eventually("both are held back", func() bool { return l.held("net", "state") == "waiting" && l.held("rc", "state") == "waiting" })
	for i, id := range []string{"net", "rc"} {
		out, err := l.call(fmt.Sprintf(resourceAt, id), "accept", nil)
		l.must(err)
		if got, want := out.Root().Leaf("in-use").String(), fmt.Sprint(i == 1); got != want {
			t.Errorf("in use after %s was accepted: %s, want %s", id, got, want)
		}
		if (l.vtag("networkmap/net") != before) != (i == 1) {
			t.Errorf("the network map after %s was accepted", id)
		}
	}
}

// TestGuardedCommit: a change of configuration is limited where that is asked for.
func TestGuardedCommit(t *testing.T) {
	server := func(commits bool) object {
		s := campusServer()
		s["altoam-guard:guard"] = with(shares("20", "", ""), object{"guard-commits": commits})
		return s
	}
	more := object{"data-source": list{static("campus", object{"pid": list{pid("new", "198.51.100.0/24")}})}}
	l := newLab(t)
	l.must(l.merge(server(true)))
	before := l.vtag("networkmap/net")
	l.refusal(l.merge(more), rpcerr.OperationFailed, "/resource[resource-id='net']/altoam-guard:guard", "33.33 % of the pids would change, more than 20")
	if l.vtag("networkmap/net") != before {
		t.Error("the refused map is in use")
	}
	l.must(l.merge(object{"altoam-guard:guard": object{"guard-commits": false}}))
	l.must(l.merge(more))
	if l.vtag("networkmap/net") == before {
		t.Error("the map is not in use")
	}
}

// TestGuardedPaths: paths are judged like costs, by their elements and what is known of these.
func TestGuardedPaths(t *testing.T) {
	const pathsOf = `{"meta":{"cost-type":{"cost-mode":"array","cost-metric":"ane-path"}},"cost-map":{"p1":{"p1":[],"p2":["x"]},"p2":{"p1":["%s","y"],"p2":["x"]}}}`
	const elements = `{"meta":{},"property-map":{".ane:x":{"max-reservable-bandwidth":%d}}}`
	for _, c := range []struct {
		name, limit string
		first       string // element from p2 to p1, for all of one of four pairs
		bandwidth   int    // of x, which is on two others
		held        bool
	}{
		{"another element", "20", "z", 7, true},
		{"another element within the limit", "25", "z", 7, false},
		{"another bandwidth", "60", "x", 0, true},
		{"another bandwidth within the limit", "75", "x", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t)
			maps, paths, anes := filepath.Join(t.TempDir(), "map"), filepath.Join(t.TempDir(), "paths"), filepath.Join(t.TempDir(), "anes")
			write(t, maps, mapOf(1, 2))
			write(t, paths, fmt.Sprintf(pathsOf, "x"))
			write(t, anes, fmt.Sprintf(elements, 7))
			source := file("files", maps)
			source["source-params"].(object)["altoam-source-file:file"].(object)["path"] = list{maps, paths, anes}
			l.must(l.merge(object{
				"listen": listenHTTP(), "cost-type": list{pathType()}, "data-source": list{source}, "altoam-guard:guard": shares("", "", c.limit),
				"resource": list{networkMap("net", "files", object{"is-default": true}), costMap("pv", "files", "net", object{
					"filtered": true, "cost-type-name": list{"path-vector"}, "altoam-path-vector:given-ane-names": true, "altoam-path-vector:ane-property-name": list{"max-reservable-bandwidth"},
				})},
			}))
			ask := func() string {
				costs, properties := l.paths("pathvector/pv", "application/alto-costmapfilter+json", `{`+askPaths+`,"ane-property-names":["max-reservable-bandwidth"]}`)
				return fmt.Sprint(costs, properties)
			}
			before := ask()
			replaceFile(t, paths, fmt.Sprintf(pathsOf, c.first))
			replaceFile(t, anes, fmt.Sprintf(elements, c.bandwidth))
			l.eventually("held back or in use", func() bool { return c.held && l.held("pv", "state") == "waiting" || !c.held && ask() != before })
			if c.held && ask() != before {
				t.Error("paths that are held back are in use")
			}
		})
	}
}
