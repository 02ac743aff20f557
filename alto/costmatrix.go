package alto

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
)

// CostMatrix holds the path costs of one cost type between the PIDs of one
// network map (RFC 7285 Section 6.2), dense, with cells that may be missing. It
// is immutable and safe for concurrent use.
type CostMatrix struct {
	pids    []string
	index   map[string]int32
	cells   []float64 // by source, then destination; NaN: no cost
	tag     string
	ordinal bool // all costs are non-negative integers
	most    float64
	body    lazyBytes
}

// NoCost is the value of a missing cell.
func NoCost() float64 { return math.NaN() }

// NewCosts returns n×n missing cells to be filled and given to NewCostMatrix;
// the cost from PID s to PID d stands at [s*n+d].
func NewCosts(n int) []float64 {
	cells := make([]float64, n*n)
	for i := range cells {
		cells[i] = NoCost()
	}
	return cells
}

// CellError tells which pair, or which PID alone, makes a cost matrix invalid.
type CellError struct {
	Source, Destination string
	Reason              string
}

func (e *CellError) Error() string { return e.Reason }

// NewCostMatrix builds a matrix over pids, of which a network map may have more;
// see NewCosts for the layout of cells. The matrix owns both slices from now on.
// The error is a *CellError: a bad or repeated PID name, the wrong number of
// cells, or an infinite cost.
func NewCostMatrix(pids []string, cells []float64) (*CostMatrix, error) {
	n := len(pids)
	if len(cells) != n*n {
		return nil, &CellError{Reason: fmt.Sprintf("cost matrix over %d PIDs has %d cells, expected %d", n, len(cells), n*n)}
	}
	m := &CostMatrix{pids: pids, cells: cells, index: make(map[string]int32, n), ordinal: true}
	for i, pid := range pids {
		if err := CheckPIDName(pid); err != nil {
			return nil, &CellError{Source: pid, Reason: err.Error()}
		}
		if _, dup := m.index[pid]; dup {
			return nil, &CellError{Source: pid, Reason: fmt.Sprintf("PID %q occurs twice in the cost matrix", pid)}
		}
		m.index[pid] = int32(i)
	}
	for i, c := range cells {
		if math.IsInf(c, 0) {
			s, d := pids[i/n], pids[i%n]
			return nil, &CellError{Source: s, Destination: d, Reason: fmt.Sprintf("cost from PID %q to PID %q is infinite", s, d)}
		}
		if c < 0 || c != math.Trunc(c) && !math.IsNaN(c) {
			m.ordinal = false
		}
		if c > m.most {
			m.most = c
		}
	}
	m.tag = m.hash()
	return m, nil
}

func (m *CostMatrix) hash() string {
	h := sha256.New()
	buf := make([]byte, 0, 4096)
	for _, pid := range m.pids {
		buf = append(append(buf, pid...), 0)
	}
	for _, c := range m.cells {
		if len(buf) > 4000 {
			h.Write(buf)
			buf = buf[:0]
		}
		if math.IsNaN(c) {
			c = NoCost()
		}
		buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(c))
	}
	h.Write(buf)
	return tagOf(h)
}

// Tag returns a hash of the content.
func (m *CostMatrix) Tag() string { return m.tag }

// PIDs returns the PIDs in matrix order; not to be modified.
func (m *CostMatrix) PIDs() []string { return m.pids }

// Cost returns the cost from one PID to another; ok is false where either is
// unknown or the cell is missing.
func (m *CostMatrix) Cost(source, destination string) (cost float64, ok bool) {
	s, known := m.index[source]
	d, also := m.index[destination]
	if !known || !also {
		return 0, false
	}
	c := m.cell(s, d)
	return c, !math.IsNaN(c)
}

func (m *CostMatrix) cell(s, d int32) float64 { return m.cells[int(s)*len(m.pids)+int(d)] }

// encoded returns the data member of the full response with its closing brace.
func (m *CostMatrix) encoded() []byte {
	return m.body.get(func() []byte { return m.appendBody(make([]byte, 0, 16+len(m.cells)*12), nil) })
}

func (m *CostMatrix) encodedSize() uint64 { return m.body.length(m.appendBody) }

func (m *CostMatrix) hashEncoded(h hash.Hash) { m.body.hash(h, m.appendBody) }

func (m *CostMatrix) appendBody(b []byte, sized *meter) []byte {
	names := m.names()
	b = append(b, `"cost-map":{`...)
	first := true
	for s := range names {
		mark := len(b)
		if !first {
			b = append(b, ',')
		}
		var some bool
		if b, some = m.appendRow(append(append(b, names[s]...), ':'), names, s); !some {
			b = b[:mark]
			continue
		}
		first = false
		b = sized.pass(b)
	}
	return append(b, '}', '}')
}

// appendRow appends the costs from one PID as an object; some tells whether there are any.
func (m *CostMatrix) appendRow(b []byte, names [][]byte, s int) (_ []byte, some bool) {
	b = append(b, '{')
	for d, c := range m.row(s) {
		if math.IsNaN(c) {
			continue
		}
		if some {
			b = append(b, ',')
		}
		some = true
		b = appendNumber(append(append(b, names[d]...), ':'), c)
	}
	return append(b, '}'), some
}

func (m *CostMatrix) row(s int) []float64 { return m.cells[s*len(m.pids) : (s+1)*len(m.pids)] }

// names returns the PIDs as JSON strings.
func (m *CostMatrix) names() [][]byte {
	names := make([][]byte, len(m.pids))
	for i, pid := range m.pids {
		names[i] = appendString(make([]byte, 0, len(pid)+2), pid)
	}
	return names
}

func (m *CostMatrix) memory() uint64 {
	return uint64(8*len(m.cells)+64*len(m.pids)) + m.body.size()
}
