package agent

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/discovery"
	"github.com/miekg/dns"
)

// maxLookups bounds the prefixes that are looked up for one alto-client.
const maxLookups = 1000

// guide lets the server be found, and finds servers for clients, as the world of the
// moment wants it. It is safe for concurrent use.
type guide struct {
	publisher *discovery.Publisher
	finder    *discovery.Finder
	some      chan struct{} // holds an element when the world is another

	mu   sync.Mutex
	last *guidance // of the last world that was looked at
}

// guidance is what a world means for the reverse DNS. It is immutable.
type guidance struct {
	of      guidanceInputs
	reason  string // why there are no records though there are prefixes
	records []published
	unused  []unusedPrefix
	zones   []discovery.Zone // as in the settings
	clients map[string]*discovery.Search
}

// guidanceInputs are what it is made of: equal ones give equal guidance.
type guidanceInputs struct {
	settings *discoverable
	root     string         // URI of the root IRD
	data     []*driver.Data // of the sources
}

// published is a record, the prefix it is there for, and the zone it goes to, as its name
// is in the configuration, or "".
type published struct {
	*dns.NAPTR
	prefix netip.Prefix
	zone   string
}

type unusedPrefix struct {
	prefix netip.Prefix
	reason string
}

func newGuide(o discovery.Options) *guide {
	return &guide{publisher: discovery.NewPublisher(o), finder: discovery.NewFinder(), some: make(chan struct{}, 1)}
}

// wake tells that the world is another.
func (g *guide) wake() {
	select {
	case g.some <- struct{}{}:
	default: // it will look anyway
	}
}

// run follows the worlds of a until ctx ends.
func (g *guide) run(ctx context.Context, a *Agent) {
	var group sync.WaitGroup
	group.Go(func() { g.publisher.Run(ctx) })
	group.Go(func() { g.finder.Run(ctx) })
	defer group.Wait()
	given := new(guidance)
	for {
		if next := g.of(a.world.Load()); next != given {
			g.give(given, next)
			given = next
		}
		select {
		case <-ctx.Done():
			return
		case <-g.some:
		}
	}
}

// give puts guidance into effect.
func (g *guide) give(before, next *guidance) {
	g.publisher.Set(next.zones)
	for id := range before.clients {
		if next.clients[id] == nil {
			g.finder.Set(id, nil)
		}
	}
	for id, s := range next.clients {
		if old := before.clients[id]; old == nil || !sameSearch(old, s) {
			g.finder.Set(id, s)
		}
	}
}

// found returns the URIs of the IRDs that were found for an alto-client of a world, the
// best one first.
func (g *guide) found(w *world, client string) (uris []string) {
	search := g.of(w).clients[client]
	if search == nil {
		return nil
	}
	for _, p := range search.Prefixes {
		r, _ := g.finder.Result(client, p)
		for _, ird := range r.IRDs {
			uris = append(uris, ird.URI)
		}
	}
	return uris
}

func sameSearch(a, b *discovery.Search) bool {
	return slices.Equal(a.Prefixes, b.Prefixes) && a.Service == b.Service && a.Interval == b.Interval && slices.Equal(a.Resolver.Servers, b.Resolver.Servers)
}

// of returns the guidance of a world. Cost is that of looking at what it is made of, and
// of making it where that is not the same as the last time.
func (g *guide) of(w *world) *guidance {
	in := guidanceOf(w)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last == nil || !g.last.of.equal(in) {
		g.last = newGuidance(in, w)
	}
	return g.last
}

// guidanceOf returns what the guidance of a world is made of.
func guidanceOf(w *world) guidanceInputs {
	in := guidanceInputs{settings: w.discovery, root: w.snapshot.RootURI()}
	if in.settings != nil {
		for _, id := range in.settings.allSources() {
			in.data = append(in.data, w.data.At(id))
		}
	}
	return in
}

func (in guidanceInputs) equal(o guidanceInputs) bool {
	return in.settings == o.settings && in.root == o.root && slices.Equal(in.data, o.data)
}

// allSources lists the sources that count, in the same order each time.
func (d *discoverable) allSources() []string {
	all := slices.Clone(d.sources)
	for _, id := range slices.Sorted(maps.Keys(d.clients)) {
		all = append(all, d.clients[id].sources...)
	}
	return all
}

func newGuidance(in guidanceInputs, w *world) *guidance {
	n := &guidance{of: in, clients: make(map[string]*discovery.Search)}
	d := in.settings
	if d == nil {
		return n
	}
	for id, c := range d.clients {
		n.clients[id] = c.search(w)
	}
	byZone := n.publish(prefixesOf(w, d.static, d.sources))
	for _, z := range d.zones {
		zone := z.Zone
		zone.Records = byZone[z.key]
		n.zones = append(n.zones, zone)
	}
	return n
}

// search returns the search with the prefixes of the sources.
func (c *clientSettings) search(w *world) *discovery.Search {
	s := c.Search
	all := prefixesOf(w, s.Prefixes, c.sources)
	s.Prefixes = all[:min(len(all), maxLookups)]
	return &s
}

// prefixesOf returns, ascending, each prefix that is configured or in a PID of a source.
func prefixesOf(w *world, static []netip.Prefix, sources []string) []netip.Prefix {
	all := slices.Clone(static)
	for _, id := range sources {
		if data := w.data.At(id); data != nil {
			for _, pid := range data.PIDs {
				all = append(all, pid.Prefixes...)
			}
		}
	}
	slices.SortFunc(all, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	return slices.Compact(all)
}

// uri is where records lead.
func (n *guidance) uri() string { return cmp.Or(n.of.settings.target.URI, n.of.root) }

// publish makes the records and returns those of each zone, by its name in the
// configuration.
func (n *guidance) publish(prefixes []netip.Prefix) map[string][]dns.RR {
	d, byZone := n.of.settings, make(map[string][]dns.RR)
	if len(prefixes) == 0 {
		return nil
	}
	target := d.target
	target.URI = n.uri()
	if err := discovery.CheckURI(target.URI); err != nil {
		n.reason = err.Error()
		return nil
	}
	zones, keys := make(map[string]bool), make(map[string]string)
	for _, z := range d.zones {
		zones[z.Name], keys[z.Name] = true, z.key
	}
	had := make(map[string]bool)
	for _, p := range prefixes {
		names, err := discovery.Split(p)
		if err != nil {
			n.unused = append(n.unused, unusedPrefix{p, err.Error()})
			continue
		}
		for _, name := range names {
			if had[name] {
				continue
			}
			had[name] = true
			r := published{target.Record(name), p, keys[discovery.ZoneOf(name, zones)]}
			n.records = append(n.records, r)
			byZone[r.zone] = append(byZone[r.zone], r.NAPTR)
		}
	}
	slices.SortFunc(n.records, func(a, b published) int { return strings.Compare(a.Hdr.Name, b.Hdr.Name) })
	return byZone
}
