package yang

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

var testXPathOptions = XPathOptions{
	Resolve: func(prefix string) (string, bool) {
		m, ok := map[string]string{"e": "ex", "o": "other", "and": "ands"}[prefix]
		return m, ok
	},
	Default: "ex",
}

// dump writes an expression with explicit parentheses and axes.
func dump(e Expr) string {
	ops := map[Op]string{
		OpOr: "or", OpAnd: "and", OpEq: "=", OpNe: "!=", OpLt: "<", OpLe: "<=", OpGt: ">", OpGe: ">=",
		OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "div", OpMod: "mod", OpUnion: "|",
	}
	preds := func(l []Expr) string {
		var b strings.Builder
		for _, p := range l {
			b.WriteString("[" + dump(p) + "]")
		}
		return b.String()
	}
	switch e := e.(type) {
	case *BinaryExpr:
		return "(" + dump(e.L) + " " + ops[e.Op] + " " + dump(e.R) + ")"
	case *NegateExpr:
		return "-" + dump(e.X)
	case NumberExpr:
		return fmt.Sprint(float64(e))
	case NameExpr:
		return "'" + e.Name + "'"
	case LiteralExpr:
		return "'" + string(e) + "'"
	case VariableExpr:
		return "$" + string(e)
	case *CallExpr:
		args := make([]string, len(e.Args))
		for i, a := range e.Args {
			args[i] = dump(a)
		}
		return e.Name + "(" + strings.Join(args, ",") + ")"
	case *PathExpr:
		var b strings.Builder
		if e.Base != nil {
			b.WriteString("{" + dump(e.Base) + "}" + preds(e.Preds))
		}
		for i, s := range e.Steps {
			if i > 0 || e.Base != nil || e.Absolute {
				b.WriteString("/")
			}
			b.WriteString(dumpStep(s) + preds(s.Preds))
		}
		if e.Absolute && len(e.Steps) == 0 {
			return "/"
		}
		return b.String()
	}
	return "?"
}

func dumpStep(s Step) string {
	axes := []string{
		"", "parent", "self", "descendant", "descendant-or-self", "ancestor", "ancestor-or-self",
		"following", "following-sibling", "preceding", "preceding-sibling", "attribute", "namespace",
	}
	test := map[NodeTest]string{TestAny: "*", TestNode: "node()", TestText: "text()", TestNothing: "nothing()"}[s.Test]
	if s.Test == TestName {
		test = s.Name
	}
	if s.Module != "" {
		test = s.Module + ":" + test
	}
	if axes[s.Axis] == "" {
		return test
	}
	return axes[s.Axis] + "::" + test
}

