package deployment

import (
	"fmt"
	"math"
	"math/rand/v2"
)

var countries = []string{"BR", "CA", "CH", "DE", "ES", "FR", "GB", "IT", "JP", "NL", "SE", "US"}

// LHCONE returns the network of the kind lhcone at a scale.
func LHCONE(seed uint64, scale float64) *Network {
	p := &plan{Options: Options{Seed: seed, Scale: scale}}
	return newNetwork(seed, size{pids: p.of(170, 12), prefixes: p.of(2000, 40), ipv6: 0.4, density: 0.9},
		func(r *rand.Rand, i int) string {
			return fmt.Sprintf("%s-T%d-SITE-%03d", countries[r.IntN(len(countries))], 1+r.IntN(3), i)
		},
		Table{Metric: "hopcount", Mode: "numerical", draw: hopCount},
		Table{Metric: "delay-ow", Mode: "numerical", draw: func(r *rand.Rand, d float64) float64 {
			return math.Round(1000*(100+d*5+200*r.Float64())) / 1000 // microseconds
		}},
		Table{Metric: "tput", Mode: "numerical", draw: func(r *rand.Rand, d float64) float64 {
			return math.Round(1e9 * (1 + 99*r.Float64()) / (1 + d/5000)) // bytes per second
		}})
}

// lhcone is a research network: its sites, three metrics, the paths between sites, the
// throughput at each time of day, and for each experiment a role with an endpoint cost
// service of its own.
func lhcone(p *plan) []File {
	n := LHCONE(p.Seed, p.Scale).churned(p)
	names := []string{"hopcount", "delay-ow", "tput"}
	server := object{
		"data-source": []object{p.fileSource("sites", "networkmap.json", "hopcount.json", "delay-ow.json", "tput.json", "properties.json", "paths.json", "links.json")},
	}
	types := []object{}
	list := []object{
		resource("sites", "network-map", with(fromSource("sites", "default-pid", "outside"), "is-default", true, "filtered", true)),
		resource("site-properties", "property-map", fromSource("sites", "filtered", true), "sites"),
		resource("endpoint-properties", "endpoint-prop", with(fromSource("sites"), "prop-type", []string{"sites.pid"}), "sites"),
	}
	files := []File{{"networkmap.json", n.networkMap()}, {"properties.json", n.siteProperties(p)}}
	files = append(files, n.backbone(p)...)
	for i, name := range names {
		types = append(types, costType(name, "numerical", name))
		params, text := with(fromSource("sites"), "filtered", true, "cost-constraints", true, "cost-type-name", []string{name}), n.costMap
		if name == "tput" {
			params, text = with(params, "calendar-attributes", calendar(name)), n.schedule
		}
		list = append(list, resource(name, "cost-map", params, "sites"))
		files = append(files, File{name + ".json", text(n.Costs[i])})
	}
	types = append(types, costType(pathVector, "array", "ane-path"))
	list = append(list, pathMap("paths", "sites"), endpointPaths("endpoint-paths", "sites", "paths"))
	covered := append([]string{"sites"}, names...)
	list = append(list, updates("updates", covered...), views("views", covered...))
	clients, roles, accounts := []object{}, []object{}, []object{}
	for i := range 12 {
		role, client := fmt.Sprintf("experiment-%02d", i+1), fmt.Sprintf("transfers-%02d", i+1)
		list = append(list, with(endpointCosts("transfers-"+role, "sites", names, names), "accepted-role", []string{role}))
		clients = append(clients, object{"client-id": client, "http-auth-client": object{"user-id": client}})
		roles = append(roles, object{"role-name": role, "client": []string{client}})
		accounts = append(accounts, basicUser(client))
	}
	with(server, "cost-type", types, "resource", list, "auth-client", clients, "role", roles, users, accounts)
	return append([]File{p.document(server)}, files...)
}

// siteProperties are those of the sites, as PIDs of their network map.
func (n *Network) siteProperties(p *plan) []byte {
	r := random(p.Seed, 100)
	return n.propertyMap("sites", func(i int) object {
		return object{
			"country": n.PIDs[i].Name[:2], "asn": 64512 + r.IntN(1000),
			"latitude": math.Round(n.PIDs[i].Latitude*100) / 100, "longitude": math.Round(n.PIDs[i].Longitude*100) / 100,
		}
	})
}

// basicUser is a user of HTTP Basic whose password is its name.
func basicUser(name string) object {
	return object{"user-id": name, "basic": object{"username": name, "password": object{"hashed-password": "$0$" + name}}}
}
