package yang

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPatternECMA(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`a`, `^a$`},
		{`a|b`, `^(?:a|b)$`},
		{`(a|b)*c?d+`, `^(?:a|b)*c?d+$`},
		{`a{2}b{3,}c{0,4}`, `^a{2}b{3,}c{0,4}$`},
		{`^a$/`, `^\^a\$/$`},
		{`\.\-\[x\]`, `^\.-\[x\]$`},
		{`.`, `^[^\x0a\x0d]$`},
		{`\s`, `^[\x09\x0a\x0d ]$`},
		{`\d`, `^[\p{Nd}]$`},
		{`\D`, `^[^\p{Nd}]$`},
		{`[\p{N}\p{L}]+`, `^[\p{L}\p{N}]+$`},
		{`[a-z-[aeiou]]`, `^[b-df-hj-np-tv-z]$`},
		{`[^a-c]`, `^[^a-c]$`},
		{`[\-\]\^\\]`, `^[\-\\-\^]$`},
		{`[é-ü]`, `^[é-ü]$`},
		{`[\s\S]`, `^[\s\S]$`},
		{`((25[0-5]|[0-9])\.){3}`, `^(?:(?:25[0-5]|[0-9])\.){3}$`},
		{`()`, `^(?:)$`},
	} {
		if got, ok := mustPattern(t, c.pattern, false).ECMA(); !ok || got != c.want {
			t.Errorf("%s is %s, %v, want %s", c.pattern, got, ok, c.want)
		}
	}
	for _, pattern := range []string{`[a-c-[a-z]]`, strings.Repeat("a", maxECMAText)} {
		if got, ok := mustPattern(t, pattern, false).ECMA(); ok {
			t.Errorf("%.20s is %.20s", pattern, got)
		}
	}
}

// TestPatternECMAMatches compares the translations with the patterns, where Go can run
// both.
func TestPatternECMAMatches(t *testing.T) {
	type pair struct {
		xsd  *Pattern
		ecma *regexp.Regexp
	}
	var pairs []pair
	for _, pattern := range []string{
		`[\i-[:]][\c-[:]]*`, `\d+(\.\d+)?`, `[^\s\d]{1,3}`, `\w*`, `[+\-]?[a-f0-9]*`, `a|b{2,3}|(c|d)*`, `[\p{N}\p{L}]+(%[\p{N}\p{L}]+)?`,
		`.*[|{}()\[\]?*+.^$\\/-].*`, `[!-~-[a-y]]+`, `\P{L}*`, `[^é]é?`,
	} {
		p := mustPattern(t, pattern, false)
		text, ok := p.ECMA()
		if !ok {
			t.Fatalf("%s has no translation", pattern)
		}
		pairs = append(pairs, pair{p, regexp.MustCompile(text)})
	}
	matched := 0
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("abczA19:._-+%^$[]{}()|\\/ \t\n\ré٣漢\U0001F600")), 0, 5, -1).Draw(t, "s")
		for _, p := range pairs {
			if p.xsd.Match(s) != p.ecma.MatchString(s) {
				t.Errorf("%s and %s disagree about %q", p.xsd.Text, p.ecma, s)
			}
			if p.xsd.Match(s) {
				matched++
			}
		}
	})
	if matched < 50 {
		t.Errorf("%d matches only", matched)
	}
}
