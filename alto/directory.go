package alto

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Directory is a further IRD on this server: it lists the resources whose
// Directory is its ID (RFC 7285 Section 9.2.4).
type Directory struct{}

// Delegation is an IRD on another server (RFC 7285 Section 9.2.4). It is listed,
// never answered here.
type Delegation struct {
	URI string // absolute, http or https
}

func (Directory) kind() string     { return "ird" }
func (Directory) refers() []string { return nil }

func (Directory) bind(_ *linker, r *Resource) (*offer, error) {
	o := &offer{media: MediaDirectory, content: new(content)}
	o.answer = func(q *query) (*answer, *protocolError) { return q.snapshot.answerDirectory(r.ID, q), nil }
	return o.seal(), nil
}

func (Delegation) kind() string     { return "ird" }
func (Delegation) refers() []string { return nil }

func (d Delegation) bind(_ *linker, r *Resource) (*offer, error) {
	u, err := url.Parse(d.URI)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, configError(r.ID, FieldDelegatedURI, d.URI, "%q is not an http or https URI with a host", d.URI)
	}
	return &offer{media: MediaDirectory, uri: d.URI, version: versionOf([]byte(MediaDirectory), []byte(d.URI)), content: nothing}, nil
}

// appendEntry appends the member of "resources" (RFC 7285 Section 9.2.2) for n.
func (s *Snapshot) appendEntry(b []byte, n *served) []byte {
	b = append(appendString(b, n.ID), `:{"uri":`...)
	b = appendString(b, s.uriOf(n))
	b = append(b, `,"media-type":`...)
	b = appendString(b, n.media)
	if n.accepts != "" {
		b = append(b, `,"accepts":`...)
		b = appendString(b, n.accepts)
	}
	if n.capabilities != nil {
		b = append(b, `,"capabilities":`...)
		b = append(b, n.capabilities...)
	}
	if len(n.uses) > 0 {
		b = append(b, `,"uses":`...)
		b = appendStrings(b, n.uses)
	}
	return append(b, '}')
}

// directory is an encoded IRD as clients with certain roles see it.
type directory struct {
	body []byte
	gzip lazyBytes
	etag string
}

// maxDirectoryBytes bounds what is kept of IRDs encoded for different roles; beyond it
// they are encoded for each request.
const maxDirectoryBytes = 64 << 20

// listing holds the IRDs that clients have asked for, encoded. Snapshots that list
// the same in all IRDs share it.
type listing struct {
	mu          sync.Mutex
	ids         []string              // of all resources, ascending; nil until someone asks
	directories map[string]*directory // by directory ID and visible roles
	bytes       int
}

func newListing() *listing { return &listing{directories: make(map[string]*directory)} }

// order returns the IDs of the resources of s, ascending. The mutex is held.
func (x *listing) order(s *Snapshot) []string {
	if x.ids == nil {
		x.ids = make([]string, 0, s.byID.Len())
		for id := range s.byID.All() {
			x.ids = append(x.ids, id)
		}
		slices.Sort(x.ids)
	}
	return x.ids
}

// relists tells whether some IRD is another one in the snapshot to come.
func (l *linker) relists() bool {
	prev, next := l.prev, l.snapshot
	if prev.listing == nil || len(l.gone) > 0 || l.opens() || prev.base != next.base || !bytes.Equal(prev.meta, next.meta) {
		return true
	}
	for _, n := range l.order {
		old := prev.byID.At(n.ID)
		if old == nil || old.Directory != n.Directory || !slices.Equal(old.Roles, n.Roles) || mapRole(old.Service) != mapRole(n.Service) ||
			old.offer != n.offer && !bytes.Equal(prev.appendEntry(nil, old), next.appendEntry(nil, n)) ||
			old.path() != n.path() || !slices.Equal(old.uses, n.uses) {
			return true
		}
	}
	return false
}

// mapRole tells whether a service may be, and whether it is to be, the default network
// map.
func mapRole(s Service) (role struct{ eligible, chosen bool }) {
	m, ok := s.(FullNetworkMap)
	role.eligible, role.chosen = ok, m.Default
	return role
}

// answerDirectory answers with the IRD of the given ID, "" for the root, holding
// what the client's roles may use.
func (s *Snapshot) answerDirectory(id string, q *query) *answer {
	d := s.directory(id, q.roles)
	return &answer{media: MediaDirectory, body: d.body, gzip: &d.gzip, etag: d.etag, private: s.restricted()}
}

func (s *Snapshot) directory(id string, roles []string) *directory {
	key := id + "\x00" + strings.Join(s.knownRoles(roles), "\x00")
	x := s.listing
	x.mu.Lock()
	defer x.mu.Unlock()
	if d := x.directories[key]; d != nil {
		return d
	}
	d := &directory{body: s.appendDirectory(nil, id, roles, x.order(s))}
	d.etag = tagOfBytes(d.body)
	if x.bytes+len(d.body) <= maxDirectoryBytes {
		x.bytes += len(d.body)
		x.directories[key] = d
	}
	return d
}

// knownRoles returns those of roles that some resource mentions, sorted.
func (s *Snapshot) knownRoles(roles []string) []string {
	var known []string
	for _, role := range roles {
		if s.index.mentions.Has(role) {
			known = append(known, role)
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

// appendDirectory appends an IRD; order are the IDs of all resources, ascending.
func (s *Snapshot) appendDirectory(b []byte, id string, roles, order []string) []byte {
	b = append(b, `{"meta":{`...)
	if id == "" {
		b = append(b, s.meta...)
		if name := s.defaultFor(roles, order); name != "" {
			b = append(b, `,"default-alto-network-map":`...)
			b = appendString(b, name)
		}
	} else {
		b = s.appendCostTypes(b)
	}
	b = append(b, `},"resources":{`...)
	first := true
	for _, each := range order {
		n := s.byID.At(each)
		if n.Directory != id || !s.accepts(n, roles) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = s.appendEntry(b, n)
	}
	return append(b, '}', '}')
}

// appendCostTypes appends the "cost-types" member (RFC 7285 Section 9.2.2).
func (s *Snapshot) appendCostTypes(b []byte) []byte {
	b = append(b, `"cost-types":{`...)
	for i, t := range s.config.CostTypes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, t.Name), ':')
		b = appendCostType(b, t, true)
	}
	return append(b, '}')
}

// defaultFor names the default network map of a client: the configured one, or
// where that is not for the client or none is configured, its first by ID, since a
// root IRD must name one (RFC 7285 Section 9.2.2); "" if it may use none.
func (s *Snapshot) defaultFor(roles, order []string) string {
	eligible := func(n *served) bool {
		return n != nil && mapRole(n.Service).eligible && n.Directory == "" && s.accepts(n, roles)
	}
	if n := s.holder(claim{claimDefault, ""}); eligible(n) {
		return n.ID
	}
	for _, id := range order {
		if eligible(s.byID.At(id)) {
			return id
		}
	}
	return ""
}
