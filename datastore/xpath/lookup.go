package xpath

import (
	"slices"
	"strings"
)

// source gives the texts that a key may have, seen from the parent of the entries.
type source struct {
	text textFunc
	set  *nodeset
	or   []source // instead of the others: what each of them gives
}

// one tells whether the source gives at most one text.
func (s *source) one() bool { return s.or == nil && (s.set == nil || s.set.one) }

// first is the text of a source that gives at most one.
func (s *source) first(e *Env, c *Cursor) (text string, ok bool) {
	f := frame{at: c, pos: 1, size: 1}
	if s.set == nil {
		return s.text(e, f), true
	}
	if x := s.set.first(e, f); x != nil {
		return e.text(x), true
	}
	return "", false
}

// texts are all texts, sorted, each once.
func (s *source) texts(e *Env, c *Cursor) (l []string) {
	switch {
	case s.or != nil:
		for i := range s.or {
			l = append(l, s.or[i].texts(e, c)...)
		}
	case s.one():
		if text, ok := s.first(e, c); ok {
			return []string{text}
		}
		return nil
	default:
		s.set.some(e, frame{at: c, pos: 1, size: 1}, func(x *Cursor) bool {
			l = append(l, e.text(x))
			return e.hold(mapEntry)
		})
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// oneKey tells whether at most one entry can be found.
func oneKey(l []source) bool {
	return !slices.ContainsFunc(l, func(s source) bool { return !s.one() })
}

// find passes on the entries below c that the look-up leads to.
func (st *step) find(e *Env, c *Cursor, next walker, out *sink) bool {
	if oneKey(st.lookup) {
		return st.findOne(e, c, next, out)
	}
	choices := make([][]string, len(st.lookup))
	for i := range st.lookup {
		if choices[i] = st.lookup[i].texts(e, c); len(choices[i]) == 0 {
			return e.charge(1)
		}
	}
	return st.findEach(e, c, choices, "", next, out)
}

func (st *step) findOne(e *Env, c *Cursor, next walker, out *sink) bool {
	key := ""
	for i := range st.lookup {
		text, ok := st.lookup[i].first(e, c)
		if !ok || len(st.lookup) > 1 && strings.IndexByte(text, 0) >= 0 {
			return e.charge(1)
		}
		key = joinKey(key, text, i)
	}
	return st.findKey(e, c, key, next, out)
}

// joinKey adds the text of key i, as tree.KeyOf has it.
func joinKey(key, text string, i int) string {
	if i == 0 {
		return text
	}
	return key + "\x00" + text
}

// findEach tries all combinations of key texts that start with key.
func (st *step) findEach(e *Env, c *Cursor, choices [][]string, key string, next walker, out *sink) bool {
	i := len(st.lookup) - len(choices)
	if len(choices) == 0 {
		return st.findKey(e, c, key, next, out)
	}
	for _, text := range choices[0] {
		if strings.IndexByte(text, 0) >= 0 {
			continue // no YANG value has such a text
		}
		if !st.findEach(e, c, choices[1:], joinKey(key, text, i), next, out) {
			return false
		}
	}
	return true
}

func (st *step) findKey(e *Env, c *Cursor, key string, next walker, out *sink) bool {
	if !e.charge(1) {
		return false
	}
	n := c.node.Entry(st.list, key)
	return n == nil || st.offerNode(e, n, c, false, next, out)
}
