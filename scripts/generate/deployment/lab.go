package deployment

import (
	"math"
	"math/rand/v2"
	"strconv"
)

// lab is the smallest deployment: a network map, a cost map and endpoint costs.
func lab(p *plan) []File {
	n := newNetwork(p.Seed, size{pids: 4, prefixes: p.of(12, 4), ipv6: 0.3, density: 1},
		func(_ *rand.Rand, i int) string { return "PID" + strconv.Itoa(i+1) },
		Table{Metric: "routingcost", Mode: "numerical", draw: routingCost}).churned(p)
	pids, costs := []object{}, []object{}
	for i, prefixes := range n.Prefixes() {
		list := []string{}
		for _, p := range prefixes {
			list = append(list, p.String())
		}
		pids = append(pids, object{"name": n.PIDs[i].Name, "prefix": list})
		for j := range n.PIDs {
			costs = append(costs, object{
				"source": n.PIDs[i].Name, "destination": n.PIDs[j].Name,
				"value": strconv.FormatFloat(n.Costs[0].Value[i][j], 'f', 1, 64),
			})
		}
	}
	return []File{p.document(object{
		"cost-type": []object{costType("num-routingcost", "numerical", "routingcost")},
		"data-source": []object{{"source-id": "lab", "source-type": "altoam-source-static:static", "source-params": object{"altoam-source-static:static": object{
			"pid": pids, "cost-table": []object{{"metric": "routingcost", "mode": "numerical", "cost": costs}},
		}}}},
		"resource": []object{
			resource("net", "network-map", with(fromSource("lab", "default-pid", "outside"), "is-default", true, "filtered", true)),
			resource("costs", "cost-map", with(fromSource("lab"), "filtered", true, "cost-constraints", true, "cost-type-name", []string{"num-routingcost"}), "net"),
			endpointCosts("endpoint-costs", "net", []string{"num-routingcost"}, []string{"costs"}),
		},
	})}
}

// routingCost grows with the distance.
func routingCost(r *rand.Rand, distance float64) float64 {
	return math.Round(10*(1+distance/100+5*r.Float64())) / 10
}

// hopCount is a whole number.
func hopCount(r *rand.Rand, distance float64) float64 {
	return math.Round(1 + distance/2000 + 4*r.Float64())
}
