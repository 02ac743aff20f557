package agent

// serve offers what r, a copy that is up to date, has for clients. It is false where that
// is refused or left out.
func (c *computation) serve(r *resource) bool {
	var err error
	before := len(r.served)
	r.turns = c.nextTurn(r.output)
	if r.served, err = r.kind.serve(c.configOf(r)); err != nil {
		return c.fail(r, err, false)
	}
	if err = r.place(); err != nil {
		return c.fail(r, err, false)
	}
	for _, s := range r.served {
		s.Via = r.via
	}
	if len(r.served) != before {
		c.waiting = append(c.waiting, c.coveringOf(r)...)
	}
	if r.fault != nil {
		r.fault, c.changed[r.id] = nil, true
	}
	c.put(r)
	return true
}
