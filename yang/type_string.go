package yang

import "unicode/utf8"

// parseString checks characters, length in characters, and patterns (RFC 7950 Section 9.4).
func (t *Type) parseString(text string) (Value, *failure) {
	n, bad := countCharacters(text)
	if bad >= 0 {
		return Value{}, &failure{
			t: t, text: text, why: "holds a character that YANG does not allow",
			want: "tab, line feed, carriage return or Unicode characters from U+0020 on but no surrogates and noncharacters",
		}
	}
	if t.Length != nil && !inRanges(t.Length, n, Int64) {
		return Value{}, t.failLength(text, "has the wrong length")
	}
	for _, p := range t.Patterns {
		if !p.Match(text) {
			return Value{}, &failure{t: t, text: text, pattern: p, why: p.violated(), appTag: p.AppTag, message: p.Message}
		}
	}
	return Value{typ: t, str: text}, nil
}

// countCharacters returns the number of characters and the offset of the first
// that yang-char of RFC 7950 Section 14 excludes, -1 for none.
func countCharacters(s string) (n int64, bad int) {
	for i, r := range s {
		n++
		switch {
		case r >= ' ' && r < 0x80 || r == '\t' || r == '\n' || r == '\r':
		case r < ' ',
			r >= 0xfdd0 && r <= 0xfdef,
			r&0xfffe == 0xfffe:
			return n, i
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size <= 1 {
				return n, i
			}
		}
	}
	return n, -1
}
