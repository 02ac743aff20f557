package yang

import "unicode/utf8"

// class reads a character class expression after its "[": a group, perhaps
// negated, perhaps with another class subtracted.
func (p *patternParser) class() (runeSet, error) {
	if p.depth++; p.depth > maxPatternDepth {
		return nil, p.errorf("character classes nest deeper than %d", maxPatternDepth)
	}
	defer func() { p.depth-- }()
	negated := p.take("^")
	var set runeSet
	for first := true; ; first = false {
		switch r := p.peek(); {
		case r < 0:
			return nil, p.errorf(`expected "]"`)
		case r == ']' && first:
			return nil, p.errorf(`the character class is empty; a literal ] is written \]`)
		case r == ']':
			p.pos++
			return set.finish(negated), nil
		case r == '[':
			return nil, p.errorf(`"[" in a character class; a literal [ is written \[`)
		case r == '-' && !first && p.take("-["):
			minus, err := p.class()
			if err == nil && !p.take("]") {
				err = p.errorf(`expected "]" after the subtracted class`)
			}
			return set.finish(negated).subtract(minus), err
		}
		part, err := p.classPart(first)
		if err != nil {
			return nil, err
		}
		set = append(set, part...)
	}
}

// classPart reads one character, range or escape of a class.
func (p *patternParser) classPart(first bool) (runeSet, error) {
	if p.peek() == '-' {
		p.pos++
		if !first && p.peek() != ']' {
			p.pos--
			return nil, p.errorf(`"-" in the middle of a character class; a literal - is written \-`)
		}
		return single('-'), nil
	}
	set, one, err := p.classChar()
	if err != nil || !one || p.peek() != '-' || p.rangeEndMissing() {
		return set, err
	}
	p.pos++
	at := p.pos
	end, one, err := p.classChar()
	switch {
	case err != nil:
		return nil, err
	case !one || p.text[at] == '-' || p.text[at] == '[':
		p.pos = at
		return nil, p.errorf("expected the upper end of a character range")
	case end[0].last < set[0].first:
		p.pos = at
		return nil, p.errorf("the character range ends before it starts")
	}
	return runeSet{{set[0].first, end[0].last}}, nil
}

// rangeEndMissing tells that the "-" ahead is the last of its group.
func (p *patternParser) rangeEndMissing() bool {
	after := p.text[p.pos+1:]
	return after == "" || after[0] == ']' || after[0] == '['
}

func (p *patternParser) classChar() (set runeSet, one bool, err error) {
	switch p.peek() {
	case -1:
		return nil, false, p.errorf(`expected "]"`)
	case '\\':
		return p.escape()
	}
	return single(p.next()), true, nil
}

// escape reads a "\": one tells that it stands for a single character.
func (p *patternParser) escape() (set runeSet, one bool, err error) {
	start := p.pos
	p.pos++
	if p.pos == len(p.text) {
		p.pos = start
		return nil, false, p.errorf(`"\" at the end; a literal \ is written \\`)
	}
	switch r := p.next(); r {
	case 'n':
		return single('\n'), true, nil
	case 'r':
		return single('\r'), true, nil
	case 't':
		return single('\t'), true, nil
	case '\\', '|', '.', '?', '*', '+', '(', ')', '{', '}', '-', '[', ']', '^':
		return single(r), true, nil
	case 'p', 'P':
		set, err = p.property()
		if r == 'P' {
			set = set.negate()
		}
		return set, false, err
	default:
		if set, ok := multiEscape(r); ok {
			return set, false, nil
		}
		p.pos = start
		return nil, false, p.errorf(`"\%c" is no escape of XML Schema regular expressions`, r)
	}
}

// property reads the "{name}" of a \p escape.
func (p *patternParser) property() (runeSet, error) {
	if !p.take("{") {
		return nil, p.errorf(`expected "{" and a category or block name`)
	}
	start := p.pos
	for r := p.peek(); r != '}'; r = p.peek() {
		if r < 0 {
			return nil, p.errorf(`expected "}"`)
		}
		p.pos += utf8.RuneLen(r)
	}
	name := p.text[start:p.pos]
	set, ok := property(name)
	if !ok {
		p.pos = start
		return nil, p.errorf("%q is neither a Unicode category nor a block", name)
	}
	p.pos++
	return set, nil
}
