package tree

import (
	"strings"

	"github.com/altoam/altoam/yang"
)

// KeyOf returns the key of the entry with these key values in key order, or of a
// leaf-list entry with this value. One value is its canonical text. More are
// joined by the bytes 0 1, with a 0 in a text written as 0 2: keys are equal
// only if all texts are, and they sort like the texts from left to right.
func KeyOf(vals ...yang.Value) string {
	if len(vals) == 1 {
		return vals[0].String()
	}
	var b strings.Builder
	for i, v := range vals {
		if i > 0 {
			b.WriteString("\x00\x01")
		}
		text := v.String()
		for j := strings.IndexByte(text, 0); j >= 0; j = strings.IndexByte(text, 0) {
			b.WriteString(text[:j] + "\x00\x02")
			text = text[j+1:]
		}
		b.WriteString(text)
	}
	return b.String()
}
