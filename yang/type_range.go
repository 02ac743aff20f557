package yang

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// limits are the ranges of an integer or decimal64 type, those of the built-in
// type where it has no range statement.
func (t *Type) limits() []Range {
	if t.Range != nil {
		return t.Range
	}
	return []Range{t.Base.integerLimits()}
}

// inRange tells whether a number of the type's base is one of the type.
func (t *Type) inRange(n int64) bool {
	if t.Range == nil {
		l := t.Base.integerLimits()
		return !less(n, l.Min, t.Base) && !less(l.Max, n, t.Base)
	}
	return inRanges(t.Range, n, t.Base)
}

// inRanges tells whether n lies in one of the ranges; they are ascending.
func inRanges(l []Range, n int64, b Base) bool {
	for _, r := range l {
		if !less(n, r.Min, b) && !less(r.Max, n, b) {
			return true
		}
	}
	return false
}

// less compares as b's values: uint64 are bit patterns.
func less(x, y int64, b Base) bool {
	if b == Uint64 {
		return uint64(x) < uint64(y)
	}
	return x < y
}

// rangeText is the range for messages.
func (t *Type) rangeText() string {
	if t.RangeText != "" {
		return t.RangeText
	}
	return strings.Join(rangeWords(t.limits(), func(n int64) string {
		return Value{typ: t, num: n}.String()
	}), " | ")
}

// lengthText is the length between before and after, "" where any will do.
func (t *Type) lengthText(before, after string) string {
	switch {
	case t.LengthText != "":
		return before + t.LengthText + after
	case t.Length == nil:
		return ""
	}
	return before + strings.Join(rangeWords(t.Length, func(n int64) string {
		if n == math.MaxInt64 {
			return "max"
		}
		return strconv.FormatInt(n, 10)
	}), " | ") + after
}

func rangeWords(l []Range, word func(int64) string) []string {
	words := make([]string, len(l))
	for i, r := range l {
		words[i] = word(r.Min)
		if r.Min != r.Max {
			words[i] += ".." + word(r.Max)
		}
	}
	return words
}

// parseRanges reads a range statement's argument for a type derived from t, an
// integer or decimal64: ascending, disjoint, and within t's own range, to which
// "min" and "max" refer (RFC 7950 Section 9.2.4).
func parseRanges(expr string, t *Type) ([]Range, error) {
	bound := func(s string) (int64, error) {
		n, err := t.Base.scanBound(s, t.FractionDigits)
		switch {
		case err == errDigits:
			return 0, fmt.Errorf("range %q: %s has more than %d fraction digits", expr, s, t.FractionDigits)
		case err == strconv.ErrRange:
			return 0, fmt.Errorf("range %q: %s does not fit %s", expr, s, t.Base)
		case err != nil:
			return 0, fmt.Errorf("range %q: expected a number of type %s, min or max, found %q", expr, t.Base, s)
		}
		return n, nil
	}
	if !t.Base.isNumber() {
		return nil, fmt.Errorf("range %q: type %s takes no range", expr, t.Base)
	}
	return parseIntervals("range", expr, t.limits(), t.Base, bound)
}

// parseLengths reads a length statement's argument for a type derived from t, a
// string or binary, as parseRanges does (RFC 7950 Section 9.4.4). Lengths from
// math.MaxInt64 on all mean "max".
func parseLengths(expr string, t *Type) ([]Range, error) {
	if t.Base != String && t.Base != Binary {
		return nil, fmt.Errorf("length %q: type %s takes no length", expr, t.Base)
	}
	limits := t.Length
	if limits == nil {
		limits = []Range{{0, math.MaxInt64}}
	}
	return parseIntervals("length", expr, limits, Int64, func(s string) (int64, error) {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil || !plainNumber(s) {
			return 0, fmt.Errorf("length %q: expected a number from 0 to 18446744073709551615, min or max, found %q", expr, s)
		}
		return int64(min(n, math.MaxInt64)), nil
	})
}

// scanBound reads a boundary as the grammar of RFC 7950 Section 14 has it: no
// plus sign, no leading zeros.
func (b Base) scanBound(s string, digits int) (int64, error) {
	whole, _, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if !plainNumber(whole) || point && b != Decimal64 {
		return 0, strconv.ErrSyntax
	}
	if b == Decimal64 {
		return scanDecimal(s, digits)
	}
	n, err := b.scanInteger(s, false)
	if err == nil && !inRanges([]Range{b.integerLimits()}, n, b) {
		err = strconv.ErrRange
	}
	return n, err
}

func plainNumber(s string) bool { return isDigits(s) && (s == "0" || s[0] != '0') }

// parseIntervals reads "a..b | c" with the given reader of boundaries and checks
// order and inclusion in limits.
func parseIntervals(what, expr string, limits []Range, b Base, bound func(string) (int64, error)) ([]Range, error) {
	end := func(s string) (int64, error) {
		switch s {
		case "min":
			return limits[0].Min, nil
		case "max":
			return limits[len(limits)-1].Max, nil
		}
		return bound(s)
	}
	var out []Range
	whole := joinAdjacent(limits, b)
	for part := range strings.SplitSeq(expr, "|") {
		low, high, interval := strings.Cut(part, "..")
		r, err := Range{}, error(nil)
		if r.Min, err = end(strings.Trim(low, xmlSpace)); err != nil {
			return nil, err
		}
		r.Max = r.Min
		if interval {
			if r.Max, err = end(strings.Trim(high, xmlSpace)); err != nil {
				return nil, err
			}
		}
		part = strings.Trim(part, xmlSpace)
		switch {
		case less(r.Max, r.Min, b):
			return nil, fmt.Errorf("%s %q: the lower end of %s is above the upper end", what, expr, part)
		case len(out) > 0 && !less(out[len(out)-1].Max, r.Min, b):
			return nil, fmt.Errorf("%s %q: %s is not above the part before it: parts must be ascending and disjoint", what, expr, part)
		case !within(r, whole, b):
			return nil, fmt.Errorf("%s %q: %s is not within the %s of the base type", what, expr, part, what)
		}
		out = append(out, r)
	}
	return out, nil
}

// joinAdjacent merges ranges without a gap: 1..4 | 5..9 includes 3..7.
func joinAdjacent(l []Range, b Base) []Range {
	var out []Range
	for _, r := range l {
		if n := len(out); n > 0 && less(out[n-1].Max, r.Min, b) && out[n-1].Max+1 == r.Min {
			out[n-1].Max = r.Max
			continue
		}
		out = append(out, r)
	}
	return out
}

func within(r Range, l []Range, b Base) bool {
	for _, o := range l {
		if !less(r.Min, o.Min, b) && !less(o.Max, r.Max, b) {
			return true
		}
	}
	return false
}
