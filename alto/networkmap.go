package alto

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/gaissmai/bart"
)

// PID is a provider-defined identifier with the prefixes it groups (RFC 7285
// Section 5.1).
type PID struct {
	Name     string
	Prefixes []netip.Prefix
}

// NetworkMap is an ALTO network map (RFC 7285 Section 11.2.1) over IPv4 and IPv6:
// PIDs, their prefixes, and a longest-prefix match table. It is immutable and
// safe for concurrent use.
type NetworkMap struct {
	*networkData
	tag string
}

type networkData struct {
	pids     []PID // by name; the prefixes masked, IPv4 first, ascending
	index    map[string]int32
	table    *bart.Table[int32]
	prefixes int
	body     lazyBytes

	sizing sync.Once
	bytes  uint64 // of memory, without body

	merging sync.Once
	merged  int // prefixes
}

// PrefixError tells which PID and prefix make a network map invalid; Prefix is
// the zero value where the PID's name or the map as a whole is at fault.
type PrefixError struct {
	PID    string
	Prefix netip.Prefix
	Reason string
}

func (e *PrefixError) Error() string { return e.Reason }

// NewNetworkMap builds a network map from PIDs in any order. Host bits of a
// prefix are cleared and repetitions within one PID dropped. The error is a
// *PrefixError: a bad or repeated PID name, a prefix in two PIDs, or an address
// family that occurs without being covered completely (RFC 7285 Section 11.2.2),
// which a prefix 0.0.0.0/0 or ::/0 achieves. pids is not retained.
func NewNetworkMap(pids []PID) (*NetworkMap, error) {
	d := &networkData{
		pids:  make([]PID, 0, len(pids)),
		index: make(map[string]int32, len(pids)),
		table: new(bart.Table[int32]),
	}
	if len(pids) == 0 {
		return nil, &PrefixError{Reason: "network map has no PID"}
	}
	for _, p := range pids {
		d.pids = append(d.pids, PID{Name: p.Name, Prefixes: slices.Clone(p.Prefixes)})
	}
	slices.SortFunc(d.pids, func(a, b PID) int { return strings.Compare(a.Name, b.Name) })
	for i := range d.pids {
		if err := d.add(int32(i)); err != nil {
			return nil, err
		}
	}
	for _, family := range []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")} {
		if err := d.checkComplete(family); err != nil {
			return nil, err
		}
	}
	return &NetworkMap{networkData: d, tag: d.hash()}, nil
}

func (d *networkData) add(i int32) error {
	p := &d.pids[i]
	if err := CheckPIDName(p.Name); err != nil {
		return &PrefixError{PID: p.Name, Reason: err.Error()}
	}
	if _, dup := d.index[p.Name]; dup {
		return &PrefixError{PID: p.Name, Reason: fmt.Sprintf("PID %q is defined twice", p.Name)}
	}
	d.index[p.Name] = i
	for j, prefix := range p.Prefixes {
		if !prefix.IsValid() {
			return &PrefixError{PID: p.Name, Reason: fmt.Sprintf("PID %q has an invalid prefix", p.Name)}
		}
		p.Prefixes[j] = prefix.Masked()
	}
	slices.SortFunc(p.Prefixes, comparePrefix)
	p.Prefixes = slices.Compact(p.Prefixes)
	for _, prefix := range p.Prefixes {
		if other, taken := d.table.Get(prefix); taken {
			return &PrefixError{
				PID: p.Name, Prefix: prefix,
				Reason: fmt.Sprintf("prefix %s is in PID %q and in PID %q", prefix, d.pids[other].Name, p.Name),
			}
		}
		d.table.Insert(prefix, i)
	}
	d.prefixes += len(p.Prefixes)
	return nil
}

