package alto

import (
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
	once sync.Once
	made atomic.Pointer[[]byte]
}

func (l *lazyBytes) get(make func() []byte) []byte {
	l.once.Do(func() {
		b := make()
		l.made.Store(&b)
	})
	return *l.made.Load()
}

// size is the memory held at this moment, 0 while nothing has asked for it.
func (l *lazyBytes) size() uint64 {
	if p := l.made.Load(); p != nil {
		return uint64(cap(*p))
	}
	return 0
}
