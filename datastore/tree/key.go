package tree

import (
	"strings"

	"github.com/altoam/altoam/yang"
)

// KeyOf returns the key of the entry with these key values in key order, or of a
// leaf-list entry with this value: the canonical texts, with a byte 0 between,
// which no text can hold (RFC 7950 Section 9.4). Keys are equal only if all texts
// are, and they sort like the texts from left to right.
func KeyOf(vals ...yang.Value) string {
	if len(vals) == 1 {
		return vals[0].String()
	}
	var b strings.Builder
	for i, v := range vals {
		if i > 0 {
			b.WriteByte(0)
		}
		b.WriteString(v.String())
	}
	return b.String()
}
