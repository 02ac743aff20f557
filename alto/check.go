package alto

import (
	"iter"
	"maps"
	"reflect"
	"slices"
)

// checkCostTypes also keeps them by name.
func (s *Snapshot) checkCostTypes() error {
	s.costTypes = make(map[string]CostType, len(s.config.CostTypes))
	for i, t := range s.config.CostTypes {
		fail := func(err error) error {
			return &ConfigError{Field: FieldCostTypes, Value: t.Name, Reason: err.Error(), Err: err}
		}
		if _, dup := s.costTypes[t.Name]; dup || t.Name == "" {
			return configError("", FieldCostTypes, t.Name, "cost type name %q is empty or used twice", t.Name)
		}
		if err := CheckCostMode(t.Mode); err != nil {
			return fail(err)
		}
		if err := CheckCostMetric(t.Metric); err != nil {
			return fail(err)
		}
		if t.Context != nil && !(t.Context.IsValid() && t.Context.Kind() == '{') {
			return configError("", FieldCostTypes, t.Name, "cost context of cost type %q is not a JSON object", t.Name)
		}
		s.costTypes[t.Name] = s.config.CostTypes[i]
	}
	return nil
}

// checkMeta also encodes the members of the IRD's meta that every client sees.
func (s *Snapshot) checkMeta() error {
	b := s.appendCostTypes(nil)
	for _, key := range slices.Sorted(maps.Keys(s.config.Meta)) {
		value := s.config.Meta[key].Clone()
		if key == "" || key == "cost-types" || key == "default-alto-network-map" {
			return configError("", FieldMeta, key, "meta member %q is not free to be set", key)
		}
		if err := value.Compact(); err != nil {
			return &ConfigError{Field: FieldMeta, Value: key, Reason: "value is not JSON: " + err.Error(), Err: err}
		}
		b = append(appendString(append(b, ','), key), ':')
		b = append(b, value...)
	}
	s.meta = b
	return nil
}

// check verifies what concerns more than one resource, for all that may be at fault
// now and was not before.
func (l *linker) check() error {
	contests := l.contests()
	if err := l.checkPaths(contests[claimPath]); err != nil {
		return err
	}
	concerned := l.concerned()
	for _, each := range []func(*served) error{l.snapshot.checkDirectory, l.snapshot.checkUses, l.snapshot.checkCovers} {
		for _, n := range concerned {
			if err := each(n); err != nil {
				return err
			}
		}
	}
	if c := contests[claimDefault]; c.second != nil {
		return configError(c.second.ID, FieldDefault, "", "network map %q is the default already", c.first.ID)
	}
	if c := contests[claimCosts]; c.second != nil {
		return configError(c.second.ID, FieldCostType, c.second.Service.(FullCostMap).CostType, "cost map %q has the same network map and cost type", c.first.ID)
	}
	return l.checkAcyclic()
}

// concerned lists, by ID, what is new or bound anew, and what uses something that
// another directory lists now, other roles may use, or that uses something else itself;
// all where what is open by default is another.
func (l *linker) concerned() []*served {
	more := make(map[*served]bool)
	users := func(id string) {
		for user := range l.prev.index.users.Of(reference{toResource, id}).All() {
			if n := l.snapshot.byID.At(user); n != nil && l.bound[user] == nil {
				more[n] = true
			}
		}
	}
	if l.opens() {
		for id := range l.snapshot.byID.All() {
			users(id)
		}
	}
	for id := range l.gone {
		users(id)
	}
	for _, n := range l.order {
		old := l.prev.byID.At(n.ID)
		if old != nil && !(old.Directory == n.Directory && slices.Equal(old.Roles, n.Roles) && slices.Equal(old.uses, n.uses) &&
			reflect.TypeOf(old.Service) == reflect.TypeOf(n.Service)) {
			users(n.ID)
		}
	}
	return l.orderWith(maps.Keys(more))
}

// orderWith returns what is bound and more, by ID.
func (l *linker) orderWith(more iter.Seq[*served]) []*served {
	list := slices.AppendSeq(slices.Clip(l.order), more)
	if len(list) > len(l.order) {
		slices.SortFunc(list, byID)
	}
	return list
}

