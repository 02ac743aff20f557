package shortestpath

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
)

// measure tells how the numbers of the links of a route become its cost.
type measure struct {
	start float64
	add   func(before float64, link *graph.Link) float64
}

// measureOf returns how the cost of a metric comes about; nil: it is not a route's. Hops and
// routing costs are the routes' own; delays add up, a bandwidth is that of the narrowest
// link, and a loss is that of links that lose independently of each other (RFC 9439
// Section 4). The value of a link that has none is not known, nor is that of the route.
func measureOf(metric string) *measure {
	value := func(l *graph.Link) float64 {
		if v, ok := l.Values[metric]; ok {
			return v
		}
		return math.NaN()
	}
	base, _, _ := strings.Cut(metric, ":")
	switch {
	case strings.HasPrefix(base, "delay-"):
		return &measure{0, func(before float64, l *graph.Link) float64 { return before + value(l) }}
	case base == "lossrate":
		return &measure{0, func(before float64, l *graph.Link) float64 { return 1 - (1-before)*(1-value(l)) }}
	case strings.HasPrefix(base, "bw-"), base == "tput":
		return &measure{math.Inf(1), func(before float64, l *graph.Link) float64 { return math.Min(before, value(l)) }}
	}
	return nil
}

// fill computes the costs of the metrics that are keys of byMetric. Cost is that of the
// routes from each PID, on one core.
func fill(ctx context.Context, byMetric map[string]*alto.CostMatrix, g *graph.Graph, m *alto.NetworkMap) error {
	pids := m.Names()
	n := len(pids)
	at := nodesOf(g, m)
	cells := make(map[string][]float64, len(byMetric))
	measures := make(map[string]*measure)
	for metric := range byMetric {
		if metric != "routingcost" && metric != "hopcount" {
			if measures[metric] = measureOf(metric); measures[metric] == nil {
				return fmt.Errorf("a topology tells nothing of metric %q: expected routingcost, hopcount, a delay, a bandwidth or a loss", metric)
			}
		}
		cells[metric] = alto.NewCosts(n)
	}
	for s, pid := range pids {
		if len(at[pid]) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		routes := g.Routes(at[pid]...)
		nearest := nearest(routes, pids, at)
		for metric, to := range cells {
			row := to[s*n : (s+1)*n]
			values := valuesOf(metric, measures[metric], routes)
			for d, node := range nearest {
				if node >= 0 && !math.IsInf(values(node), 1) {
					row[d] = values(node)
				}
			}
		}
	}
	for metric := range byMetric {
		var err error
		if byMetric[metric], err = alto.NewCostMatrix(pids, cells[metric]); err != nil {
			return err
		}
	}
	return nil
}

func valuesOf(metric string, m *measure, r *graph.Routes) func(node int) float64 {
	switch metric {
	case "routingcost":
		return func(node int) float64 { return r.Cost[node] }
	case "hopcount":
		return func(node int) float64 { return float64(r.Hops[node]) }
	}
	values := r.Fold(m.start, m.add)
	return func(node int) float64 { return values[node] }
}

// nodesOf returns the nodes of each PID: those that have a prefix whose addresses are in it.
func nodesOf(g *graph.Graph, m *alto.NetworkMap) map[string][]int {
	of := make(map[string][]int)
	for i, node := range g.Nodes() {
		seen := make(map[string]bool)
		for _, prefix := range node.Prefixes {
			if pid, ok := m.Lookup(prefix.Addr()); ok && !seen[pid] {
				seen[pid] = true
				of[pid] = append(of[pid], i)
			}
		}
	}
	return of
}

// nearest returns for each PID the node of it that is reached best, -1: none is.
func nearest(r *graph.Routes, pids []string, at map[string][]int) []int {
	list := make([]int, len(pids))
	for d, pid := range pids {
		best := -1
		for _, node := range at[pid] {
			if r.Reaches(node) && (best < 0 || r.Cost[node] < r.Cost[best] || r.Cost[node] == r.Cost[best] && r.Hops[node] < r.Hops[best]) {
				best = node
			}
		}
		list[d] = best
	}
	return list
}
