package alto

import (
	"net/url"
	"slices"
	"strings"
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
	o := &offer{media: MediaDirectory}
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
	return (&offer{media: MediaDirectory, uri: d.URI, head: []byte(d.URI)}).seal(), nil
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

// maxDirectoryBytes bounds what a snapshot keeps of IRDs encoded for different
// roles; beyond it they are encoded for each request.
const maxDirectoryBytes = 64 << 20

// answerDirectory answers with the IRD of the given ID, "" for the root, holding
// what the client's roles may use.
func (s *Snapshot) answerDirectory(id string, q *query) *answer {
	d := s.directory(id, q.roles)
	return &answer{media: MediaDirectory, body: d.body, gzip: &d.gzip, etag: d.etag, private: s.hasRoles}
}

func (s *Snapshot) directory(id string, roles []string) *directory {
	key := id + "\x00" + strings.Join(s.knownRoles(roles), "\x00")
	s.directoryMu.Lock()
	defer s.directoryMu.Unlock()
	if d := s.directories[key]; d != nil {
		return d
	}
	d := &directory{body: s.appendDirectory(nil, id, roles)}
	d.etag = tagOfBytes(d.body)
	if s.directoryBytes+len(d.body) <= maxDirectoryBytes {
		s.directoryBytes += len(d.body)
		s.directories[key] = d
	}
	return d
}

// knownRoles returns those of roles that some resource mentions, sorted.
func (s *Snapshot) knownRoles(roles []string) []string {
	var known []string
	for _, role := range roles {
		if s.roles[role] {
			known = append(known, role)
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

func (s *Snapshot) appendDirectory(b []byte, id string, roles []string) []byte {
	b = append(b, `{"meta":{`...)
	if id == "" {
		b = append(b, s.meta...)
		if name := s.defaultFor(roles); name != "" {
			b = append(b, `,"default-alto-network-map":`...)
			b = appendString(b, name)
		}
	} else {
		b = s.appendCostTypes(b)
	}
	b = append(b, `},"resources":{`...)
	first := true
	for _, n := range s.served {
		if n.Directory != id || !n.accepted(roles) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, n.entry...)
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
func (s *Snapshot) defaultFor(roles []string) string {
	first := ""
	for _, n := range s.served {
		m, ok := n.Service.(FullNetworkMap)
		if !ok || n.Directory != "" || !n.accepted(roles) {
			continue
		}
		if m.Default {
			return n.ID
		}
		if first == "" {
			first = n.ID
		}
	}
	return first
}

// accepted reports whether a client with these roles may use the resource.
func (r *Resource) accepted(roles []string) bool {
	if len(r.Roles) == 0 {
		return true
	}
	for _, role := range roles {
		if slices.Contains(r.Roles, role) {
			return true
		}
	}
	return false
}
