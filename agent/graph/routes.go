package graph

import (
	"container/heap"
	"math"
	"slices"
)

// Routes are the least-cost routes from some nodes to all others.
type Routes struct {
	graph *Graph
	// Cost and Hops are, by node, the sum of the metrics of the route to it and the
	// number of its links; Cost is infinite where none leads there.
	Cost []float64
	Hops []int32
	last []int32 // by node: the link by which its route ends, -1: none
}

// Routes computes the routes that begin at one of the given nodes, whichever is best. Of
// routes with the same cost the one with fewer links counts, and of these always the
// same. Time grows with l·log n for l links and n nodes.
func (g *Graph) Routes(nodes ...int) *Routes {
	r := &Routes{
		graph: g, Cost: make([]float64, len(g.nodes)), Hops: make([]int32, len(g.nodes)), last: make([]int32, len(g.nodes)),
	}
	for i := range r.Cost {
		r.Cost[i], r.last[i] = math.Inf(1), -1
	}
	q := &queue{routes: r, place: make([]int32, len(g.nodes))}
	for _, n := range nodes {
		if r.Cost[n] != 0 {
			r.Cost[n] = 0
			heap.Push(q, int32(n))
		}
	}
	for q.Len() > 0 {
		n := heap.Pop(q).(int32)
		for l := g.first[n]; l < g.first[n+1]; l++ {
			r.follow(q, n, l)
		}
	}
	return r
}

// follow takes link l of n where that is the better way to the node it leads to.
func (r *Routes) follow(q *queue, n, l int32) {
	to, cost, hops := r.graph.to[l], r.Cost[n]+r.graph.links[l].Metric, r.Hops[n]+1
	if cost > r.Cost[to] || cost == r.Cost[to] && hops >= r.Hops[to] {
		return
	}
	r.Cost[to], r.Hops[to], r.last[to] = cost, hops, l
	if at := q.place[to]; at > 0 {
		heap.Fix(q, int(at-1))
	} else {
		heap.Push(q, to)
	}
}

// Reaches tells whether a route leads to the node.
func (r *Routes) Reaches(node int) bool { return !math.IsInf(r.Cost[node], 1) }

// Links returns the indices of the links of the route to a node, in order; none where
// it begins there or none leads there.
func (r *Routes) Links(node int) []int {
	var links []int
	for l := r.last[node]; l >= 0; l = r.last[node] {
		links = append(links, int(l))
		node = r.graph.From(int(l))
	}
	slices.Reverse(links)
	return links
}

// Fold computes a value for each node along the routes: that of a node is f of the
// value of the node before it and the link between them, start where a route begins, and
// NaN where none leads.
func (r *Routes) Fold(start float64, f func(before float64, link *Link) float64) []float64 {
	values := make([]float64, len(r.Cost))
	known := make([]bool, len(r.Cost))
	var path []int
	for n := range values {
		if !r.Reaches(n) {
			values[n], known[n] = math.NaN(), true
			continue
		}
		path = path[:0]
		at := n
		for !known[at] && r.last[at] >= 0 {
			path = append(path, at)
			at = r.graph.From(int(r.last[at]))
		}
		if !known[at] {
			values[at], known[at] = start, true
		}
		for _, next := range slices.Backward(path) {
			values[next], known[next] = f(values[at], &r.graph.links[r.last[next]]), true
			at = next
		}
	}
	return values
}

// queue is a heap of nodes, the nearest first.
type queue struct {
	routes *Routes
	nodes  []int32
	place  []int32 // by node: one more than its place in nodes, 0: not there
}

func (q *queue) Len() int { return len(q.nodes) }

func (q *queue) Less(i, j int) bool {
	a, b := q.nodes[i], q.nodes[j]
	switch r := q.routes; {
	case r.Cost[a] != r.Cost[b]:
		return r.Cost[a] < r.Cost[b]
	case r.Hops[a] != r.Hops[b]:
		return r.Hops[a] < r.Hops[b]
	}
	return a < b
}

func (q *queue) Swap(i, j int) {
	q.nodes[i], q.nodes[j] = q.nodes[j], q.nodes[i]
	q.place[q.nodes[i]], q.place[q.nodes[j]] = int32(i+1), int32(j+1)
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	q.nodes = append(q.nodes, x.(int32))
	q.place[x.(int32)] = int32(len(q.nodes))
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	n := q.nodes[len(q.nodes)-1]
	q.nodes, q.place[n] = q.nodes[:len(q.nodes)-1], 0
	return n
}
