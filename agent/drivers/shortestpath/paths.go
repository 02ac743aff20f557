package shortestpath

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
)

// bandwidths are the metrics of a link that tell how much of it can be had, the best first.
var bandwidths = []string{"bw-residual", "bw-available"}

// paths returns the links of the routes between PIDs and, as entities of domain ".ane",
// what is known of those links: max-reservable-bandwidth (RFC 9275 Section 6.4.1), and each
// of their values under the name of its metric. Cost is that of the routes from each PID,
// on one core.
func paths(ctx context.Context, g *graph.Graph, m *alto.NetworkMap) (*alto.PathMatrix, *alto.PropertyMap, error) {
	pids := m.Names()
	at := nodesOf(g, m)
	b, err := alto.NewPathBuilder(slices.Clone(pids))
	if err != nil {
		return nil, nil, err
	}
	names := elementNames(g)
	used := make(map[int]bool)
	for _, pid := range pids {
		if len(at[pid]) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		routes := g.Routes(at[pid]...)
		for d, node := range nearest(routes, pids, at) {
			if node < 0 {
				continue
			}
			var anes []string
			for _, link := range routes.Links(node) {
				used[link] = true
				anes = append(anes, names[link])
			}
			if err := b.Add(pid, pids[d], anes); err != nil {
				return nil, nil, err
			}
		}
	}
	properties, err := elements(g, names, used)
	return b.Build(), properties, err
}

// elementNames are the names of the links as abstract network elements: their own, or
// something made of it where ALTO has no such names.
func elementNames(g *graph.Graph) []string {
	names := make([]string, len(g.Links()))
	for i, l := range g.Links() {
		if names[i] = l.Name; alto.CheckPIDName(l.Name) != nil {
			sum := sha256.Sum256([]byte(l.Name))
			names[i] = "link-" + hex.EncodeToString(sum[:12])
		}
	}
	return names
}

// elements are the properties of the links that are used.
func elements(g *graph.Graph, names []string, used map[int]bool) (*alto.PropertyMap, error) {
	var list []alto.Entity
	for _, i := range slices.Sorted(maps.Keys(used)) {
		values := g.Links()[i].Values
		e := alto.Entity{Domain: ".ane", Name: names[i]}
		add := func(name string, v float64) {
			e.Properties = append(e.Properties, alto.Property{Name: name, Value: jsontext.Value(fmt.Sprintf("%.15g", v))})
		}
		for _, metric := range bandwidths {
			if v, ok := values[metric]; ok && v >= 0 {
				add("max-reservable-bandwidth", v)
				break
			}
		}
		for _, metric := range slices.Sorted(maps.Keys(values)) {
			if alto.CheckPropertyName(metric) == nil && metric != "max-reservable-bandwidth" {
				add(metric, values[metric])
			}
		}
		list = append(list, e)
	}
	return alto.NewPropertyMap(list)
}

// takePaths gives out the paths that one of the cost types asks for, which is then no longer
// among names.
func takePaths(ctx context.Context, out *driver.Output, names *[]string, types map[string]alto.CostType, g *graph.Graph) (err error) {
	i := slices.IndexFunc(*names, func(name string) bool { return driver.OfPaths(types[name]) })
	if i < 0 {
		return nil
	}
	out.Paths = make(map[string]*alto.PathMatrix, 1)
	out.Paths[(*names)[i]], out.ANEs, err = paths(ctx, g, out.Map)
	*names = slices.Delete(*names, i, i+1)
	return err
}
