package yang

import (
	"strings"
	"testing"
)

func TestPatternMatch(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		yes, no       []string
	}{
		{"anchored", `ab|cd`, []string{"ab", "cd"}, []string{"abd", "xab", "cdx", ""}},
		{"caret and dollar are plain", `^a$`, []string{"^a$"}, []string{"a"}},
		{"dollar before newline", `a`, []string{"a"}, []string{"a\n"}},
		{"dot", `.`, []string{"a", "ä", "\u2028", "\t"}, []string{"\n", "\r", "", "ab"}},
		{"digits of every script", `\d+`, []string{"12", "٣"}, []string{"a", "½"}},
		{"not digit", `\D`, []string{"a", "½"}, []string{"1", "٣"}},
		{"word has symbols", `\w+`, []string{"a1", "$+<^`|~", "ä"}, []string{"_", "-", ".", " ", "\u00a0", "\t"}},
		{"not word", `\W`, []string{"_", "-", " "}, []string{"a", "$"}},
		{"space", `\s`, []string{" ", "\t", "\n", "\r"}, []string{"\f", "\v", "\u00a0"}},
		{"name start", `\i`, []string{"a", "_", ":", "é", "ж"}, []string{"1", "-", ".", "·", "×"}},
		{"not name start", `\I`, []string{"1", "-"}, []string{"a", ":"}},
		{"name character", `\c+`, []string{"a-1.b:_·"}, []string{"a b", "a/b", "×"}},
		{"not name character", `\C`, []string{" ", "/"}, []string{"-", "a"}},
		{"xs:NCName", `[\i-[:]][\c-[:]]*`, []string{"a.b", "_1"}, []string{"1a", "a:b", ":a"}},
		{"category", `\p{Lu}\p{L}*`, []string{"A", "Äb"}, []string{"a", "A1"}},
		{"not category", `\P{L}`, []string{"1", "_"}, []string{"a"}},
		{"unassigned", `\p{Cn}`, []string{"\u0378"}, []string{"a", "\ue000", "\u200b"}},
		{"other", `\p{C}`, []string{"\u0378", "\ue000", "\u200b", "\t"}, []string{"a", " "}},
		{"block", `\p{IsBasicLatin}+`, []string{"az09~"}, []string{"ä"}},
		{"block with digit", `\p{IsLatin-1Supplement}`, []string{"ä", "ÿ"}, []string{"a", "ā"}},
		{"not block", `\P{IsBasicLatin}`, []string{"ä"}, []string{"a"}},
		{"XML Schema 1.0 block name", `\p{IsGreek}`, []string{"α"}, []string{"a"}},
		{"subtraction", `[a-z-[aeiou]]+`, []string{"xyz"}, []string{"xa", "-", "["}},
		{"subtraction from negated", `[^a-z-[0-9]]`, []string{"A", "-"}, []string{"a", "5"}},
		{"subtraction nested", `[a-z-[b-y-[m]]]`, []string{"a", "m", "z"}, []string{"b", "n"}},
		{"subtraction of all", `[a-c-[a-z]]`, nil, []string{"a", "", "z"}},
		{"negated escape", `[^\s\d]`, []string{"a"}, []string{" ", "5"}},
		{"hyphen at the ends", `[-a]|[b-]|[^-]x`, []string{"-", "a", "b", "ax"}, []string{"-x"}},
		{"hyphen after escape", `[\w-]`, []string{"-", "a"}, []string{"."}},
		{"escaped hyphen", `[a\-z]`, []string{"a", "-", "z"}, []string{"b"}},
		{"metacharacters in a class", `[.?*+(){}|^$]`, []string{".", "?", "{", "|", "^", "$"}, []string{"a", "\\"}},
		{"escapes", `\n\r\t\\\|\.\-\^\?\*\+\{\}\(\)\[\]`, []string{"\n\r\t\\|.-^?*+{}()[]"}, nil},
		{"escapes as range ends", `[\t-\r]`, []string{"\t", "\n", "\v", "\r"}, []string{"\b", " "}},
		{"slash and quotes", `/"'~`, []string{`/"'~`}, nil},
		{"every character", `[\s\S]+`, []string{"a", "\n", "\U0001F600"}, []string{""}},
		{"empty branch", `a|`, []string{"a", ""}, []string{"b"}},
		{"empty group", `a()b`, []string{"ab"}, nil},
		{"counts", `a{2}b{1,}c{0,2}`, []string{"aab", "aabbbcc"}, []string{"ab", "aa", "aabccc"}},
		{"count zero", `a{0}b`, []string{"b"}, []string{"ab"}},
		{"nested stars", `((a*)*b?)*`, []string{"", "aabab"}, []string{"c"}},
		{"alternation in group", `x(a|bc)+y`, []string{"xay", "xbcay"}, []string{"xy", "xby"}},
		{"case counts", `[A-C]`, []string{"A"}, []string{"a"}},
		{"braces that start no quantifier", `{a}|x}`, []string{"{a}", "x}"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, n := mustPattern(t, c.pattern, false), mustPattern(t, c.pattern, true)
			for _, s := range c.yes {
				if !p.Match(s) || n.Match(s) {
					t.Errorf("%s does not match %q", c.pattern, s)
				}
			}
			for _, s := range c.no {
				if p.Match(s) || !n.Match(s) {
					t.Errorf("%s matches %q", c.pattern, s)
				}
			}
		})
	}
}

