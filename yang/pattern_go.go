package yang

import (
	"fmt"
	"regexp"
	"strconv"
)

const (
	// maxPatternSize bounds the characters and classes of a pattern once its
	// repetitions are written out, and so the memory and time of a match.
	maxPatternSize = 1 << 17
	// maxPatternGoText bounds the text handed to regexp.
	maxPatternGoText = 4 << 20
	// maxGoRepeat is the largest count regexp takes, nested counts multiplied.
	maxGoRepeat = 1000
)

// goText is the expression for regexp: anchored, and spelled with nothing but
// literals, classes of code points, groups and repetitions.
func (e *patternExpr) goText() (string, error) {
	if e.size() > maxPatternSize {
		return "", fmt.Errorf("needs more than %d states once its repetitions are written out", maxPatternSize)
	}
	w := patternWriter{b: []byte("^(?:")}
	w.expr(e)
	if len(w.b) > maxPatternGoText {
		return "", fmt.Errorf("needs more than %d octets once its nested repetitions are written out", maxPatternGoText)
	}
	return string(append(w.b, ")$"...)), nil
}

// size is the number of states, capped just above maxPatternSize.
func (e *patternExpr) size() int {
	n := 1
	for _, s := range e.subs {
		n += s.size()
	}
	if e.kind == patternRepeat {
		n *= max(e.min, e.max, 1)
	}
	return min(n, maxPatternSize+1)
}

type patternWriter struct{ b []byte }

// expr writes e and returns how often counted repetitions within it multiply.
func (w *patternWriter) expr(e *patternExpr) (weight int) {
	if len(w.b) > maxPatternGoText {
		return 1
	}
	weight = 1
	switch e.kind {
	case patternOneOf:
		w.set(e.set)
	case patternSequence:
		for _, s := range e.subs {
			weight = max(weight, w.expr(s))
		}
	case patternChoice:
		w.b = append(w.b, "(?:"...)
		for i, s := range e.subs {
			if i > 0 {
				w.b = append(w.b, '|')
			}
			weight = max(weight, w.expr(s))
		}
		w.b = append(w.b, ')')
	case patternRepeat:
		weight = w.repeat(e)
	}
	return weight
}

func (w *patternWriter) set(s runeSet) {
	if len(s) == 1 && s[0].first == s[0].last {
		w.b = append(w.b, regexp.QuoteMeta(string(s[0].first))...)
		return
	}
	w.b = append(w.b, '[')
	if not := s.negate(); len(not) > 0 && len(not) < len(s) || len(s) == 0 {
		w.b = append(w.b, '^')
		s = not
	}
	for _, r := range s {
		w.char(r.first)
		if r.first != r.last {
			w.b = append(w.b, '-')
			w.char(r.last)
		}
	}
	w.b = append(w.b, ']')
}

func (w *patternWriter) char(r rune) {
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		w.b = append(w.b, byte(r))
		return
	}
	w.b = append(strconv.AppendInt(append(w.b, `\x{`...), int64(r), 16), '}')
}

// repeat writes {min,max}. Counts beyond what regexp takes are put together from
// blocks, in such a way that a match has few ways to run through them.
func (w *patternWriter) repeat(e *patternExpr) int {
	at := len(w.b)
	w.b = append(w.b, "(?:"...)
	inner := w.expr(e.subs[0])
	w.b = append(w.b, ')')
	sub := string(w.b[at:])
	w.b = w.b[:at]
	block := max(maxGoRepeat/inner, 1)
	counted := func(low, high int) {
		if high == 0 {
			return
		}
		w.b = append(w.b, sub...)
		if high > 1 || low != high {
			w.b = fmt.Appendf(w.b, "{%d,%d}", low, high)
		}
	}
	low := e.min
	for ; low > block && len(w.b) <= maxPatternGoText; low -= block {
		counted(block, block)
	}
	counted(low, low)
	weight := min(max(e.min, e.max, 1), block) * inner
	if e.max < 0 {
		w.b = append(append(w.b, sub...), '*')
		return weight
	}
	// More, 0 to rest times: a block and again more, or what is less than a block.
	rest, open := e.max-e.min, 0
	for ; rest > block && len(w.b) <= maxPatternGoText; rest -= block {
		w.b = append(w.b, "(?:"...)
		counted(0, block-1)
		w.b = append(w.b, '|')
		counted(block, block)
		open++
	}
	counted(0, rest)
	for range open {
		w.b = append(w.b, ')')
	}
	return weight
}
