package agent

// discovery tells how the records and the look-ups change.
func (e *effects) discovery() {
	was, will := guidanceOf(e.prev), guidanceOf(e.next)
	if was.equal(will) {
		return
	}
	before, after := newGuidance(was, e.prev), newGuidance(will, e.next)
	old, now := before.byName(), after.byName()
	added, removed := 0, 0
	for name, text := range now {
		if old[name] != text {
			added++
		}
	}
	for name, text := range old {
		if now[name] != text {
			removed++
		}
	}
	if added+removed > 0 {
		e.add("", "change", "records for server discovery: %d, before %d; %d are added and %d removed", len(now), len(old), added, removed)
	}
	eachDifference(before.clients, after.clients, func(id, action string) { e.add("", action, "look-ups for alto-client %q", id) })
}

// byName returns the records in the form of a zone file.
func (n *guidance) byName() map[string]string {
	all := make(map[string]string, len(n.records))
	for _, r := range n.records {
		all[r.Hdr.Name] = r.String() + " " + r.zone
	}
	return all
}
