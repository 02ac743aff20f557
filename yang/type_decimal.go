package yang

import (
	"math"
	"strconv"
	"strings"
)

// parseDecimal reads a decimal64 (RFC 7950 Section 9.3.1).
func (t *Type) parseDecimal(text string) (Value, *failure) {
	n, err := scanDecimal(text, t.FractionDigits)
	switch {
	case err == strconv.ErrSyntax:
		return Value{}, t.fail(text, "is no decimal64")
	case err == errDigits:
		return Value{}, t.fail(text, "has too many fraction digits")
	case err != nil || !t.inRange(n):
		return Value{}, t.failRange(text)
	}
	return Value{typ: t, num: n}, nil
}

type decimalError string

func (e decimalError) Error() string { return string(e) }

const errDigits = decimalError("more fraction digits than the type has")

// scanDecimal returns the number × 10^digits. Zeros beyond the type's fraction
// digits are no loss and accepted. Errors: strconv.ErrSyntax, errDigits, strconv.ErrRange.
func scanDecimal(text string, digits int) (int64, error) {
	negative := false
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	whole, fraction, point := strings.Cut(text, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return 0, strconv.ErrSyntax
	}
	if len(fraction) > digits {
		if strings.Trim(fraction[digits:], "0") != "" {
			return 0, errDigits
		}
		fraction = fraction[:digits]
	}
	var n uint64
	add := func(d byte) bool {
		if n > (math.MaxUint64-9)/10 {
			return false
		}
		n = n*10 + uint64(d)
		return true
	}
	for i := range len(whole) + digits {
		var d byte
		switch {
		case i < len(whole):
			d = whole[i] - '0'
		case i-len(whole) < len(fraction):
			d = fraction[i-len(whole)] - '0'
		}
		if !add(d) {
			return 0, strconv.ErrRange
		}
	}
	switch {
	case negative && n <= 1<<63:
		return -int64(n), nil
	case n <= math.MaxInt64:
		return int64(n), nil
	}
	return 0, strconv.ErrRange
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// appendDecimal appends the canonical form of RFC 7950 Section 9.3.2.
func appendDecimal(dst []byte, unscaled int64, digits int) []byte {
	n := uint64(unscaled)
	if unscaled < 0 {
		dst = append(dst, '-')
		n = -n
	}
	var b [20]byte
	s := strconv.AppendUint(b[:0], n, 10)
	if len(s) <= digits {
		dst = append(dst, '0', '.')
		dst = append(dst, "000000000000000000"[:digits-len(s)]...)
		dst = append(dst, s...)
	} else {
		dst = append(append(dst, s[:len(s)-digits]...), '.')
		dst = append(dst, s[len(s)-digits:]...)
	}
	for dst[len(dst)-1] == '0' && dst[len(dst)-2] != '.' {
		dst = dst[:len(dst)-1]
	}
	return dst
}
