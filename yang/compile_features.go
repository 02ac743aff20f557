package yang

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// featureState is a feature while it is judged.
type featureState struct {
	feature *Feature
	judging bool
	judged  bool
}

// condition is a compiled if-feature statement.
type condition struct {
	text string // with module names, as in facts
	on   bool
}

// readFeatures decides which features are on (RFC 7950 Section 7.20.1).
func (c *compiler) readFeatures() {
	for _, name := range sortedKeys(c.options.Features) {
		if c.byName[name] == nil {
			c.add(&Error{Message: fmt.Sprintf("features of module %q are chosen, but it is not loaded", name)})
		}
	}
	for _, u := range c.order {
		chosen, all := c.chosenFeatures(u)
		for _, f := range u.files {
			for _, s := range f.top.subs {
				if s.kw != "feature" || u.defs["feature "+s.arg] != s {
					continue
				}
				feature := &Feature{Module: u.mod, Name: s.arg, Status: statusOf(s), Enabled: all || slices.Contains(chosen, s.arg)}
				u.mod.Features = append(u.mod.Features, feature)
				c.features[s] = &featureState{feature: feature}
			}
		}
		for _, name := range chosen {
			if u.defs["feature "+name] == nil {
				c.add(&Error{File: u.mod.File, Message: fmt.Sprintf("module %q has no feature %q that could be switched on", u.mod.Name, name)})
			}
		}
	}
	for _, u := range c.order {
		for _, f := range u.files {
			for _, s := range f.top.subs {
				if s.kw == "feature" && c.features[s] != nil {
					c.featureOn(s)
				}
			}
		}
	}
}

// chosenFeatures are the features the options turn on in a module, or all.
func (c *compiler) chosenFeatures(u *unit) (names []string, all bool) {
	if names, ok := c.options.Features[u.mod.Name]; ok {
		return names, false
	}
	for _, s := range c.options.Implement {
		if s.Name == u.mod.Name && !s.AllFeatures && s.Features != nil {
			return s.Features, false
		}
	}
	return nil, true
}

// featureOn tells whether a feature is on, and those that it depends on.
func (c *compiler) featureOn(s *stmt) bool {
	state := c.features[s]
	if state.judging {
		c.at(s, "feature %q depends on itself", s.arg)
		return false
	}
	if !state.judged {
		state.judging = true
		texts, on := c.conditionsOf(s)
		state.feature.IfFeatures = texts
		state.feature.Enabled = state.feature.Enabled && on
		state.judging, state.judged = false, true
	}
	return state.feature.Enabled
}

// conditionsOf compiles the if-feature statements of s: their texts and whether
// all hold.
func (c *compiler) conditionsOf(s *stmt) (texts []string, on bool) {
	on = true
	for _, sub := range s.subs {
		if sub.kw == "if-feature" {
			k := c.conditionOf(sub)
			texts = append(texts, k.text)
			on = on && k.on
		}
	}
	return texts, on
}

// conditionOf compiles an if-feature statement, once.
func (c *compiler) conditionOf(s *stmt) condition {
	k, ok := c.conditions[s]
	if !ok {
		p := conditionParser{c: c, s: s, words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s.arg))}
		if m := tightOperator.FindString(s.arg); m != "" {
			c.at(s, "if-feature %q: expected white space around the operator in %q", s.arg, m)
			p.bad = true
		}
		k = p.parse()
		c.conditions[s] = k
	}
	return k
}

// tightOperator finds an operator without the white space that tells it from a
// name (RFC 7950 Section 14, if-feature-expr).
var tightOperator = regexp.MustCompile(`(?:^|[\s()])(?:not|and|or)\(|\)(?:and|or)(?:$|[\s()])`)

// conditionParser parses an if-feature expression (RFC 7950 Section 7.20.2).
type conditionParser struct {
	c     *compiler
	s     *stmt
	words []string
	at    int
	bad   bool
}

func (p *conditionParser) parse() condition {
	if p.s.file.version == "1" && len(p.words) != 1 {
		p.c.at(p.s, "if-feature %q: YANG version 1 takes one feature name, expressions need 1.1", p.s.arg)
		return condition{}
	}
	on := p.or(0)
	if !p.bad && p.at < len(p.words) {
		p.fail("end of the expression")
	}
	text := strings.Join(p.words, " ")
	return condition{text: strings.NewReplacer("( ", "(", " )", ")").Replace(text), on: on && !p.bad}
}

func (p *conditionParser) fail(want string) {
	if !p.bad {
		got := "the end"
		if p.at < len(p.words) {
			got = quote(p.words[p.at])
		}
		p.c.at(p.s, "if-feature %q: expected %s at %s", p.s.arg, want, got)
	}
	p.bad = true
}

func (p *conditionParser) accept(word string) bool {
	if p.bad || p.at >= len(p.words) || p.words[p.at] != word {
		return false
	}
	p.at++
	return true
}

func (p *conditionParser) or(depth int) bool {
	on := p.and(depth)
	for p.accept("or") {
		on = p.and(depth) || on
	}
	return on
}

func (p *conditionParser) and(depth int) bool {
	on := p.factor(depth)
	for p.accept("and") {
		on = p.factor(depth) && on
	}
	return on
}

func (p *conditionParser) factor(depth int) bool {
	switch {
	case p.bad:
		return false
	case depth > maxNesting:
		p.fail("fewer levels of parentheses")
		return false
	case p.accept("not"):
		return !p.factor(depth + 1)
	case p.accept("("):
		on := p.or(depth + 1)
		if !p.accept(")") {
			p.fail(`")"`)
		}
		return on
	case p.at >= len(p.words) || !isReference(p.words[p.at]) || p.words[p.at] == "and" || p.words[p.at] == "or":
		p.fail("a feature name")
		return false
	}
	def := p.c.lookup(p.s, "feature", p.words[p.at])
	if def == nil {
		p.bad = true
		return false
	}
	p.words[p.at] = p.c.features[def].feature.Module.Name + ":" + def.arg
	p.at++
	return p.c.featureOn(def)
}
