package yang

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// named are the rules of an enumeration's enums (RFC 7950 Section 9.6) or of
// the bits of a bits type (RFC 7950 Section 9.7).
type named struct {
	kw, number string // "enum" with "value", "bit" with "position"
	min, max   int64
}

var (
	namedEnums = named{"enum", "value", math.MinInt32, math.MaxInt32}
	namedBits  = named{"bit", "position", 0, math.MaxUint32}
)

// compileNames reads enum and bit statements.
func (c *compiler) compileNames(s *stmt, t *Type) bool {
	switch t.Base {
	case Enumeration:
		if l := s.all("enum"); len(l) > 0 {
			values, ok := c.namedValues(l, t.Enums, namedEnums)
			t.Enums = values
			return ok
		}
	case Bits:
		if l := s.all("bit"); len(l) > 0 {
			values, ok := c.namedValues(l, t.Bits, namedBits)
			slices.SortStableFunc(values, func(a, b EnumValue) int { return cmp.Compare(a.Value, b.Value) })
			t.Bits = values
			return ok
		}
	}
	return true
}

// namedValues reads the statements; inherited are those of the base type, nil
// for the built-in type itself. Those that an if-feature turned off are left out
// but keep their number.
func (c *compiler) namedValues(list []*stmt, inherited []EnumValue, kind named) (values []EnumValue, ok bool) {
	ok = true
	next := int64(0)
	names, numbers := map[string]bool{}, map[int64]string{}
	base := map[string]int64{}
	for _, v := range inherited {
		base[v.Name] = v.Value
	}
	for _, s := range list {
		n, good := c.number(s, next, kind)
		if good && inherited != nil {
			n, good = c.inheritedNumber(s, base, kind)
		}
		switch other, taken := numbers[n]; {
		case !good:
		case names[s.arg]:
			good = false
			c.at(s, "%s %q is defined twice", kind.kw, s.arg)
		case taken:
			good = false
			c.at(s, "%s %q has %s %d, which is that of %q", kind.kw, s.arg, kind.number, n, other)
		}
		if !good {
			ok = false
			continue
		}
		names[s.arg], numbers[n] = true, s.arg
		if len(numbers) == 1 || n >= next {
			next = n + 1
		}
		if texts, on := c.conditionsOf(s); on {
			values = append(values, EnumValue{Name: s.arg, Value: n, IfFeatures: texts, Status: statusOf(s)})
		}
	}
	if ok && len(values) == 0 {
		c.at(list[0], "every %s is switched off by an if-feature, expected at least one that is on", kind.kw)
		ok = false
	}
	return values, ok
}

// number is the number of an enum or bit: as stated, else the next one.
func (c *compiler) number(s *stmt, next int64, kind named) (int64, bool) {
	v := s.one(kind.number)
	if v == nil {
		if next > kind.max {
			c.at(s, "%s %q needs a %s: the one before it has the highest, %d", kind.kw, s.arg, kind.number, kind.max)
			return 0, false
		}
		return next, true
	}
	n, err := strconv.ParseInt(v.arg, 10, 64)
	if err != nil || n < kind.min || n > kind.max {
		c.at(v, "%s %s is out of range, expected %d to %d", kind.number, v.arg, kind.min, kind.max)
		return 0, false
	}
	return n, true
}

// inheritedNumber is the number in the base type, which the statement may repeat
// but not change.
func (c *compiler) inheritedNumber(s *stmt, base map[string]int64, kind named) (int64, bool) {
	n, ok := base[s.arg]
	if !ok {
		c.at(s, "%s %q is not in the base type", kind.kw, s.arg)
		return 0, false
	}
	if v := s.one(kind.number); v != nil && v.arg != strconv.FormatInt(n, 10) {
		c.at(v, "%s %q has %s %d in the base type, not %s", kind.kw, s.arg, kind.number, n, v.arg)
		return 0, false
	}
	return n, true
}
