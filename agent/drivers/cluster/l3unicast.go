package cluster

import (
	"cmp"
	"context"
	"slices"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
)

const l3Case = "l3-unicast-cluster"

var l3Unicast = driver.Algorithm{
	Case: l3Case,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoNetworkmapParams != nil && r.AltoNetworkmapParams.L3UnicastCluster != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		return driver.Needs{Sources: []string{in.Resource.AltoNetworkmapParams.L3UnicastCluster.GetSource()}}, nil
	},
	Compute: computeL3,
}

func computeL3(ctx context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoNetworkmapParams.L3UnicastCluster
	at := leaf(l3Case, "source")
	g := in.Sources[p.GetSource()].Graph
	if g == nil {
		return driver.Output{}, driver.Errorf(at, "source %q has no topology", p.GetSource())
	}
	middles := clusters(g, int(p.GetDepth())-1)
	if err := ctx.Err(); err != nil {
		return driver.Output{}, err
	}
	var all groups
	positions := make(map[string]driver.Position)
	for n, node := range g.Nodes() {
		middle := g.Nodes()[middles[n]]
		if err := all.add(middle.Name, node.Prefixes...); err != nil {
			return driver.Output{}, driver.Errorf(at, "%w", err)
		}
		if name, err := pidName(node.Name); err == nil && middles[n] == n && node.Place != nil {
			positions[name] = driver.Position(*node.Place)
		}
	}
	m, _, err := driver.CompleteMap(all.pids(), p.GetDefaultPid(), at, leaf(l3Case, "default-pid"))
	if err != nil {
		return driver.Output{}, err
	}
	for name := range positions {
		if !m.Has(name) {
			delete(positions, name)
		}
	}
	return driver.Output{Map: m, Positions: positions}, nil
}

// clusters returns for each node the middle of the cluster that it belongs to: the node
// with the most links that belongs to none becomes a middle, and takes the nodes that so
// many links lead to, whichever way, and that belong to none.
func clusters(g *graph.Graph, radius int) []int {
	neighbours := neighbours(g)
	order := make([]int, len(g.Nodes()))
	middle := make([]int, len(order))
	for n := range order {
		order[n], middle[n] = n, -1
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(neighbours[b]), len(neighbours[a])) })
	for _, m := range order {
		if middle[m] >= 0 {
			continue
		}
		middle[m] = m
		edge := []int{m}
		for range radius {
			var next []int
			for _, n := range edge {
				for _, other := range neighbours[n] {
					if middle[other] < 0 {
						middle[other] = m
						next = append(next, other)
					}
				}
			}
			edge = next
		}
	}
	return middle
}

// neighbours lists, for each node, the nodes that a link leads to or comes from, each
// once, ascending.
func neighbours(g *graph.Graph) [][]int {
	of := make([][]int, len(g.Nodes()))
	for l := range g.Links() {
		from, to := g.From(l), g.To(l)
		if from != to {
			of[from], of[to] = append(of[from], to), append(of[to], from)
		}
	}
	for n := range of {
		slices.Sort(of[n])
		of[n] = slices.Compact(of[n])
	}
	return of
}
