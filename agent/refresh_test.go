package agent_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// site is a member of CRIC's list of sites.
func site(name, latitude, longitude string, networks string) string {
	return `"` + name + `": {"name": "` + name + `", "country": "Utopia", "latitude": ` + latitude + `, "longitude": ` + longitude +
		`, "netroutes": {"r": {"asn": 64496, "networks": {"ipv4": [` + networks + `]}}}}`
}

// replaceFile replaces a file at once, as a careful writer does.
func replaceFile(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+".new", text)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func sitesServer(path string) object {
	return object{
		"listen":    listenHTTP(),
		"cost-type": list{costType("km", "numerical", "routingcost")},
		"data-source": list{object{"source-id": "cric", "source-type": "altoam-source-cric:cric", "source-params": object{
			"altoam-source-cric:cric": object{"path": path, "refresh-interval": 1},
		}}},
		"resource": list{
			object{"resource-id": "sites", "resource-type": "ietf-alto:network-map", "alto-networkmap-params": object{
				"is-default": true, "altoam-algorithm-from-source:from-source": object{"source": "cric", "default-pid": "rest"},
			}},
			object{"resource-id": "km", "resource-type": "ietf-alto:cost-map", "dependency": list{"sites"}, "alto-costmap-params": object{
				"cost-type-name": list{"km"}, "altoam-algorithm-geo-distance:geo-distance": object{},
			}},
			object{"resource-id": "about", "resource-type": "ietf-alto:property-map", "dependency": list{"sites"}, "alto-propmap-params": object{
				"altoam-algorithm-from-source:from-source": object{"source": "cric"},
			}},
		},
	}
}

const cricState = "/ietf-alto:alto/alto-server/data-source[source-id='cric']/altoam-source:source-state/"

// TestSites follows a list of sites: served, replaced, deleted, malformed, back.
func TestSites(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "sites.json")
	alpha, beta := site("Alpha", "50", "10", `"192.0.2.0/24", "198.51.100.0/24"`), site("Beta", "40", "-70", `"198.51.100.0/24", "no prefix"`)
	write(t, path, "{"+alpha+"}")
	l.must(l.merge(sitesServer(path)))
	first := l.vtag("networkmap/sites")
	if got := l.operational(cricState + "stale"); got != "false" {
		t.Errorf("stale is %q at first", got)
	}
	if got := l.number(cricState + "records"); got != 1 {
		t.Errorf("%d records, expected 1", got)
	}

	replaceFile(t, path, "{"+alpha+", "+beta+", "+site("Gamma", "10", "10", `"203.0.113.0/24"`)+"}")
	l.eventually("a new vtag", func() bool { return l.vtag("networkmap/sites") != first })
	second := l.vtag("networkmap/sites")
	if body := l.body("costmap/km"); !strings.Contains(body, second) || !strings.Contains(body, `"Gamma"`) {
		t.Errorf("the cost map is not that of the new network map: %s", body)
	}
	if body := l.body("propmap/about"); !strings.Contains(body, second) || !strings.Contains(body, `"pid:Gamma"`) && !strings.Contains(body, `"sites.pid:Gamma"`) {
		t.Errorf("the property map is not that of the new list: %s", body)
	}
	conflict := cricState + "conflict[prefix='198.51.100.0/24']/"
	if got := l.operational(conflict + "winner"); got != "Alpha" {
		t.Errorf("winner of the conflict: %q", got)
	}
	if got := l.operational(conflict + "claimant[.='Beta']"); got != "Beta" {
		t.Errorf("claimant of the conflict: %q", got)
	}
	if got := l.number(cricState + "skipped"); got != 1 {
		t.Errorf("%d records skipped, expected 1", got)
	}
	updates := l.number(resourceStats("sites") + "num-res-upd")
	if updates != 1 {
		t.Errorf("%d updates of the network map, expected 1", updates)
	}

	for _, bad := range []struct {
		name string
		make func()
	}{
		{"deleted", func() { os.Remove(path) }},
		{"malformed", func() { replaceFile(t, path, "{"+alpha) }},
	} {
		bad.make()
		l.eventually(bad.name+": stale", func() bool { return l.operational(cricState+"stale") == "true" })
		if l.operational(cricState+"last-error") == "" {
			t.Errorf("%s: no last-error", bad.name)
		}
		if got := l.vtag("networkmap/sites"); got != second {
			t.Errorf("%s: the last good map is gone", bad.name)
		}
	}
	l.must(l.merge(object{"resource": list{object{"resource-id": "sites", "resource-type": "ietf-alto:network-map", "description": "still"}}}))
	if got := l.vtag("networkmap/sites"); got != second {
		t.Error("the last good map did not survive another commit")
	}

	replaceFile(t, path, "{"+alpha+"}")
	l.eventually("the first map is back", func() bool { return l.vtag("networkmap/sites") == first })
	l.eventually("fresh", func() bool { return l.operational(cricState+"stale") == "false" })
	if got := l.operational(cricState + "last-error"); got != "" {
		t.Errorf("last-error after a success: %s", got)
	}
}

