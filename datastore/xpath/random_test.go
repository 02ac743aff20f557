package xpath_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// How many random trees the tests of expressions make, and from where.
var (
	trees = flag.Int("xpath.trees", 60, "random trees in each comparison with another evaluation")
	seed  = flag.Uint64("xpath.seed", 1, "start of their random numbers")
)

// perTree is how many expressions are evaluated on one random tree.
const perTree = 50

// grammar draws expressions of XPath 1.0. Fields leave out what another
// implementation gets wrong; see the notes there.
type grammar struct {
	axes      []string
	tests     []string
	positions bool // predicates that count; else only one that is alone behind a child step
	functions bool
	unions    bool
	sums      bool // sum()
	mixed     bool // comparisons of node-sets with booleans, of strings and numbers that differ from nodes, of which node-set is less
	nan       bool // numbers that may be none
	sets      bool // count(), string() and the like of sets in which nodes may be found twice or out of order
}

var everyAxis = []string{
	"", "", "", "", "", "child::", "self::", "parent::", "ancestor::", "ancestor-or-self::", "descendant::", "descendant-or-self::",
	"following-sibling::", "preceding-sibling::", "following::", "preceding::",
}

var everything = grammar{
	axes: everyAxis, tests: []string{
		"a", "a", "b", "b", "c", "v", "v", "w", "k", "k", "*", "*", "*", "*", "node()", "node()", "node()", "text()", "r",
		"comment()", "processing-instruction('x')",
	},
	positions: true, functions: true, unions: true, sums: true, mixed: true, nan: true, sets: true,
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func (g grammar) word(r *rand.Rand) string { return pick(r, "1", "2", "x", "yy", "10") }

func (g grammar) path(r *rand.Rand, depth int, starts ...string) string {
	var b strings.Builder
	b.WriteString(pick(r, starts...))
	for i := range 1 + r.IntN(3) {
		if i > 0 {
			b.WriteString(pick(r, "/", "/", "/", "//"))
		}
		b.WriteString(g.step(r, depth))
	}
	return b.String()
}

func (g grammar) step(r *rand.Rand, depth int) string {
	if r.IntN(16) == 0 {
		return pick(r, ".", "..")
	}
	axis := pick(r, g.axes...)
	s := axis + pick(r, g.tests...)
	if !g.positions && axis == "" && r.IntN(5) == 0 {
		return s + "[" + g.counting(r) + "]"
	}
	for depth > 0 && r.IntN(3) == 0 {
		s += "[" + g.predicate(r, depth-1) + "]"
	}
	return s
}

func (g grammar) absolute(r *rand.Rand, depth int) string {
	p := g.path(r, depth, "/", "//", "//", "/r/", "/r/a/", "/r//", "/r/a/b/")
	switch {
	case g.unions && r.IntN(8) == 0:
		return "(" + p + " | " + g.path(r, 0, "//", "/r/", "/r/a/") + ")" + pick(r, "", "", "[1]", "[last()]", "/..", "//k")
	case g.positions && r.IntN(10) == 0:
		return "(" + p + ")[" + g.predicate(r, 0) + "]"
	}
	if r.IntN(6) == 0 {
		return g.entries(r, depth)
	}
	return p
}

// entries looks up several entries, or one.
func (g grammar) entries(r *rand.Rand, depth int) string {
	list, keys := pick(r, "/r/a", "/r/b", "//a", "/r/a/c/a"), "[k = /r/w]"
	if r.IntN(2) == 0 {
		list, keys = pick(r, "/r/a/b", "//a/b"), "[k = /r/w][w = //k]"
	}
	keys = pick(r, keys, "[k = ../k or k = '1']", "[k = 'x' or k = '2' or k = '1']", "["+g.predicate(r, depth)+"]")
	after := pick(r, "", "/k", "/v", "/.."+list[strings.LastIndex(list, "/"):])
	return list + keys + "[" + g.predicate(r, 0) + "]" + after
}

// set is a node-set seen from an entry.
func (g grammar) set(r *rand.Rand, depth int) string {
	if r.IntN(5) == 0 {
		return g.absolute(r, depth)
	}
	if r.IntN(2) == 0 {
		return pick(r, "k", "v", "w", "c/v", ".", "*", "../v", "b/k", "../k", "./k", "../../v")
	}
	return g.path(r, depth, "", "../", ".//")
}

func (g grammar) predicate(r *rand.Rand, depth int) string {
	kind := r.IntN(14)
	if !g.positions {
		kind = r.IntN(10)
	}
	switch kind {
	case 0, 1:
		return g.boolean(r, depth)
	case 2:
		return g.set(r, depth)
	case 3: // look-ups
		return fmt.Sprintf("k = '%s'", g.word(r))
	case 4:
		return fmt.Sprintf("k = '%s'][w = '%s'", g.word(r), g.word(r))
	case 5:
		return fmt.Sprintf("w = %s and k = '%s'", pick(r, "/r/w", "../v", "../k", "'1'"), g.word(r))
	case 6:
		return fmt.Sprintf("k = %s", pick(r, "../v", "../k", "/r/w", "../b/k", "../../v", "/r/a/k", "concat(../k, '')"))
	case 7:
		return fmt.Sprintf("k = '%s' or k = '%s'", g.word(r), g.word(r))
	case 8:
		return fmt.Sprintf(". = '%s'", g.word(r))
	case 9:
		return fmt.Sprintf("%s or %s", g.boolean(r, 0), g.boolean(r, 0))
	}
	return g.counting(r)
}

// counting is a predicate that counts.
func (g grammar) counting(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return fmt.Sprint(r.IntN(4))
	case 1:
		return "last()" + pick(r, "", "", " - 1", " - 2")
	case 2:
		op, limit := pick(r, "<", ">", "=", "!=", ">="), pick(r, "1", "2", "last()", "count(../*)", "k")
		if !g.mixed && limit == "k" {
			op = "="
		}
		return "position() " + op + " " + limit
	}
	return "position() mod 2 = " + pick(r, "0", "1", "number(k)")
}

