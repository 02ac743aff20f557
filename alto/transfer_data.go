package alto

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DigestOf returns the digest of what EncodeData made.
func DigestOf(form []byte) Digest { return sha256.Sum256(form) }

// EncodeData returns the form in which a piece of data is transferred to another process:
// a letter for its kind, and what the constructors take. The same content and tag have
// the same form. Cost is that of the content.
func EncodeData(d Data) ([]byte, error) {
	switch d := d.(type) {
	case *NetworkMap:
		return d.form(), nil
	case *CostMatrix:
		return d.form(), nil
	case *PathMatrix:
		return d.form(), nil
	case *PropertyMap:
		return d.form()
	case *CDNIAdvertisement:
		return d.form()
	}
	return nil, fmt.Errorf("data of type %T cannot be transferred", d)
}

// DecodeData reads what EncodeData made. Data that the constructor of its kind refuses
// is refused with that error.
func DecodeData(form []byte) (Data, error) {
	if len(form) == 0 {
		return nil, errShortForm
	}
	r := formReader{form[1:], nil}
	switch form[0] {
	case 'n':
		return r.networkMap()
	case 'c':
		return r.costMatrix()
	case 'v':
		return r.pathMatrix()
	case 'p':
		return r.propertyMap()
	case 'a':
		return r.advertisement()
	}
	return nil, fmt.Errorf("there is no data of kind %q", form[0])
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (m *NetworkMap) form() []byte {
	b := appendText([]byte("n"), m.tag)
	b = binary.AppendUvarint(b, uint64(len(m.pids)))
	for _, p := range m.pids {
		b = binary.AppendUvarint(appendText(b, p.Name), uint64(len(p.Prefixes)))
		for _, prefix := range p.Prefixes {
			addr := prefix.Addr().AsSlice()
			b = append(append(b, byte(len(addr)), byte(prefix.Bits())), addr...)
		}
	}
	return b
}

func (m *CostMatrix) form() []byte {
	b := binary.AppendUvarint(make([]byte, 0, 16+16*len(m.pids)+8*len(m.cells)), uint64(len(m.pids)))
	b = append([]byte("c"), b...)
	for _, pid := range m.pids {
		b = appendText(b, pid)
	}
	for _, c := range m.cells {
		if math.IsNaN(c) {
			c = NoCost()
		}
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c))
	}
	return b
}

func (m *PropertyMap) form() ([]byte, error) {
	var list []Entity
	for _, d := range m.domains {
		for _, e := range d.entities {
			list = append(list, Entity{Domain: d.name, Name: strings.TrimPrefix(e.id, d.name+":"), Properties: e.properties})
		}
	}
	text, err := json.Marshal(list)
	return append([]byte("p"), text...), err
}

// advertisementForm is a CDNIAdvertisement as it is transferred.
type advertisementForm struct {
	Tag     string           `json:"tag"`
	Objects []jsontext.Value `json:"objects"`
}

func (a *CDNIAdvertisement) form() ([]byte, error) {
	f := advertisementForm{Tag: a.tag}
	for _, o := range a.objects {
		f.Objects = append(f.Objects, o.encoded)
	}
	text, err := json.Marshal(f)
	return append([]byte("a"), text...), err
}

var errShortForm = errors.New("the form of the data ends too early")

// formReader reads the parts of a form; after the first error there is nothing more.
type formReader struct {
	rest []byte
	err  error
}

func (r *formReader) bytes(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.rest)) {
		r.err = errShortForm
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *formReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.err = errShortForm
		return 0
	}
	r.bytes(uint64(size))
	return n
}

// count is a number of parts of at least size bytes each.
func (r *formReader) count(size uint64) int {
	n := r.uvarint()
	if n > uint64(len(r.rest))/size {
		r.err = errShortForm
		return 0
	}
	return int(n)
}

func (r *formReader) text() string { return string(r.bytes(r.uvarint())) }

// end tells what was wrong, bytes left over among it.
func (r *formReader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		return fmt.Errorf("the form of the data has %d bytes too many", len(r.rest))
	}
	return r.err
}

func (r *formReader) networkMap() (Data, error) {
	tag := r.text()
	pids := make([]PID, r.count(2))
	for i := range pids {
		pids[i] = PID{Name: r.text(), Prefixes: make([]netip.Prefix, r.count(6))}
		for j := range pids[i].Prefixes {
			pids[i].Prefixes[j] = r.prefix()
		}
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	m, err := NewNetworkMap(pids)
	if err == nil && m.tag != tag {
		m, err = m.WithTag(tag)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (r *formReader) prefix() netip.Prefix {
	head := r.bytes(2)
	if head == nil {
		return netip.Prefix{}
	}
	addr, _ := netip.AddrFromSlice(r.bytes(uint64(head[0])))
	return netip.PrefixFrom(addr, int(head[1])) // invalid ones are refused
}

func (r *formReader) costMatrix() (Data, error) {
	pids := make([]string, r.count(1))
	for i := range pids {
		pids[i] = r.text()
	}
	cells := make([]float64, len(r.rest)/8)
	for i := range cells {
		cells[i] = math.Float64frombits(binary.LittleEndian.Uint64(r.bytes(8)))
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	m, err := NewCostMatrix(pids, cells)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (r *formReader) propertyMap() (Data, error) {
	var list []Entity
	if err := json.Unmarshal(r.rest, &list); err != nil {
		return nil, err
	}
	m, err := NewPropertyMap(list)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (r *formReader) advertisement() (Data, error) {
	var f advertisementForm
	if err := json.Unmarshal(r.rest, &f); err != nil {
		return nil, err
	}
	objects := make([]BaseAdvertisementObject, len(f.Objects))
	for i, text := range f.Objects {
		var err error
		if objects[i], err = ParseBaseAdvertisementObject(text); err != nil {
			return nil, err
		}
	}
	a, err := NewCDNIAdvertisement(objects)
	if err == nil && a.tag != f.Tag {
		a, err = a.WithTag(f.Tag)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}
