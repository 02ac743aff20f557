package agent_test

import (
	"os"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
)

// TestAccept has what the server does nothing about, or nothing yet: it is accepted,
// and the rest is served.
func TestAccept(t *testing.T) {
	l := newLab(t)
	server := campusServer()
	types := server["cost-type"].(list)
	for _, metric := range []string{"hopcount", "delay-ow", "delay-rt", "delay-variation", "lossrate", "tput", "bw-residual", "bw-available"} {
		types = append(types, with(costType("num-"+metric, "numerical", metric), object{
			"cost-context": object{"cost-source": "ietf-alto:sla"}, "description": "all of RFC 9439",
		}))
	}
	server["cost-type"] = types
	server["server-discovery"] = object{"rdns-naptr-records": object{"altoam-discovery:ird-uri": "https://alto.example.net/directory", "static-prefix": list{"192.0.2.0/24"}, "dynamic-prefix-source": list{"campus"}}}
	conf := t.TempDir() + "/syslog.conf"
	l.must(os.WriteFile(conf, []byte("# nothing"), 0o600))
	server["logging-system"] = object{"syslog-params": object{"config-file": "file://" + conf}}
	server["resource"] = append(server["resource"].(list),
		with(costMap("ordinal", "campus", "net", object{
			"cost-type-name": list{"ord"}, "filtered": true, "max-cost-types": 1, "testable-cost-type-name": list{"ord"},
		}), object{"resource-limits": object{"notify-res-mem-limit": "1000000"}}),
		object{
			"resource-id": "after", "resource-type": "ietf-alto:property-map", "dependency": list{"cdn", "elsewhere"},
			"alto-propmap-params": object{"altoam-algorithm-from-source:from-source": object{"source": "campus", "property": list{"rack"}}},
		},
	)
	content := object{"ietf-alto:alto": object{
		"alto-client": list{object{"client-id": "c", "server-discovery": object{"rdns-params": object{"dns-server": list{"192.0.2.53"}}}}},
		"alto-server": server,
	}}
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, content), noOptions))
	ird := l.body("directory")
	for _, want := range []string{`"cost-context":{"cost-source":"sla"}`, `"uses":["cdn","elsewhere"]`} {
		if !strings.Contains(ird, want) {
			t.Errorf("the root IRD lacks %s: %s", want, ird)
		}
	}
	l.body("costmap/ordinal")
	if body := l.body("propmap/after"); !strings.Contains(body, `"rack"`) {
		t.Errorf("property map: %s", body)
	}
}
