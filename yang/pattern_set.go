package yang

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// runeSet is a set of characters. Sets that finish, negate, subtract and the
// tables return are ascending, disjoint and without adjacent ranges.
type runeSet []runeRange

type runeRange struct{ first, last rune }

func single(r rune) runeSet { return runeSet{{r, r}} }

var notLineEnd = runeSet{{'\n', '\n'}, {'\r', '\r'}}.negate()

// finish sorts and merges the collected ranges and negates them if asked.
func (s runeSet) finish(negated bool) runeSet {
	s = slices.Clone(s)
	slices.SortFunc(s, func(a, b runeRange) int { return cmp.Compare(a.first, b.first) })
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r.first <= out[n-1].last+1 {
			out[n-1].last = max(out[n-1].last, r.last)
			continue
		}
		out = append(out, r)
	}
	if negated {
		return out.negate()
	}
	return out
}

func (s runeSet) negate() runeSet {
	var out runeSet
	from := rune(0)
	for _, r := range s {
		if r.first > from {
			out = append(out, runeRange{from, r.first - 1})
		}
		from = r.last + 1
	}
	if from <= unicode.MaxRune {
		out = append(out, runeRange{from, unicode.MaxRune})
	}
	return out
}

func (s runeSet) subtract(minus runeSet) runeSet {
	return append(s.negate(), minus...).finish(true)
}

// contains looks r up in a finished set.
func (s runeSet) contains(r rune) bool {
	_, found := slices.BinarySearchFunc(s, r, func(x runeRange, r rune) int {
		switch {
		case x.last < r:
			return -1
		case x.first > r:
			return 1
		}
		return 0
	})
	return found
}

func tableSet(tables ...*unicode.RangeTable) runeSet {
	var s runeSet
	for _, t := range tables {
		for _, r := range t.R16 {
			if r.Stride == 1 {
				s = append(s, runeRange{rune(r.Lo), rune(r.Hi)})
				continue
			}
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				s = append(s, runeRange{c, c})
			}
		}
		for _, r := range t.R32 {
			if r.Stride == 1 {
				s = append(s, runeRange{rune(r.Lo), rune(r.Hi)})
				continue
			}
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				s = append(s, runeRange{c, c})
			}
		}
	}
	return s.finish(false)
}

// listSet reads "41-5A 5F".
func listSet(text string) runeSet {
	var s runeSet
	for word := range strings.FieldsSeq(text) {
		first, last, ok := strings.Cut(word, "-")
		if !ok {
			last = first
		}
		s = append(s, runeRange{hexRune(first), hexRune(last)})
	}
	return s.finish(false)
}

func hexRune(s string) rune {
	n, err := strconv.ParseInt(s, 16, 32)
	if err != nil {
		panic(fmt.Sprintf("character table: %v", err))
	}
	return rune(n)
}

var (
	spaceSet     = runeSet{{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}}
	nameStartSet = sync.OnceValue(func() runeSet { return listSet(xmlNameStart) })
	nameCharSet  = sync.OnceValue(func() runeSet { return listSet(xmlNameChar) })
	digitSet     = sync.OnceValue(func() runeSet { return tableSet(unicode.Nd) })
	// wordSet are all characters but punctuation, separators and others.
	wordSet = sync.OnceValue(func() runeSet {
		p, _ := property("P")
		z, _ := property("Z")
		c, _ := property("C")
		return slices.Concat(p, z, c).finish(true)
	})
	// assignedSet are the characters that have a category.
	assignedSet = sync.OnceValue(func() runeSet {
		return tableSet(unicode.L, unicode.M, unicode.N, unicode.P, unicode.Z, unicode.S, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co)
	})
	blockSets = sync.OnceValue(func() map[string]runeSet {
		m := make(map[string]runeSet)
		for entry := range strings.FieldsFuncSeq(unicodeBlocks, func(r rune) bool { return r == ',' || r == '\n' }) {
			f := strings.Fields(entry)
			m[f[0]] = runeSet{{hexRune(f[1]), hexRune(f[2])}}
		}
		return m
	})
)

// multiEscape is the set of \s, \i, \c, \d, \w and their complements.
func multiEscape(r rune) (runeSet, bool) {
	var s runeSet
	switch unicode.ToLower(r) {
	case 's':
		s = spaceSet
	case 'i':
		s = nameStartSet()
	case 'c':
		s = nameCharSet()
	case 'd':
		s = digitSet()
	case 'w':
		s = wordSet()
	default:
		return nil, false
	}
	if r < 'a' {
		s = s.negate()
	}
	return s, true
}

const categoryNames = " L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po Z Zs Zl Zp S Sm Sc Sk So C Cc Cf Co Cn "

// property is the set of a Unicode category ("Lu") or, after "Is", a block.
func property(name string) (runeSet, bool) {
	if block, ok := strings.CutPrefix(name, "Is"); ok {
		s, ok := blockSets()[block]
		return s, ok
	}
	switch {
	case name == "" || strings.Contains(name, " ") || !strings.Contains(categoryNames, " "+name+" "):
		return nil, false
	case name == "Cn":
		return assignedSet().negate(), true
	case name == "C":
		return append(assignedSet().negate(), tableSet(unicode.C)...).finish(false), true
	}
	return tableSet(unicode.Categories[name]), true
}
