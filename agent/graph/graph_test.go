package graph

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNew(t *testing.T) {
	nodes := func(names ...string) (list []Node) {
		for _, name := range names {
			list = append(list, Node{Name: name})
		}
		return list
	}
	for _, c := range []struct {
		name  string
		nodes []Node
		links []Link
		fault string
	}{
		{"good", nodes("b", "a"), []Link{{Name: "1", From: "a", To: "b", Metric: 2}, {Name: "2", From: "b", To: "a"}}, ""},
		{"twice", nodes("a", "a"), nil, `node "a" is there twice`},
		{"nameless", nodes(""), nil, `a node has no name`},
		{"from nowhere", nodes("a"), []Link{{Name: "1", From: "x", To: "a"}}, `link "1" leaves node "x", which is not there`},
		{"to nowhere", nodes("a"), []Link{{Name: "1", From: "a", To: "x"}}, `link "1" leads to node "x", which is not there`},
		{"same link", nodes("a", "b"), []Link{{Name: "1", From: "a", To: "b"}, {Name: "1", From: "b", To: "a"}}, `link "1" is there twice`},
		{"nameless link", nodes("a", "b"), []Link{{From: "a", To: "b"}}, `a link of node "a" has no name`},
		{"negative", nodes("a", "b"), []Link{{Name: "1", From: "a", To: "b", Metric: -1}}, `link "1" has metric -1, expected a number that is not negative`},
		{"no number", nodes("a", "b"), []Link{{Name: "1", From: "a", To: "b", Metric: math.NaN()}}, `link "1" has metric NaN, expected a number that is not negative`},
		{"infinite", nodes("a", "b"), []Link{{Name: "1", From: "a", To: "b", Metric: math.Inf(1)}}, `link "1" has metric +Inf, expected a number that is not negative`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(c.nodes, c.links)
			var fault *Fault
			if c.fault == "" && err != nil || c.fault != "" && (!errors.As(err, &fault) || fault.Reason != c.fault) {
				t.Errorf("error %v, want %q", err, c.fault)
			}
		})
	}
}

// TestRoutes compares costs, hops and routes with those of the Bellman-Ford algorithm.
func TestRoutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		starts := rapid.SliceOfN(rapid.IntRange(0, len(g.Nodes())-1), 1, 3).Draw(t, "starts")
		r := g.Routes(starts...)
		cost, hops := bellmanFord(g, starts)
		delays := r.Fold(0, func(before float64, l *Link) float64 { return before + l.Values["delay"] })
		for n := range g.Nodes() {
			if r.Cost[n] != cost[n] || r.Reaches(n) && r.Hops[n] != hops[n] {
				t.Fatalf("node %d: cost %v and %d hops, want %v and %d", n, r.Cost[n], r.Hops[n], cost[n], hops[n])
			}
			if !r.Reaches(n) {
				if !math.IsNaN(delays[n]) || r.Links(n) != nil {
					t.Fatalf("a route leads to node %d", n)
				}
				continue
			}
			checkRoute(t, g, r, n, starts, delays[n])
		}
	})
}

func checkRoute(t *rapid.T, g *Graph, r *Routes, n int, starts []int, delay float64) {
	links, sum, wait := r.Links(n), 0.0, 0.0
	at := n
	if len(links) > 0 {
		at = g.From(links[0])
	}
	if !slices.Contains(starts, at) {
		t.Fatalf("the route to %d begins at %d", n, at)
	}
	for _, l := range links {
		if g.From(l) != at {
			t.Fatalf("route %v to %d has a gap", links, n)
		}
		at = g.To(l)
		sum += g.Links()[l].Metric
		wait += g.Links()[l].Values["delay"]
	}
	if at != n || sum != r.Cost[n] || len(links) != int(r.Hops[n]) || wait != delay {
		t.Fatalf("route %v to %d ends at %d, costs %v of %v, delay %v of %v", links, n, at, sum, r.Cost[n], wait, delay)
	}
}

// drawn is a random graph with whole metrics, so that sums are exact.
func drawn(t *rapid.T) *Graph {
	n := rapid.IntRange(1, 12).Draw(t, "nodes")
	var nodes []Node
	for i := range n {
		nodes = append(nodes, Node{Name: fmt.Sprintf("n%02d", i)})
	}
	var links []Link
	for i := range rapid.IntRange(0, 40).Draw(t, "links") {
		name := func(what string) string { return nodes[rapid.IntRange(0, n-1).Draw(t, what)].Name }
		links = append(links, Link{
			Name: fmt.Sprint(i), From: name("from"), To: name("to"), Metric: float64(rapid.IntRange(0, 5).Draw(t, "metric")),
			Values: map[string]float64{"delay": float64(rapid.IntRange(0, 9).Draw(t, "delay"))},
		})
	}
	g, err := New(nodes, links)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func bellmanFord(g *Graph, starts []int) (cost []float64, hops []int32) {
	cost, hops = make([]float64, len(g.Nodes())), make([]int32, len(g.Nodes()))
	for i := range cost {
		cost[i] = math.Inf(1)
	}
	for _, s := range starts {
		cost[s] = 0
	}
	for range g.Nodes() {
		for i, l := range g.Links() {
			from, to := g.From(i), g.To(i)
			c, h := cost[from]+l.Metric, hops[from]+1
			if c < cost[to] || c == cost[to] && !math.IsInf(c, 1) && h < hops[to] {
				cost[to], hops[to] = c, h
			}
		}
	}
	return cost, hops
}
