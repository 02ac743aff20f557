package yang

import (
	"slices"
	"strings"
)

// parseBoolean reads a boolean (RFC 7950 Section 9.5).
func (t *Type) parseBoolean(text string) (Value, *failure) {
	switch text {
	case "true":
		return Value{typ: t, num: 1}, nil
	case "false":
		return Value{typ: t}, nil
	}
	return Value{}, t.fail(text, "is no boolean")
}

// parseEnumeration reads an enum's name (RFC 7950 Section 9.6).
func (t *Type) parseEnumeration(text string) (Value, *failure) {
	for i := range t.Enums {
		if t.Enums[i].Name == text {
			return Value{typ: t, num: int64(i)}, nil
		}
	}
	return Value{}, t.fail(text, "is not among the enum names")
}

// parseBits reads names of bits in any order (RFC 7950 Section 9.7). A name
// twice is an error.
func (t *Type) parseBits(text string) (Value, *failure) {
	if text == "" {
		return Value{typ: t}, nil
	}
	set := make([]bool, len(t.Bits))
	last, sorted := -1, true
	for name := range strings.FieldsFuncSeq(text, isXMLSpace) {
		i := slices.IndexFunc(t.Bits, func(b EnumValue) bool { return b.Name == name })
		switch {
		case i < 0:
			return Value{}, t.fail(text, "holds "+quote(name)+", which is no bit")
		case set[i]:
			return Value{}, t.fail(text, "holds "+quote(name)+" twice")
		}
		set[i] = true
		sorted = sorted && i > last
		last = i
	}
	if sorted && !strings.Contains(text, "  ") && !strings.ContainsAny(text, "\t\r\n") {
		return Value{typ: t, str: text}, nil
	}
	var names []string
	for i, on := range set {
		if on {
			names = append(names, t.Bits[i].Name)
		}
	}
	return Value{typ: t, str: strings.Join(names, " ")}, nil
}

func isXMLSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }
