package yang

import (
	"encoding/base64"
	"strings"
)

// parseBinary reads base64 (RFC 7950 Section 9.8, RFC 4648 Section 4) and checks
// the length in octets. Long values are often folded: white space is accepted
// where it breaks a line, and is not kept.
func (t *Type) parseBinary(text string) (Value, *failure) {
	joined := text
	if strings.ContainsAny(text, xmlSpace) {
		var b strings.Builder
		for line := range strings.SplitSeq(text, "\n") {
			b.WriteString(strings.Trim(line, xmlSpace))
		}
		joined = b.String()
	}
	octets, err := base64.StdEncoding.DecodeString(joined)
	if err != nil || strings.ContainsAny(joined, xmlSpace) {
		return Value{}, t.fail(text, "is no base64 text")
	}
	if t.Length != nil && !inRanges(t.Length, int64(len(octets)), Int64) {
		return Value{}, t.failLength(text, "has the wrong length")
	}
	if base64.StdEncoding.EncodeToString(octets) != joined { // unused bits before the padding
		joined = base64.StdEncoding.EncodeToString(octets)
	}
	return Value{typ: t, str: joined}, nil
}