func TestParseXPath(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"/", "/"},
		{"/e:a/b", "/ex:a/ex:b"},
		{"../o:x", "parent::node()/other:x"},
		{".", "self::node()"},
		{"//a", "/descendant-or-self::node()/ex:a"},
		{"a//b", "ex:a/descendant-or-self::node()/ex:b"},
		{"@id", "attribute::ex:id"},
		{"child::a/descendant::o:*", "ex:a/descendant::other:*"},
		{"ancestor-or-self :: node()", "ancestor-or-self::node()"},
		{"namespace::x", "namespace::ex:x"},
		{"preceding-sibling::a|following-sibling::b", "(preceding-sibling::ex:a | following-sibling::ex:b)"},
		{"text()|comment()|processing-instruction('x')", "((text() | nothing()) | nothing())"},
		{"a[1][last()]/b[c='d']", "ex:a[1][last()]/ex:b[(ex:c = 'd')]"},
		{"1 + 2 * 3 - 4 div 5 mod 6", "((1 + (2 * 3)) - ((4 div 5) mod 6))"},
		{"a or b and c = d < e + f", "(ex:a or (ex:b and (ex:c = (ex:d < (ex:e + ex:f)))))"},
		{"1 = 2 != 3", "((1 = 2) != 3)"},
		{"1 < 2 <= 3 > 4 >= 5", "((((1 < 2) <= 3) > 4) >= 5)"},
		{"-a|b", "-(ex:a | ex:b)"},
		{"--1", "--1"},
		{"---1", "-1"},
		{"2 * -3", "(2 * -3)"},
		{"- 2 * 3", "(-2 * 3)"},
		{".5 + 1. + 1.25", "((0.5 + 1) + 1.25)"},

		// Section 3.7: what "*" and names are depends on the token before.
		{"* * *", "(* * *)"},
		{"and and and", "(ex:and and ex:and)"},
		{"or or div div mod", "(ex:or or (ex:div div ex:mod))"},
		{"and:div mod e:mod", "(ands:div mod ex:mod)"},
		{"/ * ", "/*"},
		{"a-b", "ex:a-b"},
		{"a - b", "(ex:a - ex:b)"},
		{"a -b", "(ex:a - ex:b)"},
		{"a[*]*2", "(ex:a[*] * 2)"},
		{". * ..", "(self::node() * parent::node())"},
		{"(1)*2", "(1 * 2)"},
		{"count/text", "ex:count/ex:text"},
		{"text/node()", "ex:text/node()"},
		{"@* = 1", "(attribute::* = 1)"},
		{"child::div div 2", "(ex:div div 2)"},

		{"current()/../a", "{current()}/parent::node()/ex:a"},
		{"(a|b)[1]//c", "{(ex:a | ex:b)}[1]/descendant-or-self::node()/ex:c"},
		{"$v:x + $e:y", "!prefix \"v\""},
		{"$x + $e:y", "($x + $ex:y)"},
		{"concat('a', \"b\", 1)", "concat('a','b',1)"},
		{"derived-from-or-self(../type, 'o:robin')", "derived-from-or-self(parent::node()/ex:type,'other:robin')"},
		{"derived-from(., 'x:robin')", "derived-from(self::node(),'x:robin')"},
		{"'http://e:x'", "'http://e:x'"},
		{"'e:'", "'e:'"},
		{"re-match(., 'a:b') and enum-value(a) > 1", "(re-match(self::node(),'a:b') and (enum-value(ex:a) > 1))"},
		{"deref(.)/../a[bit-is-set(b, 'c')]", "{deref(self::node())}/parent::node()/ex:a[bit-is-set(ex:b,'c')]"},
		{" \t\r\na\n", "ex:a"},
		{"é/ж", "ex:é/ex:ж"},

		{"", `!character 1: expected an expression, found the end`},
		{"a b", `!character 3: expected an operator, found "b"`},
		{"a/", "!character 3: expected a node name"},
		{"/a//", "!character 5: expected a node name"},
		{"a[", "!expected an expression"},
		{"a[]", `!expected an expression, found "]"`},
		{"a[1", `!expected "]"`},
		{"a]", `!expected an operator or the end, found "]"`},
		{"(a", `!expected ")"`},
		{"1 +", "!expected an expression"},
		{"or", "ex:or"},
		{".[1]", `!expected an operator or the end, found "["`},
		{"'a", "!no closing quote"},
		{"é#", `!character 2: '#' starts no token`},
		{"a:", "!expected a name after"},
		{"q:a", `!prefix "q" stands for no module`},
		{"x::a", "!there is no axis"},
		{"foo(1)", `!there is no function "foo"`},
		{"e:count(a)", "!there is no function"},
		{"count()", "!count() takes 1 argument, found 0"},
		{"count(a, b)", "!count() takes 1 argument, found 2"},
		{"true(1)", "!true() takes no arguments"},
		{"concat(1)", "!concat() takes 2 or more arguments"},
		{"substring('a')", "!substring() takes 2 to 3 arguments"},
		{"concat(1,)", "!expected an expression"},
		{"concat(1 2)", "!expected"},
		{"count(1)", "!argument 1 of count() must be a node-set"},
		{"deref('a')", "!argument 1 of deref() must be a node-set"},
		{"bit-is-set(string(a), 'b')", "!argument 1 of bit-is-set() must be a node-set"},
		{"a | 1", "!right side of"},
		{"'a' | b", "!left side of"},
		{"a | -b", "!right side of"},
		{"'a'[1]", "!must be a node-set"},
		{"string(a)/b", "!must be a node-set"},
		{"$*", "!expected a variable name"},
		{"a = = b", `!expected an expression, found "="`},
		{"a ! b", "!starts no token"},
		{"node(", `!expected ")"`},
		{"text('x')", `!expected ")"`},
		{strings.Repeat("(", 101) + "1" + strings.Repeat(")", 101), "!nests deeper"},
		{strings.Repeat("a[", 101) + "1" + strings.Repeat("]", 101), "!nests deeper"},
		{strings.Repeat("1+", 6000) + "1", "!more than 10000 parts"},
		{strings.Repeat(" ", 70000), "!longer than"},
	} {
		t.Run(fmt.Sprintf("%.40s", c.in), func(t *testing.T) {
			x, err := ParseXPath(c.in, testXPathOptions)
			part, fails := strings.CutPrefix(c.want, "!")
			var xe *XPathError
			switch {
			case !fails && err != nil:
				t.Fatal(err)
			case !fails && dump(x.Expr) != c.want:
				t.Errorf("got %s, want %s", dump(x.Expr), c.want)
			case fails && (!errors.As(err, &xe) || !strings.Contains(xe.Error(), part)):
				t.Errorf("got %v, want an error with %q", err, part)
			}
		})
	}
}

func TestParseXPathOfFilter(t *testing.T) {
	x, err := ParseXPath("/a[b='e:c']/*", XPathOptions{Default: AnyModule})
	if err != nil || dump(x.Expr) != "/*:a[(*:b = 'e:c')]/*" {
		t.Fatal(dump(x.Expr), err)
	}
	if _, err := ParseXPath("e:a", XPathOptions{}); err == nil {
		t.Error("a prefix without Resolve is accepted")
	}
	if _, err := ParseXPath("a+b+c", XPathOptions{MaxNodes: 4}); err == nil {
		t.Error("MaxNodes is not kept")
	}
}

