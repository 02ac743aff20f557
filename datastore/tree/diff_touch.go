package tree

// Touches tells whether d changes the node at p, something below it, or removes or
// creates it with something above it. Cost is that of the changes on the way.
func (d *Diff) Touches(p Path) bool {
	if d.Empty() {
		return false
	}
	c := d.Root
	for _, st := range p {
		if c = c.child(st); c == nil {
			return false
		}
		if c.Op != Inside {
			return true
		}
	}
	return true
}

// child is the change of the child that st leads to, or nil.
func (c *Change) child(st Step) *Change {
	for _, k := range c.Children {
		n := k.New
		if n == nil {
			n = k.Old
		}
		if k.Schema == st.Schema && (!isEntry(k.Schema) || n.Key() == KeyOf(st.Keys...)) {
			return k
		}
	}
	return nil
}
