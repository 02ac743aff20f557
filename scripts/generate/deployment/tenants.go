package deployment

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// tenants is one server for many: each role has maps of its own, made from a source of
// its own, and ten clients. A third of the resources are network maps, cost maps and
// endpoint cost services each.
func tenants(p *plan) []File {
	roles, clients, resources := p.of(200, 3), p.of(2000, 6), p.of(10_000, 20)
	server := object{"cost-type": []object{costType("num-routingcost", "numerical", "routingcost")}}
	sources, list := []object{}, []object{}
	var files []File
	for i := range roles {
		id := tenant(i)
		n := newNetwork(p.Seed+uint64(i)<<32, size{pids: 10, prefixes: 30, ipv6: 0.3, density: 1},
			func(_ *rand.Rand, k int) string { return "site-" + strconv.Itoa(k) },
			Table{Metric: "routingcost", Mode: "numerical", draw: routingCost}).churned(p)
		files = append(files, File{id + "-networkmap.json", n.networkMap()}, File{id + "-costmap.json", n.costMap(n.Costs[0])})
		sources = append(sources, p.fileSource(id, id+"-networkmap.json", id+"-costmap.json"))
	}
	list = append(list, resource("net", "network-map", with(fromSource(tenant(0), "default-pid", "outside"), "is-default", true)))
	for i := 0; len(list) < resources; i++ {
		list = append(list, tenantResources(i, i%roles)...)
	}
	members := make([][]string, roles)
	accounts, known := []object{}, []object{}
	for i := range clients {
		name := fmt.Sprintf("client-%04d", i)
		members[i%roles] = append(members[i%roles], name)
		accounts = append(accounts, digestUser(name))
		known = append(known, object{"client-id": name, "http-auth-client": object{"user-id": name}})
	}
	held := []object{}
	for i, m := range members {
		held = append(held, object{"role-name": tenant(i), "client": m})
	}
	with(server, "data-source", sources, "resource", list[:resources], "auth-client", known, "role", held, users, accounts)
	return append([]File{p.document(server)}, files...)
}

func tenant(i int) string { return fmt.Sprintf("tenant-%03d", i) }

// tenantResources are the i-th network map with what belongs to it, of a role. A list
// may end after any of them.
func tenantResources(i, role int) []object {
	id, only := fmt.Sprintf("%s-%05d", tenant(role), i), []string{tenant(role)}
	net, costs := id+"-net", id+"-costs"
	list := []object{
		resource(net, "network-map", with(fromSource(tenant(role), "default-pid", "outside"), "filtered", false)),
		resource(costs, "cost-map", with(fromSource(tenant(role)), "cost-type-name", []string{"num-routingcost"}), net),
		endpointCosts(id+"-endpoint-costs", net, []string{"num-routingcost"}, []string{costs}),
	}
	for _, r := range list {
		r["accepted-role"] = only
	}
	return list
}

// digestUser is a user of HTTP Digest whose password is its name (RFC 7616).
func digestUser(name string) object {
	return object{"user-id": name, "altoam-access:digest": object{"credentials": "$0$" + name + ":" + name}}
}
