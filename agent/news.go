package agent

import "sync"

// news are the sources that may have data that is not in use. It is safe for
// concurrent use.
type news struct {
	mu      sync.Mutex
	sources map[string]bool
	some    chan struct{} // holds an element when someone has to look
}

func newNews() *news { return &news{sources: make(map[string]bool), some: make(chan struct{}, 1)} }

// add notes sources for the next take.
func (n *news) add(ids ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		n.sources[id] = true
	}
}

// take returns what was noted, once.
func (n *news) take() map[string]bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.sources
	n.sources = make(map[string]bool)
	return taken
}

// announce makes the refresh loop look for new data: of these sources, and of those
// whose data was refused, which may fit now.
func (a *Agent) announce(sources ...string) {
	a.news.add(sources...)
	select {
	case a.news.some <- struct{}{}:
	default: // it will look anyway
	}
}