func TestXPathCanonical(t *testing.T) {
	for _, c := range []struct{ in, own, want string }{
		{" e:a / b [ o:c='x' ]", "ex", `a/b[other:c = "x"]`},
		{"e:a/b[o:c]", "", "ex:a/b[other:c]"},
		{"not( ../e:x )or current ( )/o:*", "other", "not(../ex:x) or current()/*"},
		{"a-1", "ex", "a-1"},
		{"a -1", "ex", "a - 1"},
		{"-a+ - b*3", "ex", "-a + -b * 3"},
		{"* * *|..", "ex", "* * * | .."},
		{"a and -1<=2", "ex", "a and -1 <= 2"},
		{"child :: a//b", "ex", "child::a//b"},
		{"concat( 'a' , \"b'c\" ,'d\"e')", "ex", `concat("a","b'c",'d"e')`},
		{"derived-from(., 'e:bird')", "ex", `derived-from(.,"ex:bird")`},
		{"$x = .5", "ex", "$x = .5"},
		{"@o:a", "ex", "@other:a"},
	} {
		x, err := ParseXPath(c.in, testXPathOptions)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := x.Canonical(c.own); got != c.want {
			t.Errorf("%s below %q: got %s, want %s", c.in, c.own, got, c.want)
		}
	}
}

func TestParseLeafrefPath(t *testing.T) {
	for _, c := range []struct{ in, err string }{
		{"/e:a/b", ""},
		{"../b", ""},
		{"../../a/o:b", ""},
		{"../../a[name = current()/../x]/b", ""},
		{"/a[k=current()/../../x/y][ e:l = current ( ) / .. / z ]/b", ""},
		{"b", `must start with "/" or "../"`},
		{"./b", `"." cannot stand in a leafref path`},
		{"..", "then down by node names"},
		{"/", "then down by node names"},
		{"/../a", "cannot follow the root"},
		{"../a/../b", "then down by node names"},
		{"//a", "cannot stand in a leafref path"},
		{"../*", "cannot stand in a leafref path"},
		{"child::a", "cannot stand in a leafref path"},
		{"deref(../a)/../b", "cannot stand in a leafref path"},
		{"../a | ../b", "cannot stand in a leafref path"},
		{"/a[1]/b", "cannot stand in a leafref path"},
		{"/a[k='x']/b", "cannot stand in a leafref path"},
		{"/a[k]/b", "must have the form"},
		{"/a[k=../x]/b", "must have the form"},
		{"/a[k=current()/x]/b", "must have the form"},
		{"/a[k=current()]/b", "must have the form"},
		{"/a[k/l=current()/../x]/b", "must have the form"},
		{"current()/../b", `must start with "/" or "../"`},
		{"../a[", "expected an expression"},
	} {
		_, err := ParseLeafrefPath(c.in, testXPathOptions)
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.in, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: got %v, want an error with %q", c.in, err, c.err)
		}
	}
}

// FuzzParseXPath checks that what parses once is the same when its canonical
// form is parsed again.
func FuzzParseXPath(f *testing.F) {
	for _, s := range []string{"../a[b = 'e:c']/o:d", "* * -.5 or not(current()/../x)", "//a|b/@c", "derived-from(., \"e:x\") and $v", "a[position()<2]//text()"} {
		f.Add(s)
	}
	o := XPathOptions{Resolve: func(p string) (string, bool) { return p, len(p) == 1 }, Default: "d"}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := ParseXPath(text, o)
		if err != nil {
			return
		}
		canonical := x.Canonical("")
		y, err := ParseXPath(canonical, o)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, canonical, err)
		}
		if dump(x.Expr) != dump(y.Expr) || y.Canonical("") != canonical {
			t.Fatalf("%q became %q, which means something else", text, canonical)
		}
	})
}

// TestParseXPathOfModule checks what only expressions of a module have: the
// names of identities are those of the module in which the expression stands,
// whatever the node it is about (RFC 7950 Section 10.4), and there are no variables.
func TestParseXPathOfModule(t *testing.T) {
	o := testXPathOptions
	o.Module, o.NoVariables = "here", true
	for in, want := range map[string]string{
		"derived-from(a, 'robin')":         "derived-from(ex:a,'here:robin')",
		"derived-from-or-self(., 'robin')": "derived-from-or-self(self::node(),'here:robin')",
		"derived-from(a, 'o:robin')":       "derived-from(ex:a,'other:robin')",
		"a = 'robin'":                      "(ex:a = 'robin')",
	} {
		x, err := ParseXPath(in, o)
		if err != nil || dump(x.Expr) != want {
			t.Errorf("%s: got %s, %v, want %s", in, dump(x.Expr), err, want)
		}
	}
	if _, err := ParseXPath("a = $b", o); err == nil {
		t.Error("a variable is accepted")
	}
}