// checkPaths finds the first by ID whose path is not good.
func (l *linker) checkPaths(contested contest) error {
	s, second := l.snapshot, contested.second
	more := make(map[*served]bool)
	for _, n := range []*served{s.at(s.config.Directory), l.prev.at(s.config.Directory), second} {
		if n == nil || l.bound[n.ID] != nil {
			continue
		}
		if n = s.byID.At(n.ID); n != nil {
			more[n] = true
		}
	}
	for _, n := range l.orderWith(maps.Keys(more)) {
		if n.uri != "" {
			continue
		}
		path := n.path()
		switch {
		case !validPath(path):
			return configError(n.ID, FieldPath, path, "%q is not a path below the base URI", path)
		case path == s.config.Directory:
			return configError(n.ID, FieldPath, path, "path %q is that of the root IRD", path)
		case second != nil && second.ID == n.ID:
			return configError(n.ID, FieldPath, path, "path %q is that of resource %q", path, contested.first.ID)
		}
	}
	return nil
}

// contest is about two resources that claim the same, the second being the one with the
// greater ID; nil where there are none.
type contest struct{ first, second *served }

// contests returns for each kind of claims the contest whose second is the first by ID.
func (l *linker) contests() map[claimKind]contest {
	found := make(map[claimKind]contest)
	lowest := make(map[claim]*served) // by ID so far
	note := func(c claim, n *served) {
		first := lowest[c]
		if first == nil || n.ID < first.ID {
			lowest[c], n, first = n, first, n
		}
		if n == nil || n == first {
			return
		}
		if other := found[c.kind].second; other == nil || n.ID < other.ID {
			found[c.kind] = contest{first, n}
		}
	}
	for _, n := range l.order {
		for _, c := range l.snapshot.claims(n) {
			note(c, n)
			if h := l.prev.holder(c); h != nil && l.bound[h.ID] == nil && !l.gone[h.ID] && h != lowest[c] {
				note(c, h)
			}
		}
	}
	return found
}

// checkDirectory demands an existing directory, of which the root lists all
// others: directories do not nest.
func (s *Snapshot) checkDirectory(n *served) error {
	if n.Directory == "" {
		return nil
	}
	if _, nested := n.Service.(Directory); nested {
		return configError(n.ID, FieldDirectory, n.Directory, "directory is listed in a directory other than the root IRD")
	}
	in := s.byID.At(n.Directory)
	if in == nil {
		return configError(n.ID, FieldDirectory, n.Directory, "directory %q does not exist", n.Directory)
	}
	if _, ok := in.Service.(Directory); !ok {
		return configError(n.ID, FieldDirectory, n.Directory, "resource %q is not a directory", n.Directory)
	}
	return nil
}

// checkUses demands that what a resource uses exists, stands in the same
// directory or the root IRD (RFC 7285 Section 9.2.4), and is open to everyone who
// may use the resource.
func (s *Snapshot) checkUses(n *served) error {
	for _, id := range n.needs() {
		other := s.byID.At(id)
		if other == nil {
			return configError(n.ID, FieldUses, id, "used resource %q does not exist", id)
		}
		if other.Directory != "" && other.Directory != n.Directory {
			return configError(n.ID, FieldUses, id, "used resource %q is listed in another directory", id)
		}
		if err := s.checkOpen(n, other); err != nil {
			return err
		}
	}
	return nil
}

// checkCovers demands that what an update stream covers is closed over the uses that
// the IRD lists (RFC 8895 Section 6.4).
func (s *Snapshot) checkCovers(n *served) error {
	service, ok := n.Service.(UpdateStreams)
	if !ok {
		return nil
	}
	covered := make(map[string]bool, len(service.Covers))
	for _, id := range service.Covers {
		covered[id] = true
	}
	for _, id := range service.Covers {
		for _, used := range s.byID.At(id).uses {
			if !covered[used] {
				return configError(n.ID, FieldCovers, used, "resource %q is not covered, but %q, which uses it, is", used, id)
			}
		}
	}
	return nil
}

// checkAcyclic follows the uses of what was put; a circle has one of those in it.
func (l *linker) checkAcyclic() error {
	const inProgress, done = 1, 2
	state := make(map[string]int)
	var visit func(n *served) error
	visit = func(n *served) error {
		state[n.ID] = inProgress
		for _, id := range n.needs() {
			switch state[id] {
			case inProgress:
				return configError(n.ID, FieldUses, id, "use of %q closes a circle", id)
			case done:
			default:
				if err := visit(l.snapshot.byID.At(id)); err != nil {
					return err
				}
			}
		}
		state[n.ID] = done
		return nil
	}
	for _, n := range l.order {
		if l.put[n.ID] != nil && len(n.needs()) > 0 && state[n.ID] == 0 {
			if err := visit(n); err != nil {
				return err
			}
		}
	}
	return nil
}