func comparePrefix(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

// checkComplete verifies the completeness property of RFC 7285 Section 11.2.2
// for the address family that whole spans, if the map contains that family.
func (d *networkData) checkComplete(whole netip.Prefix) error {
	var cover bart.Lite
	for prefix := range d.table.Subnets(whole) {
		if prefix == whole {
			return nil
		}
		cover.Insert(prefix)
	}
	if cover.Size() == 0 {
		return nil
	}
	if cover.Aggregate(); cover.Get(whole) {
		return nil
	}
	return &PrefixError{
		Prefix: whole,
		Reason: fmt.Sprintf("network map is incomplete: no PID for each address, a PID with prefix %s is missing", whole),
	}
}

// hash covers names and prefixes and nothing else, so that the same content has
// the same tag whenever and in whatever order it is built.
func (d *networkData) hash() string {
	h := sha256.New()
	var buf []byte
	for _, p := range d.pids {
		buf = append(append(buf[:0], p.Name...), 0)
		for _, prefix := range p.Prefixes {
			buf = append(buf, byte(prefix.Bits()))
			buf = append(buf, prefix.Addr().AsSlice()...)
		}
		h.Write(append(buf, 0xff))
	}
	return tagOf(h)
}

// Equal tells whether o has the same content and tag. Cost is that of the content.
func (m *NetworkMap) Equal(o *NetworkMap) bool {
	return m == o || m.tag == o.tag && (m.networkData == o.networkData || slices.EqualFunc(m.pids, o.pids, func(p, q PID) bool {
		return p.Name == q.Name && slices.Equal(p.Prefixes, q.Prefixes)
	}))
}

// WithTag returns a map with the same content (shared, not copied) and a tag of
// the caller's choice, say that of the server it was taken from. The caller
// answers for a new tag with every new content.
func (m *NetworkMap) WithTag(tag string) (*NetworkMap, error) {
	if err := CheckTag(tag); err != nil {
		return nil, err
	}
	return &NetworkMap{networkData: m.networkData, tag: tag}, nil
}

// Tag returns the tag: by default a hash of the content.
func (m *NetworkMap) Tag() string { return m.tag }

// PIDs returns all PIDs by name; not to be modified.
func (m *NetworkMap) PIDs() []PID { return m.pids }

// Names returns a new slice with the names of all PIDs, ascending.
func (m *NetworkMap) Names() []string {
	names := make([]string, len(m.pids))
	for i, p := range m.pids {
		names[i] = p.Name
	}
	return names
}

// Has reports whether the map defines the PID.
func (m *NetworkMap) Has(pid string) bool { _, ok := m.index[pid]; return ok }

// NumPrefixes returns the number of prefixes in all PIDs.
func (m *NetworkMap) NumPrefixes() int { return m.prefixes }

// Lookup returns the PID of an address by longest-prefix match (RFC 7285 Section
// 11.2.2); ok is false only where the map does not contain the address family.
func (m *NetworkMap) Lookup(addr netip.Addr) (pid string, ok bool) {
	i, ok := m.table.Lookup(addr)
	if !ok {
		return "", false
	}
	return m.pids[i].Name, true
}

// encoded returns the data member of the response with its closing brace.
func (d *networkData) encoded() []byte {
	return d.body.get(func() []byte {
		size := 20
		for _, p := range d.pids {
			size += len(p.Name) + 24 + 22*len(p.Prefixes)
		}
		return d.appendBody(make([]byte, 0, size), nil, nil, true, true)
	})
}

func (d *networkData) encodedSize() uint64 {
	return d.body.length(d.appendAll)
}

func (d *networkData) hashEncoded(h hash.Hash) { d.body.hash(h, d.appendAll) }

func (d *networkData) appendAll(b []byte, sized *meter) []byte {
	return d.appendBody(b, sized, nil, true, true)
}

// appendBody appends the "network-map" member for the PIDs with the given
// indices, all of them if nil, and the address types asked for.
func (d *networkData) appendBody(b []byte, sized *meter, only []int32, ipv4, ipv6 bool) []byte {
	b = append(b, `"network-map":{`...)
	n := len(d.pids)
	if only != nil {
		n = len(only)
	}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		p := &d.pids[i]
		if only != nil {
			p = &d.pids[only[i]]
		}
		b = sized.pass(p.appendGroup(append(appendString(b, p.Name), ':'), ipv4, ipv6))
	}
	return append(b, '}', '}')
}

// appendGroup appends the EndpointAddrGroup of RFC 7285 Section 10.4.5.
func (p *PID) appendGroup(b []byte, ipv4, ipv6 bool) []byte {
	b = append(b, '{')
	start, split := len(b), splitFamilies(p.Prefixes)
	if ipv4 && split > 0 {
		b = appendPrefixes(append(b, `"ipv4":[`...), p.Prefixes[:split])
	}
	if ipv6 && split < len(p.Prefixes) {
		if len(b) > start {
			b = append(b, ',')
		}
		b = appendPrefixes(append(b, `"ipv6":[`...), p.Prefixes[split:])
	}
	return append(b, '}')
}

// splitFamilies returns where the IPv6 prefixes begin.
func splitFamilies(prefixes []netip.Prefix) int {
	i, _ := slices.BinarySearchFunc(prefixes, 128, func(p netip.Prefix, bits int) int {
		return p.Addr().BitLen() - bits
	})
	return i
}

func appendPrefixes(b []byte, prefixes []netip.Prefix) []byte {
	for i, p := range prefixes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = p.AppendTo(b)
		b = append(b, '"')
	}
	return append(b, ']')
}

// memory looks at all prefixes the first time.
func (d *networkData) memory() uint64 {
	d.sizing.Do(func() {
		d.bytes = uint64(len(d.pids)*namedPID+d.prefixes*listPrefix) + trieMemory(d.table)
	})
	return d.bytes + d.body.size()
}
