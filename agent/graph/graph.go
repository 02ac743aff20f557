// Package graph is a network as its routing protocol knows it: a [Graph] of nodes and
// directed links, and the least-cost routes through it. It knows neither ALTO nor YANG.
package graph

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
)

// Node is a router, or whatever forwards packets.
type Node struct {
	Name     string
	Prefixes []netip.Prefix // masked, that packets leave the network for here
	Place    *Place         // nil: not known
}

// Place is a point on the earth in degrees, north and east being positive.
type Place struct{ Latitude, Longitude float64 }

// Link leads from one node to another.
type Link struct {
	Name     string
	From, To string  // names of nodes
	Metric   float64 // what the routing protocol adds up, not negative
	// Values are what else is known of the link in numbers, by ALTO cost metric:
	// "delay-ow" in microseconds, "bw-residual" in bit/s (RFC 9439 Sections 4 and 5).
	Values map[string]float64
}

// Graph is immutable and safe for concurrent use.
type Graph struct {
	nodes []Node // by name
	links []Link // by node they leave, then by name
	index map[string]int32
	first []int32 // by node: its first link; one more at the end
	from  []int32 // by link: index of the node it leaves
	to    []int32 // by link: index of the node it leads to
}

// Fault tells which node or link makes a graph invalid.
type Fault struct {
	Node, Link string // one at most is set
	Reason     string
}

func (f *Fault) Error() string { return f.Reason }

// New builds a graph from nodes and links in any order, which it owns from now on. The
// error is a *Fault: a name that is missing or used twice, a link to a node that is not
// there, a metric that is negative or not a number.
func New(nodes []Node, links []Link) (*Graph, error) {
	g := &Graph{nodes: nodes, links: links, index: make(map[string]int32, len(nodes))}
	slices.SortFunc(g.nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	for i, n := range g.nodes {
		if n.Name == "" {
			return nil, &Fault{Reason: "a node has no name"}
		}
		if _, twice := g.index[n.Name]; twice {
			return nil, &Fault{Node: n.Name, Reason: fmt.Sprintf("node %q is there twice", n.Name)}
		}
		g.index[n.Name] = int32(i)
	}
	slices.SortFunc(g.links, func(a, b Link) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Name, b.Name)) })
	return g, g.connect()
}

func (g *Graph) connect() error {
	names := make(map[string]bool, len(g.links))
	g.first = make([]int32, len(g.nodes)+1)
	g.from, g.to = make([]int32, len(g.links)), make([]int32, len(g.links))
	for i, l := range g.links {
		from, known := g.index[l.From]
		to, also := g.index[l.To]
		switch {
		case l.Name == "":
			return &Fault{Reason: fmt.Sprintf("a link of node %q has no name", l.From)}
		case names[l.Name]:
			return &Fault{Link: l.Name, Reason: fmt.Sprintf("link %q is there twice", l.Name)}
		case !known:
			return &Fault{Link: l.Name, Reason: fmt.Sprintf("link %q leaves node %q, which is not there", l.Name, l.From)}
		case !also:
			return &Fault{Link: l.Name, Reason: fmt.Sprintf("link %q leads to node %q, which is not there", l.Name, l.To)}
		case !(l.Metric >= 0) || math.IsInf(l.Metric, 1):
			return &Fault{Link: l.Name, Reason: fmt.Sprintf("link %q has metric %v, expected a number that is not negative", l.Name, l.Metric)}
		}
		names[l.Name] = true
		g.first[from+1]++
		g.from[i], g.to[i] = from, to
	}
	for i := range g.nodes {
		g.first[i+1] += g.first[i]
	}
	return nil
}

// Nodes returns all nodes by name; not to be modified.
func (g *Graph) Nodes() []Node { return g.nodes }

// Links returns all links by the node they leave, then by name; not to be modified.
func (g *Graph) Links() []Link { return g.links }

// Node returns the index of a node in Nodes.
func (g *Graph) Node(name string) (i int, ok bool) {
	n, ok := g.index[name]
	return int(n), ok
}

// Out returns the indices of the links that leave a node: from first, up to but not
// including end.
func (g *Graph) Out(node int) (first, end int) { return int(g.first[node]), int(g.first[node+1]) }

// To returns the index of the node that a link leads to.
func (g *Graph) To(link int) int { return int(g.to[link]) }

// From returns the index of the node that a link leaves.
func (g *Graph) From(link int) int { return int(g.from[link]) }
