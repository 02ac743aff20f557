package driver

// CutOff returns the names of the nodes with prefixes that are apart from most of the
// others in the Graph: those have no way to them, or they none to those. Of is how many
// nodes there are. Cost is that of the graph.
func (d *Data) CutOff() (names []string, of int) {
	if d.Graph == nil {
		return nil, 0
	}
	nodes := d.Graph.Nodes()
	for _, i := range d.Graph.Apart() {
		if len(nodes[i].Prefixes) > 0 {
			names = append(names, nodes[i].Name)
		}
	}
	return names, len(nodes)
}