func (g grammar) boolean(r *rand.Rand, depth int) string {
	op := pick(r, "=", "=", "!=", "<", "<=", ">", ">=")
	switch r.IntN(8) {
	case 0:
		return "not(" + g.set(r, depth) + ")"
	case 1:
		if !g.mixed {
			op = pick(r, "=", "!=")
		}
		return g.set(r, depth) + " " + op + " " + g.set(r, 0)
	case 2:
		return g.set(r, depth) + " " + op + " '" + g.word(r) + "'"
	case 3:
		return g.number(r, depth) + " " + op + " " + g.number(r, 0)
	case 4:
		if g.functions {
			return pick(r, "starts-with", "contains") + "(" + g.text(r, depth) + ", " + g.text(r, 0) + ")"
		}
	case 5:
		if g.functions && (g.mixed || op == "=") {
			return g.text(r, depth) + " " + op + " " + g.set(r, 0)
		}
	case 6:
		if g.mixed {
			return g.set(r, depth) + " " + op + " " + pick(r, "true()", "false()", "(k and v)")
		}
	}
	return g.set(r, depth) + " " + op + " " + g.number(r, 0)
}

func (g grammar) number(r *rand.Rand, depth int) string {
	literal := pick(r, "0", "1", "2", "10", "1.5", ".5")
	if !g.functions {
		return pick(r, literal, "count("+g.set(r, depth)+")")
	}
	switch r.IntN(8) {
	case 0:
		return "count(" + g.set(r, depth) + ")"
	case 1:
		if g.sums {
			return "sum(" + g.set(r, depth) + ")"
		}
	case 2:
		if g.nan {
			return "number(" + g.set(r, depth) + ")"
		}
	case 3:
		return "string-length(" + g.text(r, depth) + ")"
	case 4:
		return pick(r, "round", "floor", "ceiling") + "(" + g.number(r, 0) + pick(r, " div 4", " * -1.5", " - 0.5") + ")"
	case 5:
		operator := pick(r, " + ", " - ", " * ", " div ", " mod ")
		if !g.nan {
			operator = pick(r, " + ", " - ", " * ")
		}
		return "(" + g.number(r, 0) + operator + g.number(r, 0) + ")"
	case 6:
		return "-" + literal
	}
	return literal
}

