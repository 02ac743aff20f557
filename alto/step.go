package alto

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
)

// Change is what differs in a Snapshot from the one before.
type Change struct {
	// Settings take the place of those before, but for their Resources, which are
	// not looked at; nil: as they were.
	Settings *Config
	// Put are resources that are new or take the place of those of the same ID.
	Put []*Resource
	// Remove are IDs of resources that are no longer served; unknown ones count for
	// nothing, and Put comes after.
	Remove []string
}

// With links and checks what c changes and all that refers to it, and returns the
// snapshot that follows; s stays as it is. Data with the same content is shared. The
// error is a *ConfigError naming the first fault by resource ID. The resources must not
// be modified afterwards. Nothing is encoded here that grows with the data; cost is that
// of the change and of what it affects, whatever else is served.
func (s *Snapshot) With(c Change) (*Snapshot, error) {
	next := *s
	l := &linker{prev: s, snapshot: &next, put: make(map[string]*Resource, len(c.Put)), gone: make(map[string]bool), bound: make(map[string]*served, len(c.Put))}
	for _, f := range []func(Change) error{l.settle, l.take, l.bind} {
		if err := f(c); err != nil {
			return nil, err
		}
	}
	l.apply()
	if err := l.check(); err != nil {
		return nil, err
	}
	if l.relists() {
		next.listing = newListing()
	}
	return &next, nil
}

// linker makes a snapshot from the one before it: it binds services to the resources
// and cost types of the new one.
type linker struct {
	prev, snapshot *Snapshot
	puts           []*Resource // ascending by ID
	put            map[string]*Resource
	gone           map[string]bool
	bound          map[string]*served // those that differ from prev
	order          []*served          // bound, ascending by ID
}

// resource returns the resource of an ID in the snapshot to come, nil where there is
// none.
func (l *linker) resource(id string) *Resource {
	if r := l.put[id]; r != nil {
		return r
	}
	if n := l.prev.byID.At(id); n != nil && !l.gone[id] {
		return n.Resource
	}
	return nil
}

func (l *linker) settle(c Change) error {
	s := l.snapshot
	if c.Settings == nil {
		return nil
	}
	config := *c.Settings
	config.Resources = nil
	s.config = &config
	s.setDefaults()
	var err error
	if s.base, err = parseBaseURI(s.config.BaseURI); err != nil {
		return err
	}
	if !validPath(s.config.Directory) {
		return configError("", FieldDirectory, s.config.Directory, "%q is not a path below the base URI", s.config.Directory)
	}
	if err := s.checkCostTypes(); err != nil {
		return err
	}
	return s.checkMeta()
}

func (l *linker) take(c Change) error {
	for _, id := range c.Remove {
		l.gone[id] = l.prev.byID.Has(id)
	}
	l.puts = slices.SortedFunc(slices.Values(c.Put), func(a, b *Resource) int { return cmp.Compare(a.ID, b.ID) })
	for _, r := range l.puts {
		if err := CheckResourceID(r.ID); err != nil {
			return &ConfigError{Resource: r.ID, Field: FieldID, Value: r.ID, Reason: err.Error(), Err: err}
		}
		if l.put[r.ID] != nil {
			return configError(r.ID, FieldID, r.ID, "resource ID is used twice")
		}
		if r.Service == nil {
			return configError(r.ID, FieldService, "", "resource has no service")
		}
		l.put[r.ID] = r
		delete(l.gone, r.ID)
	}
	maps.DeleteFunc(l.gone, func(_ string, known bool) bool { return !known })
	return nil
}

// bind binds what was put, and all that reads what is not the same any more.
func (l *linker) bind(Change) error {
	b := binder{linker: l}
	for _, r := range l.puts {
		b.bind(r)
	}
	for id := range l.gone {
		b.readers(reference{toResource, id}, nil)
	}
	for name := range differingCostTypes(l.prev.costTypes, l.snapshot.costTypes) {
		b.readers(reference{toCostType, name}, nil)
	}
	seen := make(map[string]bool)
	for len(b.queue) > 0 {
		id := b.queue[len(b.queue)-1]
		b.queue = b.queue[:len(b.queue)-1]
		if r := l.resource(id); r != nil && l.put[id] == nil && !seen[id] {
			seen[id] = true
			b.bind(r)
		}
	}
	slices.SortFunc(l.order, byID)
	return b.first
}

func byID(a, b *served) int { return cmp.Compare(a.ID, b.ID) }

// binder binds one resource after the other.
type binder struct {
	*linker
	queue   []string // of resources that read what is not the same any more
	first   error    // by ID
	firstID string
}

// readers queues those of the resources that refer to x that only tells, all for nil.
func (b *binder) readers(x reference, only func(Service) bool) {
	for id := range b.prev.index.users.Of(x).All() {
		if n := b.prev.byID.At(id); only == nil || only(n.Service) {
			b.queue = append(b.queue, id)
		}
	}
}

func (b *binder) bind(r *Resource) {
	old := b.prev.byID.At(r.ID)
	n, err := b.serve(r, old)
	if err != nil && (b.first == nil || r.ID < b.firstID) {
		b.first, b.firstID = err, r.ID
	}
	switch {
	case old == nil || n == old:
	case err != nil || reflect.TypeOf(old.Service) != reflect.TypeOf(n.Service):
		b.readers(reference{toResource, r.ID}, nil)
	case old.offer != n.offer:
		b.readers(reference{toResource, r.ID}, readsContent)
	}
	if err == nil && n != old {
		b.bound[r.ID] = n
		b.order = append(b.order, n)
	}
}

// readsContent tells the services that depend on more than the kind of those they
// refer to.
func readsContent(s Service) bool {
	switch s.(type) {
	case UpdateStreams, TIPS, Directory, Delegation:
		return false
	}
	return true
}

// serve binds one resource; the result is old where it has come out the same.
func (l *linker) serve(r *Resource, old *served) (*served, error) {
	o, err := r.Service.bind(l, r)
	if err != nil {
		return nil, err
	}
	if old != nil && old.interchangeable(o) {
		o = old.offer
	}
	n := &served{Resource: r, offer: o, uses: l.usesOf(r, o)}
	if r.Path == "" && o.uri == "" {
		n.folder = r.Service.kind()
	}
	if old != nil && old.Resource == r && old.offer == o && slices.Equal(old.uses, n.uses) {
		return old, nil
	}
	return n, nil
}

// differingCostTypes returns the names of those that are not the same in both.
func differingCostTypes(a, b map[string]CostType) map[string]bool {
	names := make(map[string]bool)
	for name, x := range a {
		if y, ok := b[name]; !ok || !x.equal(y) {
			names[name] = true
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names[name] = true
		}
	}
	return names
}

func (t CostType) equal(u CostType) bool {
	return t.Name == u.Name && t.Mode == u.Mode && t.Metric == u.Metric &&
		t.Description == u.Description && string(t.Context) == string(u.Context)
}
