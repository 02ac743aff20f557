package agent_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
)

// directory fetches the root IRD.
type directory struct {
	Meta struct {
		Vendor  string `json:"vendor"`
		Default string `json:"default-alto-network-map"`
	} `json:"meta"`
	Resources map[string]struct {
		URI  string   `json:"uri"`
		Uses []string `json:"uses"`
	} `json:"resources"`
}

func (l *lab) directory() (d directory) {
	l.Helper()
	status, body := l.get("directory")
	if err := json.Unmarshal([]byte(body), &d); status != 200 || err != nil {
		l.Fatalf("root IRD: %d %s", status, body)
	}
	return d
}

func TestServe(t *testing.T) {
	l := newLab(t)
	if irds := l.agent.IRDs(); len(irds) != 0 {
		t.Fatalf("an empty configuration listens at %q", irds)
	}
	l.must(l.merge(campusServer()))

	d := l.directory()
	want := []string{"both", "cdn", "cdn-filtered", "ec", "elsewhere", "km", "map", "map-filtered", "net", "net-filtered", "props", "rc", "rc-filtered", "stream"}
	if got := slices.Sorted(maps.Keys(d.Resources)); !slices.Equal(got, want) {
		t.Errorf("root IRD lists %q, expected %q", got, want)
	}
	if d.Meta.Vendor != "altoam" || d.Meta.Default != "net" {
		t.Errorf("meta of the root IRD: %+v", d.Meta)
	}
	for _, c := range []struct{ name, method, path, media, content, want string }{
		{"network map", "GET", "networkmap/net", "", "", `"lan":{"ipv4":["192.0.2.0/24"],"ipv6":["2001:db8::/32"]}`},
		{"filtered network map", "POST", "networkmapfilter/net", "application/alto-networkmapfilter+json", `{"pids":["lan"],"address-types":["ipv4"]}`, `{"lan":{"ipv4":["192.0.2.0/24"]}}`},
		{"cost map", "GET", "costmap/rc", "", "", `{"lan":{"lan":1,"world":7.5},"world":{"lan":8}}`},
		{
			"filtered cost map", "POST", "costmapfilter/rc", "application/alto-costmapfilter+json",
			`{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"pids":{"srcs":["lan"],"dsts":[]},"constraints":["ge 2"]}`, `{"lan":{"world":7.5}}`,
		},
		{
			"multi-cost", "POST", "costmapfilter/both", "application/alto-costmapfilter+json",
			`{"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"routingcost"},{"cost-mode":"ordinal","cost-metric":"routingcost"}],"pids":{"srcs":["lan"],"dsts":["world"]}}`, `{"lan":{"world":[7.5,2]}}`,
		},
		{
			"endpoint costs of a cost map", "POST", "endpointcost/ec", "application/alto-endpointcostparams+json",
			`{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"endpoints":{"srcs":["ipv4:192.0.2.9"],"dsts":["ipv4:203.0.113.1"]}}`, `{"ipv4:192.0.2.9":{"ipv4:203.0.113.1":7.5}}`,
		},
		{
			"endpoint costs by distance", "POST", "endpointcost/km", "application/alto-endpointcostparams+json",
			`{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"endpoints":{"srcs":["ipv4:192.0.2.9"],"dsts":["ipv4:192.0.2.8"]}}`, `{"ipv4:192.0.2.9":{"ipv4:192.0.2.8":0}}`,
		},
		{
			"endpoint properties", "POST", "endpointprop/props", "application/alto-endpointpropparams+json",
			`{"properties":["net.pid","rack"],"endpoints":["ipv4:192.0.2.1"]}`, `{"net.pid":"lan","rack":"r1"}`,
		},
		{"property map", "GET", "propmap/map", "", "", `"ipv6:2001:db8::/48":{"rack":7}`},
		{
			"filtered property map", "POST", "propmapfilter/map", "application/alto-propmapparams+json",
			`{"entities":["ipv6:2001:db8::/48"],"properties":["rack"]}`, `"property-map":{"ipv6:2001:db8::/48":{"rack":7}}`,
		},
		{
			"filtered CDNI advertisement", "POST", "cdnifilter/cdn", "application/alto-cdnifilter+json",
			`{"cdni-capabilities":[{"capability-type":"FCI.AcquisitionProtocol","capability-value":{"acquisition-protocols":["https/1.1"]}}]}`, `"capabilities-with-footprints":[]`,
		},
		{"CDNI advertisement", "GET", "cdni/cdn", "", "", `{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":["http/1.1"]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, body := l.request(c.method, c.path, c.media, c.content); status != 200 || !strings.Contains(body, c.want) {
				t.Errorf("%d %s\nexpected …%s…", status, body, c.want)
			}
		})
	}
	if uses := d.Resources["rc"].Uses; !slices.Equal(uses, []string{"net"}) {
		t.Errorf("rc uses %q", uses)
	}
}

func TestChange(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	before, property := l.vtag("networkmap/net"), l.body("propmap/map")
	costs := l.body("costmap/rc")

	l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", "198.51.100.0/24")}})}}))
	after := l.vtag("networkmap/net")
	if after == before {
		t.Error("the vtag stayed although a prefix was added")
	}
	if body := l.body("costmap/rc"); body == costs || !strings.Contains(body, after) {
		t.Errorf("the cost map does not name the new network map: %s", body)
	}
	if got := l.body("propmap/map"); got != property {
		t.Errorf("the property map changed: %s", got)
	}

	l.must(l.merge(object{"resource": list{object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "description": "all of it"}}}))
	if got := l.vtag("networkmap/net"); got != after {
		t.Error("the vtag changed with a description")
	}
	l.must(l.merge(object{"cost-type": list{object{"cost-type-name": "num", "cost-mode": "ietf-alto:numerical", "cost-metric": "ietf-alto:routingcost", "description": "in coins"}}}))
	if !strings.Contains(l.body("directory"), "in coins") {
		t.Error("the root IRD does not have the new description")
	}
}

// body fetches what must be there.
func (l *lab) body(path string) string {
	l.Helper()
	status, body := l.get(path)
	if status != 200 {
		l.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

func TestDelete(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	base := l.base()
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='map']"))
	if _, listed := l.directory().Resources["map"]; listed {
		t.Error("the deleted resource is in the root IRD")
	}
	if status, _ := l.get("propmap/map"); status != 404 {
		t.Errorf("the deleted resource answers %d, expected 404", status)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='stream']/dependency[.='rc']"))

	l.must(l.delete("/ietf-alto:alto"))
	if irds := l.agent.IRDs(); len(irds) != 0 {
		t.Errorf("without configuration it listens at %q", irds)
	}
	l.must(l.merge(campusServer()))
	if l.base() == base {
		t.Log("the same free port was picked again")
	}
	l.body("networkmap/net")
}

func TestCandidate(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	x := l.session()
	add := l.change(edit.Merge, object{"resource": list{networkMap("second", "campus", nil)}})
	l.must(x.Edit(ctx, datastore.Candidate, add, datastore.EditOptions{}))
	if status, _ := l.get("networkmap/second"); status != 404 {
		t.Errorf("a resource of the candidate answers %d, expected 404", status)
	}
	l.must(x.Commit(ctx, datastore.CommitOptions{}))
	l.body("networkmap/second")
}

// TestRestart has an agent take what another one left.
func TestRestart(t *testing.T) {
	path := t.TempDir() + "/store"
	var tag string
	t.Run("first", func(t *testing.T) {
		l := labAt(t, path)
		l.must(l.merge(campusServer()))
		tag = l.vtag("networkmap/net")
	})
	t.Run("second", func(t *testing.T) {
		if got := labAt(t, path).vtag("networkmap/net"); got != tag {
			t.Errorf("vtag %s after the restart, %s before", got, tag)
		}
	})
}
