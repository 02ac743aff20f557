package alto

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// predicate is one constraint test: the cost of a type compared with a target.
type predicate struct {
	costs    *CostMatrix
	operator string // gt, lt, ge, le, eq
	target   float64
}

// constraints is an OR of ANDs of predicates (RFC 8189 Section 4.1.2); nil holds
// for every pair.
type constraints [][]predicate

// maxTests bounds the comparisons of one request, about a second of work. A test
// or two of every pair is always granted.
const maxTests = 16 << 20

// excessive reports whether testing this many pairs is too much work.
func (c constraints) excessive(pairs int) bool {
	tests := 0
	for _, all := range c {
		tests += len(all)
	}
	return tests > 2 && tests*pairs > maxTests
}

// hold tests the costs from PID s to PID d; a missing cost fails its test.
func (c constraints) hold(s, d string) bool {
	for _, all := range c {
		if holdAll(all, s, d) {
			return true
		}
	}
	return c == nil
}

func holdAll(all []predicate, s, d string) bool {
	for _, p := range all {
		cost, ok := p.costs.Cost(s, d)
		if !ok || !p.holds(cost) {
			return false
		}
	}
	return true
}

func (p predicate) holds(cost float64) bool {
	switch p.operator {
	case "gt":
		return cost > p.target
	case "lt":
		return cost < p.target
	case "ge":
		return cost >= p.target
	case "le":
		return cost <= p.target
	}
	return cost == p.target
}

// testScope says what the predicates of a request may test.
type testScope struct {
	field    string      // of the request
	offers   []CostOffer // that an index counts in
	indexed  bool        // an index may be written
	testable []string    // cost types that alone may be tested; empty: all
}

// predicate reads "[i] op value" (RFC 8189 Section 4.1.2), the index being 0 where
// it is left out.
func (t testScope) predicate(s string) (predicate, bool) {
	words := strings.Fields(s)
	i := 0
	if len(words) == 3 && t.indexed && strings.HasPrefix(words[0], "[") && strings.HasSuffix(words[0], "]") {
		n, err := strconv.ParseUint(words[0][1:len(words[0])-1], 10, 31)
		if err != nil {
			return predicate{}, false
		}
		i, words = int(n), words[1:]
	}
	if len(words) != 2 || i >= len(t.offers) {
		return predicate{}, false
	}
	if len(t.testable) > 0 && !slices.Contains(t.testable, t.offers[i].CostType) {
		return predicate{}, false
	}
	switch words[0] {
	case "gt", "lt", "ge", "le", "eq":
	default:
		return predicate{}, false
	}
	target, err := strconv.ParseFloat(words[1], 64)
	if err != nil || math.IsNaN(target) || math.IsInf(target, 0) {
		return predicate{}, false
	}
	return predicate{t.offers[i].Costs, words[0], target}, true
}

// all reads the predicates of one AND.
func (t testScope) all(values []jsontext.Value) ([]predicate, *protocolError) {
	texts, e := stringsOf(t.field, values)
	if e != nil {
		return nil, e
	}
	all := make([]predicate, 0, len(texts))
	for _, text := range texts {
		p, ok := t.predicate(text)
		if !ok {
			return nil, invalidValue(t.field, text)
		}
		all = append(all, p)
	}
	return all, nil
}
