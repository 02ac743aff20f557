package alto

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
)

// PathMatrix holds the paths of traffic between the PIDs of one network map: each a
// list of abstract network elements (ANEs) in the order of traversal (RFC 9275 Section
// 6.5). It is immutable and safe for concurrent use.
type PathMatrix struct {
	pids  []string
	index map[string]int32
	anes  []string // ascending
	paths []pathAt // by source, then destination
	hops  []int32  // indices of anes
	tag   string
	body  lazyBytes
}

// pathAt is where the ANEs of a path stand in hops; a negative length: there is no path.
type pathAt struct{ start, length int32 }

// PathBuilder gathers the paths of a PathMatrix.
type PathBuilder struct {
	matrix *PathMatrix
	names  map[string]int32
}

// PathError tells which PID, or which pair of them, makes paths invalid.
type PathError struct {
	Source, Destination string
	Reason              string
}

func (e *PathError) Error() string { return e.Reason }

// NewPathBuilder begins a matrix without any path over pids, of which a network map may
// have more. The builder owns the slice from now on. The error is a *PathError.
func NewPathBuilder(pids []string) (*PathBuilder, error) {
	m := &PathMatrix{pids: pids, index: make(map[string]int32, len(pids)), paths: make([]pathAt, len(pids)*len(pids))}
	for i, pid := range pids {
		if err := CheckPIDName(pid); err != nil {
			return nil, &PathError{Source: pid, Reason: err.Error()}
		}
		if _, dup := m.index[pid]; dup {
			return nil, &PathError{Source: pid, Reason: fmt.Sprintf("PID %q occurs twice among those with paths", pid)}
		}
		m.index[pid] = int32(i)
	}
	for i := range m.paths {
		m.paths[i].length = -1
	}
	return &PathBuilder{matrix: m, names: make(map[string]int32)}, nil
}

// Add adds the path between two PIDs; one without ANEs traverses none. The error is a
// *PathError: an unknown PID, a second path for a pair, or a bad ANE name, which has the
// form of a PID name (RFC 9275 Section 6.1).
func (b *PathBuilder) Add(source, destination string, anes []string) error {
	fail := func(format string, args ...any) error {
		return &PathError{Source: source, Destination: destination, Reason: fmt.Sprintf(format, args...)}
	}
	m := b.matrix
	for _, pid := range []string{source, destination} {
		if _, ok := m.index[pid]; !ok {
			return fail("the path from PID %q to PID %q: %q is not one of the PIDs", source, destination, pid)
		}
	}
	at := &m.paths[int(m.index[source])*len(m.pids)+int(m.index[destination])]
	if at.length >= 0 {
		return fail("there are two paths from PID %q to PID %q", source, destination)
	}
	start := len(m.hops)
	for _, name := range anes {
		n, known := b.names[name]
		if !known {
			if err := checkName("ANE name", name, 64, "-:@_"); err != nil {
				m.hops = m.hops[:start]
				return fail("the path from PID %q to PID %q: %v", source, destination, err)
			}
			n = int32(len(m.anes))
			b.names[name] = n
			m.anes = append(m.anes, name)
		}
		m.hops = append(m.hops, n)
	}
	*at = pathAt{int32(start), int32(len(anes))}
	return nil
}

// Build returns the matrix. The builder must not be used any more.
func (b *PathBuilder) Build() *PathMatrix {
	m := b.matrix
	order := slices.Sorted(slices.Values(m.anes))
	at := make(map[string]int32, len(order))
	for i, name := range order {
		at[name] = int32(i)
	}
	moved := make([]int32, len(m.anes))
	for i, name := range m.anes {
		moved[i] = at[name]
	}
	for i, n := range m.hops {
		m.hops[i] = moved[n]
	}
	m.anes = order
	m.tag = m.hash()
	return m
}

func (m *PathMatrix) hash() string {
	h := sha256.New()
	var buf []byte
	for _, list := range [][]string{m.pids, m.anes} {
		for _, name := range list {
			buf = append(append(buf, name...), 0)
		}
		buf = append(buf, 0)
	}
	for _, p := range m.paths {
		if len(buf) > measureAtOnce {
			h.Write(buf)
			buf = buf[:0]
		}
		buf = binary.LittleEndian.AppendUint32(buf, uint32(p.length))
		for _, n := range m.on(p) {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(n))
		}
	}
	h.Write(buf)
	return tagOf(h)
}

// on returns the ANEs of a path.
func (m *PathMatrix) on(p pathAt) []int32 {
	if p.length <= 0 {
		return nil
	}
	return m.hops[p.start : p.start+p.length]
}

// Tag returns a hash of the content.
func (m *PathMatrix) Tag() string { return m.tag }

// PIDs returns the PIDs in matrix order; not to be modified.
func (m *PathMatrix) PIDs() []string { return m.pids }

// ANEs returns the names of all ANEs, ascending; not to be modified.
func (m *PathMatrix) ANEs() []string { return m.anes }

// Path returns the ANEs on the way from one PID to another; ok is false where either is
// unknown or no path is known.
func (m *PathMatrix) Path(source, destination string) (anes []string, ok bool) {
	s, known := m.index[source]
	d, also := m.index[destination]
	if !known || !also {
		return nil, false
	}
	p := m.paths[int(s)*len(m.pids)+int(d)]
	for _, n := range m.on(p) {
		anes = append(anes, m.anes[n])
	}
	return anes, p.length >= 0
}

func (*PathMatrix) kind() string { return "v" }

// encoded returns the data member of a response with all paths, with its closing brace.
func (m *PathMatrix) encoded() []byte {
	return m.body.get(func() []byte { return m.appendBody(nil, nil) })
}

func (m *PathMatrix) encodedSize() uint64 { return m.body.length(m.appendBody) }

func (m *PathMatrix) hashEncoded(h hash.Hash) { m.body.hash(h, m.appendBody) }

func (m *PathMatrix) appendBody(b []byte, sized *meter) []byte {
	b = append(b, `"cost-map":{`...)
	first, n := true, len(m.pids)
	for s, source := range m.pids {
		begun := false
		for d, p := range m.paths[s*n : (s+1)*n] {
			if p.length < 0 {
				continue
			}
			switch {
			case begun:
				b = append(b, ',')
			case !first:
				b = append(appendString(append(b, ','), source), ':', '{')
			default:
				b = append(appendString(b, source), ':', '{')
			}
			first, begun = false, true
			b = m.appendPath(append(appendString(b, m.pids[d]), ':'), p, nil)
		}
		if begun {
			b = sized.pass(append(b, '}'))
		}
	}
	return append(b, '}', '}')
}

// appendPath appends the array of the names of ANEs, which are m's own where names is
// nil.
func (m *PathMatrix) appendPath(b []byte, p pathAt, names func(int32) string) []byte {
	b = append(b, '[')
	for i, n := range m.on(p) {
		if i > 0 {
			b = append(b, ',')
		}
		if names == nil {
			b = appendString(b, m.anes[n])
		} else {
			b = appendString(b, names(n))
		}
	}
	return append(b, ']')
}

func (m *PathMatrix) memory() uint64 {
	return uint64(8*len(m.paths)+4*len(m.hops)+64*(len(m.pids)+len(m.anes))) + m.body.size()
}
