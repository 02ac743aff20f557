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
	put            map[string]*Resource
	gone           map[string]bool
	bound          map[string]*served // those that differ from prev
	ids            []string           // of bound, ascending
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
	for _, r := range slices.SortedFunc(slices.Values(c.Put), func(a, b *Resource) int { return cmp.Compare(a.ID, b.ID) }) {
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
	queue := slices.AppendSeq(make([]string, 0, len(l.put)), maps.Keys(l.put))
	readers := func(x reference, only func(Service) bool) {
		for id := range l.prev.index.users.Of(x).All() {
			if n := l.prev.byID.At(id); only == nil || only(n.Service) {
				queue = append(queue, id)
			}
		}
	}
	for id := range l.gone {
		readers(reference{toResource, id}, nil)
	}
	for name := range differingCostTypes(l.prev.costTypes, l.snapshot.costTypes) {
		readers(reference{toCostType, name}, nil)
	}
	var first error
	firstID, seen := "", make(map[string]bool, len(queue))
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		r := l.resource(id)
		if r == nil || seen[id] {
			continue
		}
		seen[id] = true
		old := l.prev.byID.At(id)
		n, err := l.serve(r, old)
		if err != nil && (first == nil || id < firstID) {
			first, firstID = err, id
		}
		switch {
		case old == nil || n == old:
		case err != nil || reflect.TypeOf(old.Service) != reflect.TypeOf(n.Service):
			readers(reference{toResource, id}, nil)
		case old.offer != n.offer:
			readers(reference{toResource, id}, readsContent)
		}
		if err == nil && n != old {
			l.bound[id] = n
		}
	}
	l.ids = sortedKeys(l.bound)
	return first
}

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m))
	slices.Sort(keys)
	return keys
}

// readsContent tells the services that depend on more than the kind of those they
// refer to.
func readsContent(s Service) bool {
	switch s.(type) {
	case UpdateStreams, Directory, Delegation:
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
