package yang

import (
	"cmp"
	"math/big"
)

// Compare orders the values of one schema node: numbers by value, all else by
// canonical text, numbers (of a union) before text. It returns a negative
// number, zero or a positive one; zero only for equal values. The zero Value comes first.
func (v Value) Compare(w Value) int {
	if v == w {
		return 0
	}
	vn, wn := v.Base().isNumber(), w.Base().isNumber()
	switch {
	case v.typ == nil || w.typ == nil:
		return cmp.Compare(order(v.typ != nil), order(w.typ != nil))
	case vn != wn:
		return cmp.Compare(order(!vn), order(!wn))
	case vn:
		if c := compareNumbers(v, w); c != 0 {
			return c
		}
	default:
		if c := cmp.Compare(v.String(), w.String()); c != 0 {
			return c
		}
	}
	return cmp.Compare(v.typ.Base, w.typ.Base)
}

func order(later bool) int {
	if later {
		return 1
	}
	return 0
}

func (b Base) isNumber() bool {
	switch b {
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Decimal64:
		return true
	}
	return false
}

func compareNumbers(v, w Value) int {
	a, aok := v.Int()
	b, bok := w.Int()
	if aok && bok {
		return cmp.Compare(a, b)
	}
	if v.typ.Base == Decimal64 && w.typ.Base == Decimal64 && v.typ.FractionDigits == w.typ.FractionDigits {
		return cmp.Compare(v.num, w.num)
	}
	if v.typ.Base == Uint64 && w.typ.Base == Uint64 {
		return cmp.Compare(uint64(v.num), uint64(w.num))
	}
	return v.rat().Cmp(w.rat())
}

// rat is the number exactly; only unions that mix number types need it.
func (v Value) rat() *big.Rat {
	switch v.typ.Base {
	case Uint64:
		return new(big.Rat).SetInt(new(big.Int).SetUint64(uint64(v.num)))
	case Decimal64:
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(v.typ.FractionDigits)), nil)
		return new(big.Rat).SetFrac(big.NewInt(v.num), scale)
	}
	return new(big.Rat).SetInt64(v.num)
}
