package deployment

import (
	"math"
	"math/rand/v2"
	"net/netip"
)

// Network is a network of PIDs with the costs between them.
type Network struct {
	PIDs  []PID
	Costs []Table
	// pids is, for each prefix, the PID it belongs to, so that churn can choose any.
	pids []int
	list []netip.Prefix
}

// PID is a group of prefixes at one place.
type PID struct {
	Name                string
	Latitude, Longitude float64 // degrees
}

// Table holds the costs of one cost type. Value[i][j] is that from PID i to PID j, NaN
// where there is none.
type Table struct {
	Metric, Mode string
	Value        [][]float64
	draw         func(r *rand.Rand, distance float64) float64
}

// size says how large a network is.
type size struct {
	pids, prefixes int
	ipv6           float64 // part of the prefixes
	density        float64 // part of the pairs that have a cost
}

// newNetwork invents a network: each PID has a place and at least one prefix, most have
// few and some many; what a cost is depends on the distance.
func newNetwork(seed uint64, s size, name func(r *rand.Rand, i int) string, tables ...Table) *Network {
	r := random(seed, 1)
	n := &Network{PIDs: make([]PID, s.pids)}
	for i := range n.PIDs {
		n.PIDs[i] = PID{name(r, i), r.Float64()*110 - 50, r.Float64()*340 - 170}
	}
	n.addPrefixes(random(seed, 2), s)
	for k, t := range tables {
		t.Value = make([][]float64, s.pids)
		n.fill(random(seed, 3+uint64(k)), &t, s.density)
		n.Costs = append(n.Costs, t)
	}
	return n
}

func (n *Network) addPrefixes(r *rand.Rand, s size) {
	seen := make(map[netip.Prefix]bool, s.prefixes)
	n.list, n.pids = make([]netip.Prefix, 0, s.prefixes), make([]int, 0, s.prefixes)
	for len(n.list) < s.prefixes {
		p := prefix(r, r.Float64() < s.ipv6)
		if seen[p] {
			continue
		}
		seen[p] = true
		at := len(n.list)
		if at >= s.pids {
			at = int(float64(s.pids) * math.Pow(r.Float64(), 2)) // the first PIDs are the large ones
		}
		n.list, n.pids = append(n.list, p), append(n.pids, at)
	}
}

// prefix invents a prefix of unicast addresses, mostly of a length that is routed.
func prefix(r *rand.Rand, ipv6 bool) netip.Prefix {
	if ipv6 {
		var a [16]byte
		a[0], a[1] = 0x20, 0x01+byte(r.IntN(0x1f))
		for i := 2; i < 8; i++ {
			a[i] = byte(r.Uint32())
		}
		return netip.PrefixFrom(netip.AddrFrom16(a), []int{32, 40, 44, 48, 48, 48, 56, 64}[r.IntN(8)]).Masked()
	}
	a := [4]byte{byte(1 + r.IntN(222)), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}
	return netip.PrefixFrom(netip.AddrFrom4(a), []int{16, 19, 20, 21, 22, 22, 23, 24, 24, 24, 24, 24, 25, 26, 27, 28}[r.IntN(16)]).Masked()
}

func (n *Network) fill(r *rand.Rand, t *Table, density float64) {
	for i := range n.PIDs {
		row := make([]float64, len(n.PIDs))
		for j := range row {
			switch {
			case i != j && r.Float64() >= density:
				row[j] = math.NaN()
			default:
				row[j] = t.draw(r, n.distance(i, j))
			}
		}
		t.Value[i] = row
	}
}

// distance returns the great-circle distance between two PIDs in kilometres.
func (n *Network) distance(i, j int) float64 {
	const radius, degree = 6371.0, math.Pi / 180
	a, b := n.PIDs[i], n.PIDs[j]
	x := math.Pow(math.Sin((a.Latitude-b.Latitude)*degree/2), 2)
	y := math.Pow(math.Sin((a.Longitude-b.Longitude)*degree/2), 2)
	h := x + math.Cos(a.Latitude*degree)*math.Cos(b.Latitude*degree)*y
	return 2 * radius * math.Asin(math.Sqrt(min(1, h)))
}

// Prefixes returns the prefixes of each PID, in the order of PIDs.
func (n *Network) Prefixes() [][]netip.Prefix {
	out := make([][]netip.Prefix, len(n.PIDs))
	for i, p := range n.list {
		out[n.pids[i]] = append(out[n.pids[i]], p)
	}
	return out
}

// Churn makes a step of time: share of the prefixes move to another PID, share of the
// costs change. Its cost is that of what changes.
func (n *Network) Churn(seed uint64, step int, share float64) {
	r := random(seed, 1000+uint64(step))
	for range int(float64(len(n.list)) * share) {
		n.pids[r.IntN(len(n.list))] = r.IntN(len(n.PIDs))
	}
	size := len(n.PIDs)
	for _, t := range n.Costs {
		for range int(float64(size*size) * share) {
			i, j := r.IntN(size), r.IntN(size)
			if !math.IsNaN(t.Value[i][j]) {
				t.Value[i][j] = t.draw(r, n.distance(i, j))
			}
		}
	}
}

// churned makes the steps of a plan.
func (n *Network) churned(p *plan) *Network {
	for step := 1; step <= p.Step; step++ {
		n.Churn(p.Seed, step, 0.01)
	}
	return n
}
