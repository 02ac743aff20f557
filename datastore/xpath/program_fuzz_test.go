package xpath_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// FuzzProgram checks that no expression makes compilation or evaluation panic or
// run on, whatever the context node, and that the only error is that of the budget.
func FuzzProgram(f *testing.F) {
	s := dstest.Schema(f, module)
	model, err := xpath.NewModel(s)
	if err != nil {
		f.Fatal(err)
	}
	tr := data(f, s)
	for _, text := range []string{
		"//item[name='i1']/n", "count(//*/..//node())", "deref(top/who)/../n | //pair[x='x1'][y=current()//y]",
		"string(//text()[last()])", "//*[//*[//*[//*]]]", "substring('abc', -1 div 0, 1e3)", "top/item[position()=last()]/following::*",
		"translate(., 'a', 'b') = concat(/, /)", "re-match(top/b, '[a-z]+')", "top/tag[. = 'y']/preceding-sibling::node()",
		"derived-from(//id, 'base') and bit-is-set(//flags, 'UP') or enum-value(//level) > 3", "--1 - -(2)", "lang('en')", "id('x')/..",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := yang.ParseXPath(text, yang.XPathOptions{Default: yang.AnyModule, MaxNodes: 200})
		if err != nil {
			return
		}
		for _, ctx := range []*yang.Node{s.Root, nil} {
			p, err := model.Compile(x, ctx)
			if err != nil {
				continue
			}
			p.Depends()
			e := xpath.NewEnv(model, tr)
			e.Limits = xpath.Limits{Visits: 20000, Memory: 1 << 20}
			_, err1 := p.Text(e, e.Root())
			_, err2 := p.Bool(e, e.Root())
			_, err3 := p.Nodes(e, e.Root())
			for _, err := range []error{err1, err2, err3} {
				if re := (*rpcerr.Error)(nil); err != nil && (!errors.As(err, &re) || re.Tag != rpcerr.ResourceDenied && re.Tag != rpcerr.TooBig) {
					t.Fatalf("%s: %v", text, err)
				}
			}
		}
	})
}

// FuzzPlain compares expressions with the plain evaluation.
func FuzzPlain(f *testing.F) {
	s := dstest.Schema(f, module)
	model, err := xpath.NewModel(s)
	if err != nil {
		f.Fatal(err)
	}
	e := xpath.NewEnv(model, data(f, s))
	all := newPlain(e)
	for _, text := range []string{
		"//item[n > 9]/name", "string(//pair[x='x1'][y='y2']/z)", "count(//*/preceding::node()[2])", "sum(//n) div count(//item)",
		"//tag[. = 'y' or . = 'x'][last()]", "(//x | //y)[position() mod 2 = 1]", "translate(//who, 'i', 'é')", "//n[. = ../../a]/..",
		"substring(//at, 2, round(5.5)) != normalize-space(//b)", "//pair[x = //x and y = ../two-value]/following-sibling::*[1]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := yang.ParseXPath(text, yang.XPathOptions{Default: yang.AnyModule, MaxNodes: 60})
		if err != nil || !utf8.ValidString(text) {
			return
		}
		p, err := model.Compile(x, s.Root)
		if err != nil {
			return
		}
		left := 1_000_000
		defer func() {
			if r := recover(); r != nil && r != any(errPlain) {
				panic(r)
			}
		}()
		plain := atRoot(all)
		plain.left = &left
		want := plain.eval(x.Expr)
		got, err := result(p, e, want)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		compareResults(t, text, got, want, all)
	})
}
