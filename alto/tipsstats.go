package alto

// ViewStats are the statistics of a TIPS, as they are at this moment.
type ViewStats struct {
	Open    uint64
	Updates uint64 // from one version to the next, of all views
	Waiting uint64 // requests for an update to come
	Memory  uint64 // bytes that the views hold beside the resources; an estimate
}

// viewStats takes the figures of the services in an account.
func (s *Server) viewStats(resources []*served) (stats ViewStats) {
	for _, n := range resources {
		service, ok := n.Service.(TIPS)
		if !ok {
			continue
		}
		for _, v := range s.views.of(n.ID, s.sinceStart(), service.withDefaults().IdleTimeout) {
			stats.Open++
			stats.Memory += v.memory()
			steps, waiting := v.load()
			stats.Updates += uint64(steps)
			stats.Waiting += uint64(waiting)
		}
	}
	return stats
}

// load is how many steps the view has and how many requests wait for another one.
func (v *tipsView) load() (steps, waiting int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.graph.steps), v.waiting
}
