package yang

import (
	"math"
	"strconv"
	"strings"
)

// integerLimits are the ends of an integer type; for uint64 as bit patterns.
func (b Base) integerLimits() Range {
	switch b {
	case Int8:
		return Range{math.MinInt8, math.MaxInt8}
	case Int16:
		return Range{math.MinInt16, math.MaxInt16}
	case Int32:
		return Range{math.MinInt32, math.MaxInt32}
	case Uint8:
		return Range{0, math.MaxUint8}
	case Uint16:
		return Range{0, math.MaxUint16}
	case Uint32:
		return Range{0, math.MaxUint32}
	case Uint64:
		return Range{0, -1}
	}
	return Range{math.MinInt64, math.MaxInt64}
}

// parseInteger reads an integer: decimal, and in a module also hexadecimal and
// octal (RFC 7950 Section 9.2.1).
func (t *Type) parseInteger(text string, from notation) (Value, *failure) {
	n, err := t.Base.scanInteger(text, from == notationModule)
	switch {
	case err == strconv.ErrSyntax:
		return Value{}, t.fail(text, "is no integer")
	case err != nil || !t.inRange(n):
		return Value{}, t.failRange(text)
	}
	return Value{typ: t, num: n}, nil
}

// scanInteger returns the number, strconv.ErrSyntax, or strconv.ErrRange for one
// that the type cannot hold.
func (b Base) scanInteger(text string, anyBase bool) (int64, error) {
	digits := text
	negative := false
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		negative = digits[0] == '-'
		digits = digits[1:]
	}
	base := 10
	if anyBase && len(digits) > 1 && digits[0] == '0' {
		base, digits = 8, digits[1:]
		if digits[0] == 'x' || digits[0] == 'X' {
			base, digits = 16, digits[1:]
		}
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, err.(*strconv.NumError).Err
	}
	if b == Uint64 {
		if negative && n != 0 {
			return 0, strconv.ErrRange
		}
		return int64(n), nil
	}
	switch {
	case negative && n <= 1<<63:
		return -int64(n), nil
	case n <= math.MaxInt64:
		return int64(n), nil
	}
	return 0, strconv.ErrRange
}

// wholeNumber rewrites a JSON number that has a fraction or exponent but no
// fractional value ("1.0", "1e2") as plain digits.
func wholeNumber(text string) (string, bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole == mantissa && mantissa == text {
		return text, false
	}
	shift := 0
	if mantissa != strings.ToLower(text) {
		var err error
		if shift, err = strconv.Atoi(exponent); err != nil || shift > 32 || shift < -32 {
			return text, false
		}
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	digits := whole + fraction
	point := len(whole) + shift
	switch {
	case point <= 0:
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	case point > len(digits):
		digits += strings.Repeat("0", point-len(digits))
	}
	if strings.Trim(digits[point:], "0") != "" {
		return text, false
	}
	return sign + digits[:point], true
}