// TestUnfitData has data that can be read but not be served: the map stays, and the
// source says why until what is wrong is mended.
func TestUnfitData(t *testing.T) {
	l := newLab(t)
	dir := t.TempDir()
	mapFile, costFile := filepath.Join(dir, "map.json"), filepath.Join(dir, "cost.json")
	networkMapText := func(tag, prefixes string) string {
		return `{"meta":{"vtag":{"resource-id":"x","tag":"` + tag + `"}},"network-map":{` + prefixes + `}}`
	}
	costText := func(tag, costs string) string {
		return `{"meta":{"dependent-vtags":[{"resource-id":"x","tag":"` + tag + `"}],"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":{` + costs + `}}`
	}
	write(t, mapFile, networkMapText("m1", `"a":{"ipv4":["0.0.0.0/0"]}`))
	write(t, costFile, costText("m1", `"a":{"a":1}`))
	l.must(l.merge(object{
		"listen":      listenHTTP(),
		"cost-type":   list{costType("num", "numerical", "routingcost")},
		"data-source": list{file("maps", mapFile), file("costs", costFile)},
		"resource":    list{networkMap("net", "maps", nil), costMap("rc", "costs", "net", nil)},
	}))
	before := l.body("costmap/rc")
	state := func(source, leaf string) string {
		return "/ietf-alto:alto/alto-server/data-source[source-id='" + source + "']/altoam-source:source-state/" + leaf
	}

	replaceFile(t, costFile, costText("m2", `"a":{"a":1,"b":2}`))
	l.eventually("the costs are refused", func() bool { return l.operational(state("costs", "stale")) == "true" })
	if got := l.operational(state("costs", "last-error")); !strings.Contains(got, `"b"`) {
		t.Errorf("last-error %q, expected the PID", got)
	}
	if got := l.body("costmap/rc"); got != before {
		t.Errorf("the cost map changed: %s", got)
	}

	replaceFile(t, mapFile, networkMapText("m2", `"a":{"ipv4":["0.0.0.0/0"]},"b":{"ipv4":["192.0.2.0/24"]}`))
	l.eventually("both are served", func() bool { return strings.Contains(l.body("costmap/rc"), `"b":2`) })
	l.eventually("fresh", func() bool { return l.operational(state("costs", "stale")) == "false" })
}

// TestUnfitDataTogether has new data of two sources at once, of which one does not
// fit: the other is used.
func TestUnfitDataTogether(t *testing.T) {
	l := newLab(t)
	dir := t.TempDir()
	text := func(prefixes string) string {
		return `{"meta":{"vtag":{"resource-id":"x","tag":"` + strings.Map(alphanumeric, prefixes) + `"}},"network-map":{` + prefixes + `}}`
	}
	var sources, maps list
	names := []string{"one", "two", "three"}
	for _, name := range names {
		path := filepath.Join(dir, name)
		write(t, path, text(`"a":{"ipv4":["0.0.0.0/0"]}`))
		sources, maps = append(sources, file(name, path)), append(maps, networkMap("map-"+name, name, nil))
	}
	l.must(l.merge(object{"listen": listenHTTP(), "data-source": sources, "resource": maps}))
	first := l.vtag("networkmap/map-one")
	state := func(name, leaf string) string {
		return l.operational("/ietf-alto:alto/alto-server/data-source[source-id='" + name + "']/altoam-source:source-state/" + leaf)
	}

	l.veto.Store(true) // while this change is being agreed on, no data is taken
	l.hold = make(chan struct{})
	release := sync.OnceFunc(func() { close(l.hold) })
	t.Cleanup(release)
	vetoed := make(chan error, 1)
	before := map[string]string{}
	for _, name := range names {
		before[name] = state(name, "last-success")
	}
	go func() { vetoed <- l.merge(object{"resource": list{networkMap("never", "one", nil)}}) }()
	replaceFile(t, filepath.Join(dir, "one"), text(`"a":{"ipv4":["192.0.2.0/24"]}`)) // incomplete
	replaceFile(t, filepath.Join(dir, "two"), text(`"a":{"ipv4":["0.0.0.0/0"]},"b":{"ipv4":["192.0.2.0/24"]}`))
	replaceFile(t, filepath.Join(dir, "three"), text(`"a":{"ipv4":["0.0.0.0/0"]},"c":{"ipv4":["192.0.2.0/24"]}`))
	for _, name := range names {
		l.eventually(name+" is read", func() bool { return state(name, "last-success") != before[name] })
	}
	release()
	if err := <-vetoed; err == nil {
		t.Error("the change was made")
	}
	l.eventually("the fitting data is served", func() bool {
		return strings.Contains(l.body("networkmap/map-two"), `"b"`) && strings.Contains(l.body("networkmap/map-three"), `"c"`)
	})
	l.eventually("the other is refused", func() bool { return strings.Contains(state("one", "last-error"), "incomplete") })
	if got := l.vtag("networkmap/map-one"); got != first {
		t.Error("the last good map is gone")
	}
	if state("two", "stale") != "false" || state("one", "stale") != "true" {
		t.Error("the wrong source is stale")
	}
}

func alphanumeric(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// TestFractionDigits has distances as exact as they are asked for.
func TestFractionDigits(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	digits := func(n int) string {
		l.must(l.merge(object{"resource": list{object{
			"resource-id": "km", "resource-type": "ietf-alto:endpoint-cost",
			"alto-endpointcost-params": object{"altoam-algorithm-geo-distance:geo-distance": object{"fraction-digits": n}},
		}}}))
		_, body := l.request("POST", "endpointcost/km", "application/alto-endpointcostparams+json",
			`{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"endpoints":{"srcs":["ipv4:10.0.0.1"],"dsts":["ipv4:192.0.2.1"]}}`)
		return body
	}
	for n, want := range map[int]string{0: `:6082}`, 3: `:6081.971}`} {
		if got := digits(n); !strings.Contains(got, want) {
			t.Errorf("%d digits: %s, want …%s", n, got, want)
		}
	}
}
