package alto

import (
	"hash"
	"math"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// appendString appends s as a JSON string. Names of this package are plain
// ASCII, so the common case is a copy; invalid UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			b, _ = jsontext.AppendQuote(b, s)
			return b
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendNumber appends a finite float in its shortest exact form.
func appendNumber(b []byte, v float64) []byte {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return strconv.AppendInt(b, int64(v), 10)
	}
	return jsontext.AppendFloat(b, v, 64)
}

// lazyBytes are made once, by whoever asks first; others wait for them. The zero
// value is ready. The bytes must not be modified.
type lazyBytes struct {
	once     sync.Once
	made     atomic.Pointer[[]byte]
	measured atomic.Uint64 // length of what has not been made; 0: not known
}

func (l *lazyBytes) get(make func() []byte) []byte {
	l.once.Do(func() {
		b := make()
		l.made.Store(&b)
	})
	return *l.made.Load()
}

// length is that of the bytes, which encode appends. Where nobody has asked for them
// they are measured once and not kept.
func (l *lazyBytes) length(encode func([]byte, *meter) []byte) uint64 {
	if p := l.made.Load(); p != nil {
		return uint64(len(*p))
	}
	n := l.measured.Load()
	if n == 0 {
		n = l.measure(encode, nil)
	}
	return n
}

// measure encodes without keeping it, into hash where there is one.
func (l *lazyBytes) measure(encode func([]byte, *meter) []byte, into hash.Hash) uint64 {
	m := meter{into: into}
	rest := encode(make([]byte, 0, 2*measureAtOnce), &m)
	if into != nil {
		into.Write(rest)
	}
	n := m.passed + uint64(len(rest))
	l.measured.Store(n)
	return n
}

// hash writes the bytes, which encode appends, into a hash; where nobody has asked for
// them they are measured at the same time.
func (l *lazyBytes) hash(into hash.Hash, encode func([]byte, *meter) []byte) {
	if p := l.made.Load(); p != nil {
		into.Write(*p)
		return
	}
	l.measure(encode, into)
}

// measureAtOnce is how many bytes of an encoding that is only measured are in memory.
const measureAtOnce = 4 << 10

// meter counts what an encoder has made, and writes it into a hash where there is one,
// instead of keeping it. A nil meter keeps it.
type meter struct {
	passed uint64
	into   hash.Hash
}

// pass takes what has been encoded so far and returns where to go on: at the end of a
// part that is not looked back at.
func (m *meter) pass(b []byte) []byte {
	if m == nil || len(b) < measureAtOnce {
		return b
	}
	m.passed += uint64(len(b))
	if m.into != nil {
		m.into.Write(b)
	}
	return b[:0]
}

// size is the memory held at this moment, 0 while nothing has asked for it.
func (l *lazyBytes) size() uint64 {
	if p := l.made.Load(); p != nil {
		return uint64(cap(*p))
	}
	return 0
}