func TestPatternLargeCounts(t *testing.T) {
	for _, c := range []struct {
		pattern string
		counts  map[int]bool
	}{
		{`a{0,4096}`, map[int]bool{0: true, 1: true, 999: true, 1000: true, 2500: true, 4096: true, 4097: false}},
		{`a{1500}`, map[int]bool{1499: false, 1500: true, 1501: false}},
		{`a{1001,2500}`, map[int]bool{1000: false, 1001: true, 2000: true, 2500: true, 2501: false}},
		{`a{3000,}`, map[int]bool{2999: false, 3000: true, 9000: true}},
		{`((a{2}){3}){500}`, map[int]bool{2999: false, 3000: true, 3001: false}},
		{`((a{100}){0,30}){2}`, map[int]bool{0: true, 100: true, 150: false, 6000: true, 6100: false}},
		{`(a{40,50}){30}`, map[int]bool{1199: false, 1200: true, 1333: true, 1500: true, 1501: false}},
	} {
		p := mustPattern(t, c.pattern, false)
		for n, want := range c.counts {
			if p.Match(strings.Repeat("a", n)) != want {
				t.Errorf("%s on %d times a: want %v", c.pattern, n, want)
			}
		}
	}
}

func TestPatternErrors(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`a(b`, `at character 4: expected ")"`},
		{`a)b`, `at character 2: ")" without "("`},
		{`ä*)`, `at character 3`},
		{`*a`, `nothing to repeat`},
		{`a**`, `lazy nor repeated`},
		{`a+?`, `lazy nor repeated`},
		{`a{2}{3}`, `lazy nor repeated`},
		{`a|{2}`, `nothing to repeat`},
		{`a{`, `expected {n}, {n,} or {n,m}`},
		{`a{,3}`, `expected {n}, {n,} or {n,m}`},
		{`a{3,2}`, `wrong way round`},
		{`a{1000000}`, `more often than`},
		{`(a{60000}){60000}`, `more than 131072 states`},
		{`(?:a)`, `no XML Schema regular expression`},
		{`[`, `expected "]"`},
		{`[]`, `is empty`},
		{`[^]`, `is empty`},
		{`]`, `"]" without "["`},
		{`[a[b]`, `"[" in a character class`},
		{`[z-a]`, `ends before it starts`},
		{`[a-\d]`, `upper end`},
		{`[a--]`, `upper end`},
		{`[0-9-_]`, `"-" in the middle`},
		{`[\d-a]`, `"-" in the middle`},
		{`[a-[b]c]`, `after the subtracted class`},
		{`\`, `"\" at the end`},
		{`\/`, `no escape of XML Schema`},
		{`\b`, `no escape of XML Schema`},
		{`\1`, `no escape of XML Schema`},
		{`\p`, `expected "{"`},
		{`\p{L`, `expected "}"`},
		{`\p{IsNowhere}`, `neither a Unicode category nor a block`},
		{`\p{Han}`, `neither a Unicode category nor a block`},
		{`\p{}`, `neither a Unicode category nor a block`},
		{"a\xff", "no valid UTF-8"},
		{strings.Repeat("(", 200), "nest deeper than"},
		{strings.Repeat("[a-", 200), "nest deeper than"},
		{strings.Repeat("a", 70000), "longer than"},
	} {
		if _, err := CompilePattern(c.pattern, false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: got %v, want an error with %q", c.pattern, err, c.want)
		}
	}
}

