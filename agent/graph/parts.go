package graph

// Apart returns the nodes, ascending, outside the largest part of the graph in which every
// node reaches every other; of several as large the one with the first node counts. Cost
// is that of the nodes and links.
func (g *Graph) Apart() (nodes []int) {
	part, sizes := g.parts()
	largest := 0
	for p, size := range sizes {
		if size > sizes[largest] {
			largest = p
		}
	}
	for i := range g.nodes {
		if part[i] != largest {
			nodes = append(nodes, i)
		}
	}
	return nodes
}

// parts tells of each node in which part it is, parts in the order of their first nodes, and
// how many nodes each has: what can be left last is where all that reach it are found
// (Kosaraju's algorithm).
func (g *Graph) parts() (part, sizes []int) {
	into := make([][]int, len(g.nodes))
	for l := range g.links {
		into[g.to[l]] = append(into[g.to[l]], int(g.from[l]))
	}
	left := g.left()
	found := make([]int, len(g.nodes)) // 0: not yet
	n := 0
	for i := len(left) - 1; i >= 0; i-- {
		if found[left[i]] != 0 {
			continue
		}
		n++
		found[left[i]] = n
		for todo := []int{left[i]}; len(todo) > 0; {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, from := range into[at] {
				if found[from] == 0 {
					found[from] = n
					todo = append(todo, from)
				}
			}
		}
	}
	number := make(map[int]int, n)
	part = make([]int, len(g.nodes))
	for i, f := range found {
		if _, known := number[f]; !known {
			number[f] = len(sizes)
			sizes = append(sizes, 0)
		}
		part[i] = number[f]
		sizes[part[i]]++
	}
	return part, sizes
}

// left lists the nodes in the order in which a search in depth leaves them.
func (g *Graph) left() []int {
	list := make([]int, 0, len(g.nodes))
	seen := make([]bool, len(g.nodes))
	type visit struct{ node, next int }
	for i := range g.nodes {
		if seen[i] {
			continue
		}
		seen[i] = true
		for path := []visit{{i, int(g.first[i])}}; len(path) > 0; {
			at := &path[len(path)-1]
			if at.next == int(g.first[at.node+1]) {
				list = append(list, at.node)
				path = path[:len(path)-1]
				continue
			}
			to := g.To(at.next)
			at.next++
			if !seen[to] {
				seen[to] = true
				path = append(path, visit{to, int(g.first[to])})
			}
		}
	}
	return list
}
