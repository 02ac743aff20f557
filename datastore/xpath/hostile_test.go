package xpath_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// hostile are expressions that cost much more than they look like, and the errors
// that they end with.
var hostile = []struct{ text, want string }{
	{"//*//*//*", "resource-denied too-big"},
	{"count(//*[count(//*) > 1])", "resource-denied"},
	{"count(//*[count(//*[count(//*) > 1]) > 1])", "resource-denied"},
	{"//*[//*[//*[//*[. = 'none']]]]", "resource-denied"},
	{"//item/preceding::*", "resource-denied too-big"},
	{"//item/following::*[. = 'none']", "resource-denied"},
	{"count(//*/following-sibling::*)", "resource-denied too-big"},
	{"count(//*/preceding-sibling::node()[last()])", "resource-denied too-big"},
	{"//item[preceding-sibling::item[last()]/name = 'none']", "resource-denied"},
	{"//*/ancestor::*/descendant::*/ancestor::*/descendant::*", "resource-denied too-big"},
	{"(//*)[last()]/preceding::*[last()]/following::*[last()]", "resource-denied too-big"},
	{"//*[string(/) = 'none']", "resource-denied"},
	{"count(//* | //item/* | //*/* | //*/..)", "resource-denied too-big"},
	{"//item[n = //item/text]", "resource-denied too-big"},
	{"//item[n != //item/n][n > //item/n][. = 'none']", "resource-denied too-big"},
	{"sum(//*[sum(//*) > 1])", "resource-denied too-big"},
	{"string-length(concat(/, /, /, /, /, /, /, /, /, /, /, /, /, /, /, /))", "resource-denied too-big"},
	{"string-length(" + nested(6) + ")", "resource-denied too-big"},
	{"//*[concat(/top/big, /top/big, /top/big, /top/big, /top/big, /top/big, /top/big, /top/big, /top/big, '') = 'none']", "too-big"},
	{"//*[translate(/top/big, 'ab', 'éè') = 'none']", "resource-denied"},
	{"//*[normalize-space(/top/big) = 'none']", "resource-denied"},
	{"//*[substring(/top/big, 2) = substring-after(/top/big, 'b')]", "resource-denied"},
	{"//*[contains(/top/big, concat(/top/big, 'x'))]", "resource-denied"},
	{"//*[string-length(/top/big) = 1]", "resource-denied"},
	{"//*[number(/top/big) = 1]", "resource-denied"},
	{"//*[starts-with(/top/big, 'ab')][. = 'none']", "resource-denied"},
	{"//*[re-match(/top/big, '((a|b| )*){1,100}x')]", "resource-denied"},
	{"//*[re-match(., '(a{1,100}){1,100}')]", "resource-denied"},
	{"//*[re-match('a', concat('(a{1,90}){1,90}', name(..), /top/item[n = position()]/name))]", "resource-denied"},
	{"//item[re-match(text, concat('.{1,', n, '}z'))]", "resource-denied"},
	{"//item[in/ref = //item/in/ref][in/ref = //item/in/ref][. = 'none']", "resource-denied too-big"},

	// Hostile only to those who hold what they find.
	{"count(//item)", ""},
	{"//*", ""},
	{"//* | //item", "too-big"},
	{"//item[1]/following::item[position() = 1]", ""},
	{"//item[deref(in/ref)/../text = 'none']", "resource-denied"},
}

// nested doubles a text that many times.
func nested(times int) string {
	if times == 0 {
		return "/top/big"
	}
	inner := nested(times - 1)
	return "concat(" + inner + ", " + inner + ")"
}

// TestHostile is about a bound on everything that an expression can use up.
func TestHostile(t *testing.T) {
	model, tr := large(t, 100_000)
	for _, c := range hostile {
		p, err := model.Compile(parse(t, model.Schema(), c.text), model.Schema().Root)
		if err != nil {
			t.Fatal(err)
		}
		e := xpath.NewEnv(model, tr)
		e.Limits = xpath.Limits{Visits: 100_000, Memory: 4 << 20}
		if c.want == "" || c.want == "too-big" {
			e.Limits.Visits = 10_000_000
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		if p.IsNodes() {
			err = p.Each(e, e.Root(), func(*xpath.Cursor) bool { return true })
		} else {
			_, err = p.Number(e, e.Root())
		}
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		var re *rpcerr.Error
		switch errors.As(err, &re) {
		case false:
			if c.want != "" || err != nil {
				t.Errorf("%s: %v, want %s", c.text, err, c.want)
			}
		case !strings.Contains(c.want, string(re.Tag)) || !strings.Contains(re.Message, c.text[:min(len(c.text), 50)]):
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 64 || took > 30*time.Second {
			t.Errorf("%s: %d MB in %s", c.text, grown, took)
		}
	}
}

// TestInterrupted is about the end of a request: its evaluation ends with it.
func TestInterrupted(t *testing.T) {
	model, tr := large(t, 1000)
	for _, text := range []string{
		"//*[//*[//*[//*[. = 'none']]]]", "//*[string(/) = 'none']", "count(//*/following::*/preceding::*)",
		"//*[re-match(/top/big, '((a|b| )*){1,100}x')]", "//item[n != //item/n][. = 'none']",
	} {
		p, err := model.Compile(parse(t, model.Schema(), text), model.Schema().Root)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		e := xpath.NewEnv(model, tr)
		e.Limits = xpath.Limits{Visits: 1 << 50, Memory: 1 << 40}
		e.Context = ctx
		began := time.Now()
		_, err = p.Bool(e, e.Root())
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > 10*time.Second { // without it, hours
			t.Errorf("%s: %v after %s", text, err, took)
		}
		if _, err = p.Text(e, e.Root()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want no evaluation after the end", text, err)
		}
		cancel()
	}
}

// TestLongExpression is about compiling: its cost is that of the text times the schema.
func TestLongExpression(t *testing.T) {
	lib := yang.NewLibrary(yang.BuiltinFS())
	s, err := yang.Compile(lib, yang.Options{Implement: []yang.ModuleSpec{
		{Name: "ietf-interfaces"}, {Name: "ietf-ip"}, {Name: "ietf-system"}, {Name: "ietf-yang-library"}, {Name: "ietf-netconf-acm"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"//*", "/following::*", "/*/..", "//node()", "/ancestor-or-self::node()/preceding::node()", "//*[//*]", "/*[deref(//*)]",
		"//*[count(//*) > 1]", "[. = //*]",
	} {
		x, err := yang.ParseXPath("/*"+strings.Repeat(part, 600), yang.XPathOptions{Default: yang.AnyModule})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, err = model.Compile(x, s.Root)
		runtime.ReadMemStats(&after)
		if took, grown := time.Since(began), (after.TotalAlloc-before.TotalAlloc)>>20; err != nil || took > 30*time.Second || grown > 1<<10 {
			t.Errorf("%s…: %v, %d MB in %s", part, err, grown, took)
		}
	}
	var b strings.Builder
	b.WriteString("/*")
	for i := range 100 {
		fmt.Fprintf(&b, "[re-match(., '(a{1,%d}){1,99}')]", 100-i)
	}
	x, err := yang.ParseXPath(b.String(), yang.XPathOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := model.Compile(x, s.Root); err == nil || !strings.Contains(err.Error(), "states") {
		t.Errorf("patterns: %v, want too many states", err)
	}
}