// TestPatternOfModules takes the patterns of the types that everything uses.
func TestPatternOfModules(t *testing.T) {
	ipv4 := `(([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\.){3}([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])(%.+)?`
	date := `\d{4}-(1[0-2]|0[1-9])-(0[1-9]|[1-2][0-9]|3[0-1])T(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.\d+)?(Z|[\+\-]((1[0-3]|0[0-9]):([0-5][0-9])|14:00))?`
	crypt := `$0$.*|$6$(rounds=\d+$)?[a-zA-Z0-9./]{1,16}$[a-zA-Z0-9./]{86}`
	for _, c := range []struct {
		pattern, in string
		want        bool
	}{
		{ipv4, "192.0.2.1%eth0", true},
		{ipv4, "192.0.2.256", false},
		{date, "2026-11-22T10:00:00.5+01:00", true},
		{date, "2026-13-22T10:00:00Z", false},
		{crypt, "$0$secret", true},
		{crypt, "$6$rounds=5000$salt$" + strings.Repeat("x", 86), true},
		{crypt, "$6$salt$short", false},
	} {
		if mustPattern(t, c.pattern, false).Match(c.in) != c.want {
			t.Errorf("%q: want %v", c.in, c.want)
		}
	}
}

func TestPatternCacheIsBounded(t *testing.T) {
	var c patternCache
	for i := range 1000 {
		if _, err := c.get(strings.Repeat("a", i) + "b{1000}"); err != nil {
			t.Fatal(err)
		}
	}
	if c.size > maxCachedStates || len(c.m) == 0 {
		t.Errorf("%d patterns with %d states kept", len(c.m), c.size)
	}
}

func TestPatternSize(t *testing.T) {
	for text, least := range map[string]int{"a": 1, "(a{1,100}){1,100}": 10000, "(a{1,9999}){1,9999}": maxPatternSize} {
		n, err := PatternSize(text)
		if err != nil || n < least || n > 4*least {
			t.Errorf("%s: %d, %v, want about %d", text, n, err, least)
		}
		if p, err := CompilePattern(text, false); err == nil && p.Size() != n {
			t.Errorf("%s: %d states compiled, want %d", text, p.Size(), n)
		}
	}
	if _, err := PatternSize("["); err == nil {
		t.Error("a malformed pattern has a size")
	}
	if !mustPattern(t, "a+", false).MatchReader(strings.NewReader("aaa")) || mustPattern(t, "a+", false).MatchReader(strings.NewReader("ab")) {
		t.Error("MatchReader differs from Match")
	}
}

func FuzzPattern(f *testing.F) {
	f.Add(`[a-z-[aeiou]]+\d{2,3}`, "xyz12")
	f.Add(`\p{IsGreek}|\i\c*`, "α")
	f.Add(`(a{500}){3}|[^\s]`, "b")
	f.Add(`^$[.^-]`, "^$-")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 200 || len(s) > 200 {
			return
		}
		p, err := CompilePattern(pattern, false)
		if err != nil {
			if _, err := CompilePattern(pattern, true); err == nil {
				t.Fatal("inverted it is no error")
			}
			return
		}
		n, err := CompilePattern(pattern, true)
		if err != nil || p.Match(s) == n.Match(s) {
			t.Fatalf("%q and its inversion agree on %q (%v)", pattern, s, err)
		}
		twice, err := CompilePattern("("+pattern+")|("+pattern+")", false)
		if err == nil && twice.Match(s) != p.Match(s) {
			t.Fatalf("%q changes its meaning in a group, on %q", pattern, s)
		}
	})
}
