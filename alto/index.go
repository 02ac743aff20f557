package alto

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/alto/persistent"
)

// index is what a snapshot knows beside its resources, so that nobody has to look at
// all of them.
type index struct {
	// users are the resources that refer to a resource or a cost type.
	users persistent.Relation[reference, string]
	// claims tells who has what one resource alone may have. A path that follows from
	// the ID is not in it: see Snapshot.holder.
	claims persistent.Map[claim, *served]
	// accounts are the IDs, ascending, of resources that count towards an account of
	// another name than their own.
	accounts persistent.Map[string, []string]
	// mentions counts the resources that are for a role.
	mentions persistent.Map[string, int]
}

// reference is what a resource refers to.
type reference struct {
	to   referenceKind
	name string
}

type referenceKind uint8

const (
	toResource referenceKind = iota
	toCostType
)

// references lists what r refers to: its directory too.
func (r *Resource) references() []reference {
	var list []reference
	for _, id := range r.Service.refers() {
		list = append(list, reference{toResource, id})
	}
	for _, id := range r.Uses {
		list = append(list, reference{toResource, id})
	}
	if r.Directory != "" {
		list = append(list, reference{toResource, r.Directory})
	}
	for _, name := range costTypesOf(r.Service) {
		list = append(list, reference{toCostType, name})
	}
	return list
}

// costTypesOf returns the names of the cost types that a service has costs of.
func costTypesOf(s Service) []string {
	var offers []CostOffer
	var names []string
	switch s := s.(type) {
	case FullCostMap:
		return []string{s.CostType}
	case FilteredCostMap:
		offers = s.Offers
	case EndpointCosts:
		offers = s.Offers
	case PathVectorCostMap:
		offers, names = s.Offers, []string{s.CostType}
	case PathVectorEndpointCosts:
		offers, names = s.Offers, []string{s.CostType}
	}
	for _, o := range offers {
		names = append(names, o.CostType)
	}
	return names
}

// claim is something that one resource alone may have.
type claim struct {
	kind claimKind
	text string
}

type claimKind uint8

const (
	claimPath    claimKind = iota
	claimDefault           // to be the default network map
	claimCosts             // of a network map and cost type
)

// claims lists what n claims.
func (s *Snapshot) claims(n *served) []claim {
	var list []claim
	if n.uri == "" {
		list = append(list, claim{claimPath, n.path()})
	}
	switch service := n.Service.(type) {
	case FullNetworkMap:
		if service.Default {
			list = append(list, claim{claimDefault, ""})
		}
	case FullCostMap:
		t := s.costTypes[service.CostType]
		list = append(list, claim{claimCosts, service.NetworkMap + "\x00" + t.Mode + "\x00" + t.Metric})
	}
	return list
}

// holder returns the resource that claims c, nil where none does.
func (s *Snapshot) holder(c claim) *served {
	if c.kind == claimPath {
		id := c.text[strings.LastIndexByte(c.text, '/')+1:]
		if n := s.byID.At(id); n != nil && n.folder != "" && followsFrom(c.text, n.folder, id) {
			return n
		}
	}
	return s.index.claims.At(c)
}

// followsFrom tells whether path is folder, a slash and id, which it ends in.
func followsFrom(path, folder, id string) bool {
	return len(path) == len(folder)+1+len(id) && path[:len(folder)] == folder && path[len(folder)] == '/'
}

// at returns the resource that answers at a path below the base, nil where there is
// none.
func (s *Snapshot) at(path string) *served { return s.holder(claim{claimPath, path}) }

// account returns the resources whose requests count towards an account, by ID.
func (s *Snapshot) account(name string) []*served {
	var list []*served
	if n := s.byID.At(name); n != nil && n.account() == name {
		list = append(list, n)
	}
	others := s.index.accounts.At(name)
	for _, id := range others {
		list = append(list, s.byID.At(id))
	}
	if len(list) > 1 && len(list) != len(others) {
		slices.SortFunc(list, func(a, b *served) int { return strings.Compare(a.ID, b.ID) })
	}
	return list
}

// apply puts what is bound into the snapshot and its index.
func (l *linker) apply() {
	s := l.snapshot
	byID, claims := s.byID.Edit(), s.index.claims.Edit()
	u := updates{users: s.index.users.Edit(), accounts: make(map[string]map[string]bool), mentions: make(map[string]int)}
	remove := func(id string) {
		old := l.prev.byID.At(id)
		if old == nil {
			return
		}
		for _, c := range l.prev.claims(old) {
			claims.Delete(c)
		}
		if n := l.bound[id]; n == nil || n.Resource != old.Resource {
			u.note(old.Resource, false)
		}
	}
	for id := range l.gone {
		remove(id)
		byID.Delete(id)
	}
	for _, n := range l.order {
		remove(n.ID)
	}
	for _, n := range l.order {
		if old := l.prev.byID.At(n.ID); old == nil || old.Resource != n.Resource {
			u.note(n.Resource, true)
		}
		byID.Set(n.ID, n)
	}
	s.byID = byID.Done()
	for _, n := range l.order {
		for _, c := range s.claims(n) {
			if c.kind != claimPath || n.Path != "" {
				claims.Set(c, n)
			}
		}
	}
	s.index.claims = claims.Done()
	u.apply(&s.index)
}

// updates collects the changes of an index, so that each of its entries is changed
// once.
type updates struct {
	users    *persistent.RelationEditor[reference, string]
	accounts map[string]map[string]bool // whether an ID is among them
	mentions map[string]int             // more or less
}

// note takes a resource in that was added, or removed before it may be added anew.
func (u *updates) note(r *Resource, added bool) {
	for _, x := range r.references() {
		if added {
			u.users.Add(x, r.ID)
		} else {
			u.users.Remove(x, r.ID)
		}
	}
	if name := r.account(); name != r.ID {
		if u.accounts[name] == nil {
			u.accounts[name] = make(map[string]bool)
		}
		u.accounts[name][r.ID] = added
	}
	for _, role := range r.Roles {
		if added {
			u.mentions[role]++
		} else {
			u.mentions[role]--
		}
	}
}

func (u *updates) apply(x *index) {
	x.users = u.users.Done()
	for name, ids := range u.accounts {
		list := slices.DeleteFunc(slices.Clone(x.accounts.At(name)), func(id string) bool { _, noted := ids[id]; return noted })
		for id, there := range ids {
			if there {
				list = append(list, id)
			}
		}
		if slices.Sort(list); len(list) == 0 {
			x.accounts = x.accounts.Without(name)
		} else {
			x.accounts = x.accounts.With(name, list)
		}
	}
	for role, more := range u.mentions {
		if n := x.mentions.At(role) + more; n == 0 {
			x.mentions = x.mentions.Without(role)
		} else if more != 0 {
			x.mentions = x.mentions.With(role, n)
		}
	}
}
