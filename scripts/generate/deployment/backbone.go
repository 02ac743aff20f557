package deployment

import (
	"fmt"
	"math"
	"strconv"
)

const (
	pathVector = "path-vector"
	routers    = 12 // of the backbone, in a ring
)

// pathMap is a filtered cost map of the paths that a source of the name net has (RFC 9275).
func pathMap(id, net string) object {
	return resource(id, "cost-map", with(fromSource(net), "filtered", true, "cost-type-name", []string{pathVector},
		"altoam-path-vector:ane-property-name", []string{bandwidth}, "altoam-path-vector:given-ane-names", true), net)
}

// endpointPaths are the paths of a cost map between endpoints.
func endpointPaths(id, net, paths string) object {
	return resource(id, "endpoint-cost", object{
		"cost-type-name": []string{pathVector}, "altoam-path-vector:ane-property-name": []string{bandwidth},
		"altoam-algorithm-from-map:from-map": object{"cost-map": []string{paths}},
	}, net, paths)
}

const bandwidth = "max-reservable-bandwidth"

// backbone are the paths between sites and the properties of their links: each site has a
// link to a router, and routers one to the next. The shorter way round is taken.
func (n *Network) backbone(p *plan) []File {
	links, paths := make(object), make(object)
	r := random(p.Seed, 101)
	for i := range routers {
		links[".ane:"+ringLink(i)] = object{bandwidth: 12_500_000_000 * (1 + r.IntN(4))}
	}
	for i := range n.PIDs {
		links[".ane:"+siteLink(i)] = object{bandwidth: 1_250_000_000 * (1 + r.IntN(10))}
		to := make(object)
		for j := range n.PIDs {
			if i != j && !math.IsNaN(n.Costs[0].Value[i][j]) {
				to[n.PIDs[j].Name] = path(i, j)
			}
		}
		paths[n.PIDs[i].Name] = to
	}
	costs := object{"meta": object{"cost-type": object{"cost-mode": "array", "cost-metric": "ane-path"}}, "cost-map": paths}
	return []File{{"paths.json", marshal(costs)}, {"links.json", marshal(object{"property-map": links})}}
}

func siteLink(i int) string { return "site-" + strconv.Itoa(i) }

// ringLink is that from router i to the next.
func ringLink(i int) string { return fmt.Sprintf("ring-%d", (i+routers)%routers) }

// path are the links from site i to site j.
func path(i, j int) []string {
	list := []string{siteLink(i)}
	at, to := i%routers, j%routers
	if (to-at+routers)%routers <= routers/2 {
		for ; at != to; at = (at + 1) % routers {
			list = append(list, ringLink(at))
		}
	} else {
		for ; at != to; at = (at - 1 + routers) % routers {
			list = append(list, ringLink(at-1))
		}
	}
	return append(list, siteLink(j))
}
