package yang

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestParseRanges(t *testing.T) {
	cents := &Type{Base: Decimal64, FractionDigits: 2}
	small := &Type{Base: Int32, Range: []Range{{1, 4}, {10, 20}}} // RFC 7950 Section 9.2.5
	joined := &Type{Base: Int32, Range: []Range{{1, 4}, {5, 9}}}
	for _, c := range []struct {
		expr string
		typ  *Type
		want []Range
		err  string
	}{
		{expr: "1..4 | 10..20", typ: &Type{Base: Int32}, want: []Range{{1, 4}, {10, 20}}},
		{expr: "11..max", typ: small, want: []Range{{11, 20}}},
		{expr: "min..2|3|max", typ: small, want: []Range{{1, 2}, {3, 3}, {20, 20}}},
		{expr: "11..100", typ: small, err: "not within"},
		{expr: "3..11", typ: small, err: "not within"},
		{expr: "3..7", typ: joined, want: []Range{{3, 7}}},
		{expr: "min..max", typ: &Type{Base: Int8}, want: []Range{{-128, 127}}},
		{expr: "0..128", typ: &Type{Base: Int8}, err: "128 does not fit int8"},
		{expr: "4..1", typ: &Type{Base: Int8}, err: "lower end of 4..1"},
		{expr: "5..6|1..2", typ: &Type{Base: Int8}, err: "ascending"},
		{expr: "1..5|5..6", typ: &Type{Base: Int8}, err: "disjoint"},
		{expr: "-5..-1", typ: &Type{Base: Int8}, want: []Range{{-5, -1}}},
		{expr: "+5", typ: &Type{Base: Int8}, err: "expected a number"},
		{expr: "05", typ: &Type{Base: Int8}, err: "expected a number"},
		{expr: "1.5", typ: &Type{Base: Int8}, err: "expected a number"},
		{expr: "", typ: &Type{Base: Int8}, err: "expected a number"},
		{expr: "1..", typ: &Type{Base: Int8}, err: "expected a number"},
		{expr: "1..2..3", typ: &Type{Base: Int8}, err: "expected a number"},
		{expr: "1|", typ: &Type{Base: Int8}, err: "expected a number"},
		{expr: "1..max", typ: &Type{Base: Uint64}, want: []Range{{1, -1}}},
		{expr: "9223372036854775808..max", typ: &Type{Base: Uint64}, want: []Range{{math.MinInt64, -1}}},
		{expr: "-1..5", typ: &Type{Base: Uint64}, err: "does not fit uint64"},
		{expr: "1 .. 3.14 | 10 | 20..max", typ: cents, want: []Range{{100, 314}, {1000, 1000}, {2000, math.MaxInt64}}}, // RFC 7950 Section 9.3.5
		{expr: "1..3.141", typ: cents, err: "more than 2 fraction digits"},
		{expr: "92233720368547758.08", typ: cents, err: "does not fit decimal64"},
		{expr: "1..2", typ: &Type{Base: String}, err: "type string takes no range"},
	} {
		t.Run(c.typ.Base.String()+" "+c.expr, func(t *testing.T) {
			got, err := parseRanges(c.expr, c.typ)
			checkIntervals(t, got, c.want, err, c.err)
		})
	}
}

func TestParseLengths(t *testing.T) {
	base := &Type{Base: String, Length: []Range{{1, 255}}}
	for _, c := range []struct {
		expr string
		typ  *Type
		want []Range
		err  string
	}{
		{expr: "0..4", typ: &Type{Base: String}, want: []Range{{0, 4}}},
		{expr: "1..max", typ: &Type{Base: Binary}, want: []Range{{1, math.MaxInt64}}},
		{expr: "1..18446744073709551615", typ: &Type{Base: String}, want: []Range{{1, math.MaxInt64}}},
		{expr: "11 | 42..max", typ: base, want: []Range{{11, 11}, {42, 255}}}, // RFC 7950 Section 9.4.7
		{expr: "1..999", typ: base, err: "not within the length"},
		{expr: "-1..5", typ: &Type{Base: String}, err: "expected a number"},
		{expr: "+1", typ: &Type{Base: String}, err: "expected a number"},
		{expr: "1..2", typ: &Type{Base: Int8}, err: "type int8 takes no length"},
	} {
		t.Run(c.expr, func(t *testing.T) {
			got, err := parseLengths(c.expr, c.typ)
			checkIntervals(t, got, c.want, err, c.err)
		})
	}
}

func checkIntervals(t *testing.T, got, want []Range, err error, part string) {
	t.Helper()
	switch {
	case part == "" && (err != nil || !reflect.DeepEqual(got, want)):
		t.Errorf("got %v, %v, want %v", got, err, want)
	case part != "" && (err == nil || !strings.Contains(err.Error(), part)):
		t.Errorf("got %v, %v, want an error with %q", got, err, part)
	}
}
