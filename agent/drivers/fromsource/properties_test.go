package fromsource

import (
	"fmt"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

// TestPropertyMapEntities: who has none of the chosen properties is not in the map, and
// neither is its domain.
func TestPropertyMapEntities(t *testing.T) {
	source, networkMap := "s", "net"
	has := func(names ...string) (list []alto.Property) {
		for _, name := range names {
			list = append(list, alto.Property{Name: name, Value: []byte("1")})
		}
		return list
	}
	data := &driver.Data{
		PIDs:     []driver.PID{{Name: "a", Properties: has("asn")}, {Name: "b"}},
		Entities: []alto.Entity{{Domain: "ipv4", Name: "192.0.2.1", Properties: has("rack", "asn")}, {Domain: "ipv6", Name: "::1"}},
	}
	for _, c := range []struct {
		chosen  []string
		entries int
		domains string
	}{
		{nil, 2, "[{ipv4 [asn rack]} {net.pid [asn]}]"},
		{[]string{"asn"}, 2, "[{ipv4 [asn]} {net.pid [asn]}]"},
		{[]string{"rack"}, 1, "[{ipv4 [rack]}]"},
		{[]string{"none"}, 0, "[]"},
	} {
		out, err := computePropertyMap(t.Context(), driver.Input{
			Sources: map[string]*driver.Data{"s": data},
			PlanInput: driver.PlanInput{
				Kind: func(string) (driver.Kind, bool) { return driver.NetworkMap, true },
				Resource: &driver.Resource{AltoPropmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoPropmapParams{
					FromSource: &gen.IETFAlto_Alto_AltoServer_Resource_AltoPropmapParams_FromSource{Source: &source, NetworkMap: &networkMap, Property: c.chosen},
				}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, domains := out.Properties.NumEntities(), fmt.Sprint(out.Properties.Mappings()); n != c.entries || domains != c.domains {
			t.Errorf("chosen %v: %d entities, domains %s, expected %d and %s", c.chosen, n, domains, c.entries, c.domains)
		}
	}
}
