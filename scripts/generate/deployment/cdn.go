package deployment

import (
	"fmt"
	"math/rand/v2"
)

// CDN returns the network of the kind cdn at a scale.
func CDN(seed uint64, scale float64) *Network {
	p := &plan{Options: Options{Seed: seed, Scale: scale}}
	cities := []string{"ams", "ber", "cdg", "fra", "lhr", "mad", "mil", "nyc", "sfo", "sin", "syd", "tyo"}
	return newNetwork(seed, size{pids: p.of(1700, 8), prefixes: p.of(250_000, 40), ipv6: 0.2, density: 0.45},
		func(r *rand.Rand, i int) string {
			return fmt.Sprintf("cdn-%s-pop%02d-router%04d", cities[r.IntN(len(cities))], r.IntN(40), i)
		},
		Table{Metric: "routingcost", Mode: "numerical", draw: routingCost},
		Table{Metric: "hopcount", Mode: "numerical", draw: hopCount})
}

// cdn is a large operator's network as its CDN sees it.
func cdn(p *plan) []File {
	n := CDN(p.Seed, p.Scale).churned(p)
	types := []string{"num-routingcost", "num-hopcount"}
	costs := func(id, name string) object {
		return resource(id, "cost-map", with(fromSource("network"), "filtered", true, "cost-constraints", true, "cost-type-name", []string{name}), "net")
	}
	return []File{
		p.document(object{
			"cost-type":   []object{costType(types[0], "numerical", "routingcost"), costType(types[1], "numerical", "hopcount")},
			"data-source": []object{p.fileSource("network", "networkmap.json", "routingcost.json", "hopcount.json")},
			"resource": []object{
				resource("net", "network-map", with(fromSource("network", "default-pid", "outside"), "is-default", true, "filtered", true)),
				costs("routingcost", types[0]),
				costs("hopcount", types[1]),
				endpointCosts("endpoint-costs", "net", types, []string{"routingcost", "hopcount"}),
				resource("endpoint-properties", "endpoint-prop", with(fromSource("network"), "prop-type", []string{"net.pid"}), "net"),
				updates("updates", "net", "routingcost", "hopcount"),
				views("views", "net", "routingcost", "hopcount"),
			},
		}),
		{"networkmap.json", n.networkMap()},
		{"routingcost.json", n.costMap(n.Costs[0])},
		{"hopcount.json", n.costMap(n.Costs[1])},
	}
}