func (g grammar) text(r *rand.Rand, depth int) string {
	switch r.IntN(16) {
	case 0:
		return "string(" + g.set(r, depth) + ")"
	case 1:
		return "concat(" + g.text(r, 0) + ", " + g.set(r, 0) + ")"
	case 2, 3:
		from, count := pick(r, "0", "1", "2"), pick(r, "1", "2", "3")
		if g.nan {
			from, count = g.number(r, 0), g.number(r, 0)
		}
		return fmt.Sprintf("substring(%s, %s%s)", g.text(r, 0), from, pick(r, "", ", "+count))
	case 4:
		return pick(r, "substring-before", "substring-after") + "(" + g.text(r, 0) + ", '" + pick(r, "", "1", "x", "y") + "')"
	case 5:
		return "translate(" + g.text(r, 0) + ", '" + pick(r, "x", "xy1", "") + "', '" + pick(r, "", "ab", "1é") + "')"
	case 6:
		return "normalize-space(concat(' ', " + g.text(r, 0) + ", '  ', " + g.text(r, 0) + "))"
	case 7:
		return "string(" + g.number(r, 0) + ")"
	case 8:
		return "local-name(" + g.set(r, 0) + ")"
	}
	return "'" + g.word(r) + "'"
}

// expression draws one of any type.
func (g grammar) expression(r *rand.Rand) string {
	kind := r.IntN(10)
	switch {
	case kind == 0 && g.sets:
		return "count(" + g.absolute(r, 2) + ")"
	case kind == 1 && g.sets:
		return "string(" + g.absolute(r, 2) + ")"
	case kind == 2:
		return "boolean(" + g.absolute(r, 2) + ")"
	case kind == 3:
		return g.absolute(r, 2) + " = '" + g.word(r) + "'"
	case kind == 4 && g.functions:
		return g.absolute(r, 1) + pick(r, " = ", " != ", " < ", " >= ") + g.absolute(r, 1)
	case kind == 5 && g.sums:
		return "sum(" + g.absolute(r, 1) + ")"
	}
	return g.absolute(r, 2)
}

// without are the axes that are not in l.
func without(l ...string) []string {
	return slices.DeleteFunc(slices.Clone(everyAxis), func(a string) bool { return slices.Contains(l, a) })
}

// randomTree draws a tree of s.
func randomTree(r *rand.Rand, s *yang.Schema) *tree.Tree {
	m := tree.New(s.Root).Mutate()
	fill(r, m.Ensure(s.Root.Data[0]))
	return m.Done()
}

func fill(r *rand.Rand, m *tree.Mut) {
	for _, s := range m.Schema().Data {
		switch {
		case s.IsKey:
		case s.Kind == yang.Leaf && r.IntN(4) > 0:
			m.SetLeaf(s, value(r, s))
		case s.Kind == yang.Container && r.IntN(3) > 0:
			fill(r, m.Ensure(s))
		case s.Kind == yang.LeafList:
			for range r.IntN(4) {
				m.AddValue(s, value(r, s), tree.Position{Where: tree.Where(r.IntN(2))})
			}
		case s.Kind == yang.List:
			for range r.IntN(4) {
				var keys []yang.Value
				for _, k := range s.Keys {
					keys = append(keys, value(r, k))
				}
				if e, existed := m.AddEntry(s, keys, tree.Position{}); !existed {
					fill(r, e)
				}
			}
		}
	}
}

func value(r *rand.Rand, s *yang.Node) yang.Value {
	for {
		if v, err := s.Type.Parse(pick(r, "1", "2", "x", "yy", "10"), nil); err == nil {
			return v
		}
	}
}
