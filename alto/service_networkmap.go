package alto

import (
	"slices"
)

// FullNetworkMap serves a network map (RFC 7285 Section 11.2.1).
type FullNetworkMap struct {
	Map     *NetworkMap
	Default bool // the root IRD's default-alto-network-map
}

func (FullNetworkMap) kind() string     { return "networkmap" }
func (FullNetworkMap) refers() []string { return nil }

func (s FullNetworkMap) bind(_ *linker, r *Resource) (*offer, error) {
	if s.Map == nil {
		return nil, configError(r.ID, FieldMap, "", "network map has no data")
	}
	o := &offer{media: MediaNetworkMap, content: &content{full: s.Map, held: []data{s.Map}, count: uint64(len(s.Map.pids))}}
	o.head, o.tag = networkMapHead(VTag{r.ID, s.Map.tag}), s.Map.tag
	return o.seal(), nil
}

func networkMapHead(v VTag) []byte {
	return append(appendVTag([]byte(`{"meta":{"vtag":`), v), "},"...)
}

// FilteredNetworkMap serves parts of the network map that another resource
// serves in full (RFC 7285 Section 11.3.1).
type FilteredNetworkMap struct {
	NetworkMap string // resource ID
}

func (FilteredNetworkMap) kind() string       { return "networkmapfilter" }
func (s FilteredNetworkMap) refers() []string { return []string{s.NetworkMap} }

func (s FilteredNetworkMap) bind(l *linker, r *Resource) (*offer, error) {
	m, err := l.networkMap(r, FieldNetworkMap, s.NetworkMap)
	if err != nil {
		return nil, err
	}
	o := &offer{
		media: MediaNetworkMap,
		content: &content{
			accepts: MediaNetworkMapFilter, uses: []string{s.NetworkMap},
			head: networkMapHead(VTag{s.NetworkMap, m.tag}), held: []data{m}, count: uint64(len(m.pids)),
		},
	}
	o.answer = func(q *query) (*answer, *protocolError) { return filterNetworkMap(o, m, q.params) }
	return o.seal(), nil
}

// filterNetworkMap answers by RFC 7285 Section 11.3.1.6: unknown PIDs and address
// types count as not mentioned, an empty list as all.
func filterNetworkMap(o *offer, m *NetworkMap, p parameters) (*answer, *protocolError) {
	pids, e := p.requiredStrings("pids")
	if e != nil {
		return nil, e
	}
	types, _, e := p.strings("address-types")
	if e != nil {
		return nil, e
	}
	ipv4 := len(types) == 0 || slices.Contains(types, "ipv4")
	ipv6 := len(types) == 0 || slices.Contains(types, "ipv6")
	a := &answer{media: o.media, head: o.head}
	if len(pids) == 0 && ipv4 && ipv6 {
		a.body, a.gzip, a.kept = m.encoded(), &o.gzip, true
		return a, nil
	}
	var only []int32
	if len(pids) > 0 {
		only = indicesOf(m.index, pids)
	}
	a.body = m.appendBody(nil, nil, only, ipv4, ipv6)
	return a, nil
}

// indicesOf drops the names that index does not hold; never nil.
func indicesOf(index map[string]int32, names []string) []int32 {
	list := make([]int32, 0, len(names))
	for _, name := range names {
		if i, ok := index[name]; ok {
			list = append(list, i)
		}
	}
	return list
}
