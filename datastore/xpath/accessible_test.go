package xpath_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

func newModel(t *testing.T, text string) *xpath.Model {
	t.Helper()
	m, err := xpath.NewModel(dstest.Schema(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func find(m *xpath.Model, path string) *yang.Node { return m.Schema().Find(path) }

func leaf(t testing.TB, m *tree.Mut, name, text string) {
	t.Helper()
	s := m.Schema().Data[slices.IndexFunc(m.Schema().Data, func(n *yang.Node) bool { return n.Name == name })]
	v, err := s.Type.Parse(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.SetLeaf(s, v)
}

const whens = `module m { yang-version 1.1; namespace "urn:m"; prefix m;
  container c {
    leaf mode { type string; default "plain"; }
    leaf a { when "../mode = 'extra'"; type string; default "x"; }
    leaf b { when "../a = 'x'"; type string; default "y"; }
    leaf own { when ". = ''"; type string; default "z"; }
    leaf self { when "count(../*[local-name() = 'self']) = 1"; type string; }
    container deep { when "not(inner)"; leaf inner { type string; } }
    choice k { when "mode = 'extra'"; default d;
      case d { choice n { default nd; case nd { leaf l1 { type string; default "1"; } } case ne { leaf l2 { type string; default "2"; } leaf l3 { type string; } } } }
      case e { leaf l4 { type string; } leaf-list l5 { type string; default "5"; } } }
    container np { presence "p"; leaf pl { type string; default "p"; } }
  }
  container ring {
    leaf r1 { when "../*[local-name() = 'r2']"; type string; default "1"; }
    leaf r2 { when "../*[local-name() = 'r1']"; type string; default "2"; }
  } }`

// TestInUse follows RFC 7950 Sections 7.6.1, 7.9.3 and 7.21.5.
func TestInUse(t *testing.T) {
	m := newModel(t, whens)
	c := find(m, "/m:c")
	for _, test := range []struct {
		name string
		set  []string
		want string
	}{
		{"nothing set", nil, "mode own deep"},
		{"when true", []string{"mode=extra"}, "a b own deep l1"},
		{"when false through another default", []string{"mode=other"}, "own deep"},
		{"other default than the when wants", []string{"mode=extra", "a=q"}, "own deep l1"},
		{"the node's own value is not seen by its when", []string{"own=set"}, "mode deep"},
		{"another case", []string{"mode=extra", "l4=q"}, "a b own deep l5"},
		{"another nested case", []string{"mode=extra", "l3=q"}, "a b own deep l2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			mut := tree.New(m.Schema().Root).Mutate()
			in := mut.Ensure(c)
			for _, set := range test.set {
				name, value, _ := strings.Cut(set, "=")
				leaf(t, in, name, value)
			}
			e := xpath.NewEnv(m, mut.Done())
			at := e.Locate(tree.Path{{Schema: c}})
			var got []string
			for _, s := range c.Data {
				if !at.Node().Has(s) && e.InUse(at, s) {
					got = append(got, s.Name)
				}
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("in use: %s, want %s", got, test.want)
			}
		})
	}
}

func TestHolds(t *testing.T) {
	m := newModel(t, whens)
	c := find(m, "/m:c")
	mut := tree.New(m.Schema().Root).Mutate()
	leaf(t, mut.Ensure(c).Ensure(c.Child("m", "deep")), "inner", "v")
	e := xpath.NewEnv(m, mut.Done())
	at := e.Locate(tree.Path{{Schema: c}})
	for name, want := range map[string]bool{
		"deep": true, // the dummy node has no children
		"self": true, // the dummy node stands for the absent leaf
		"a":    false, "own": true, "l4": false, "mode": true,
	} {
		if got, err := e.Holds(at, c.Child("m", name)); got != want || err != nil {
			t.Errorf("when of %s: %v, %v, want %v", name, got, err, want)
		}
	}
	ring := find(m, "/m:ring")
	_, err := e.Holds(e.Locate(tree.Path{{Schema: ring}}), ring.Child("m", "r1"))
	if re := (*rpcerr.Error)(nil); !errors.As(err, &re) || re.Tag != rpcerr.OperationFailed {
		t.Errorf("circular when: %v, want operation-failed", err)
	}
}

// TestBudget shows what is a look-up and what a scan.
func TestBudget(t *testing.T) {
	m := newModel(t, module)
	top := find(m, "/m:top")
	mut := tree.New(m.Schema().Root).Mutate()
	in := mut.Ensure(top)
	leaf(t, in, "who", "i777")
	list := top.Child("m", "item")
	for i := range 1000 {
		v, err := list.Keys[0].Type.Parse(fmt.Sprintf("i%d", i), nil)
		if err != nil {
			t.Fatal(err)
		}
		in.AddEntry(list, []yang.Value{v}, tree.Position{})
	}
	e := xpath.NewEnv(m, mut.Done())
	e.Limits.Visits = 40
	at := e.Locate(tree.Path{{Schema: top}})
	for text, fits := range map[string]bool{
		"item[name='i5']/n = 5":                                    true,
		"/top/item[name=current()/who]/n = 5":                      true,
		"deref(who)/../n = 5":                                      true,
		"item[name='i5' and n=5]":                                  true,
		"item[n=7]":                                                false,
		"item[n=5]":                                                true, // the first will do
		"item[name=string(n)]":                                     false,
		"count(item) = 1000":                                       false,
		"//item[name='i5']":                                        true,
		"//item[name='i5'][n = 5]":                                 true,
		"item[name='i5' or name='i7'][2]/n = 5":                    true,
		"item[name=../who]/n = 5":                                  true,
		"item[../who=./name]/n = 5":                                true,
		"item[name=concat(../who, '')]/n = 5":                      true,
		"item[name=string(..)]/n = 5":                              false,
		"item[1]/n = 5":                                            true,
		"item[last()]":                                             false,
		"string(/) = ''":                                           false,
		"item[name=/top/item[name='i6']/name]":                     true,
		"item[name='i5'][1]/following-sibling::*":                  true,
		"count(//item[1]/following::item) > 0":                     false,
		"item[name='i5']/preceding-sibling::item[1]/name = 'i499'": true,
		"item[name='i5']/following-sibling::item[2]/name = 'i500'": true,
	} {
		p, err := m.Compile(parse(t, m.Schema(), text), top)
		if err != nil {
			t.Fatal(err)
		}
		ok, err := p.Bool(e, at)
		if fits && (!ok || err != nil) {
			t.Errorf("%s: %v, %v, want true within the budget", text, ok, err)
		}
		if re := (*rpcerr.Error)(nil); !fits && (!errors.As(err, &re) || re.Tag != rpcerr.ResourceDenied || re.Path != "/m:top") {
			t.Errorf("%s: %v, want resource-denied at /m:top", text, err)
		}
	}
}

// TestOperation evaluates in the accessible trees of RFC 7950 Section 6.4.1.
func TestOperation(t *testing.T) {
	m := newModel(t, module)
	act := m.Schema().RPC("m", "act")
	input := act.Children[slices.IndexFunc(act.Children, func(n *yang.Node) bool { return n.Kind == yang.Input })]
	mut := tree.New(input).Mutate()
	leaf(t, mut, "p", "i1")
	e := xpath.NewEnv(m, data(t, m.Schema()))
	at := e.Operation(mut.Done(), nil)
	for text, want := range map[string]string{
		"p":                             "i1",
		"q":                             "qq",
		"/act/p":                        "i1",
		"/top/item[name=current()/p]/n": "10",
		"../top/a":                      "1",
		"local-name(.)":                 "act",
		"deref(p)/../n":                 "10",
		"count(//act)":                  "1",
		"count(/*)":                     "2",
	} {
		p, err := m.Compile(parse(t, m.Schema(), text), input)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Text(e, at); got != want || err != nil {
			t.Errorf("%s = %q, %v, want %q", text, got, err, want)
		}
	}
	for c := range e.Instances(at, input.Child("m", "p")) {
		if got := c.Path().String(); got != "/m:act/p" {
			t.Errorf("path %s, want /m:act/p", got)
		}
	}
}

// TestAction climbs from the parameters of an action to its node.
func TestAction(t *testing.T) {
	m := newModel(t, `module m { yang-version 1.1; namespace "urn:m"; prefix m;
	  list b { key id; leaf id { type string; } leaf n { type int8; }
	    action reset { input { leaf delay { type int8; } } }
	    notification down { leaf reason { type string; } } } }`)
	b := find(m, "/m:b")
	id, err := b.Keys[0].Type.Parse("2", nil)
	if err != nil {
		t.Fatal(err)
	}
	mut := tree.New(m.Schema().Root).Mutate()
	entry, _ := mut.AddEntry(b, []yang.Value{id}, tree.Position{})
	leaf(t, entry, "n", "7")
	tr := mut.Done()
	for _, op := range b.Children {
		var text string
		switch op.Kind {
		case yang.Action:
			op, text = op.Children[0], "concat(../n, delay, /b/reset/delay, local-name(.))"
		case yang.Notification:
			text = "concat(../n, reason, /b[id='2']/down/reason, local-name())"
		default:
			continue
		}
		e := xpath.NewEnv(m, tr)
		in := tree.New(op).Mutate()
		leaf(t, in, op.Data[0].Name, "9")
		at := e.Operation(in.Done(), e.Locate(tree.Path{{Schema: b, Keys: []yang.Value{id}}}))
		p, err := m.Compile(parse(t, m.Schema(), text), op)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Text(e, at)
		if want := "799"; err != nil || !strings.HasPrefix(got, want) || len(p.Warnings()) > 0 {
			t.Errorf("%s = %q, %v, warnings %v, want %s…", text, got, err, p.Warnings(), want)
		}
	}
}

func TestDepends(t *testing.T) {
	m := newModel(t, module)
	top := find(m, "/m:top")
	for _, test := range []struct {
		text, want string // names, besides top
		unknown    bool
	}{
		{"a = 1", "a", false},
		{"item[name='x']/n > 1", "item n name", false},
		{"deref(who)/../n", "item n name who", false},
		{"deref(at)", "at", true},
		{"how-e2", "how-d how-e how-e2", false},
		{"cond", "a cond", false},
		{"string(item)", "deep in item n name", false},
		{"boolean(item)", "item", false},
		{"count(//deep)", "deep", false},
		{"a/text()", "a", false},
		{"item/following-sibling::pair", "item pair", false},
		{"current()/a", "a", false},
	} {
		p, err := m.Compile(parse(t, m.Schema(), test.text), top)
		if err != nil {
			t.Fatal(err)
		}
		nodes, ok := p.Depends()
		var names []string
		for _, n := range nodes {
			if n != top && n.Kind != yang.Root {
				names = append(names, n.Name)
			}
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != test.want && !test.unknown || ok == test.unknown {
			t.Errorf("%s depends on %s, %v, want %s", test.text, got, ok, test.want)
		}
	}
}

func TestCompile(t *testing.T) {
	m := newModel(t, module)
	top := find(m, "/m:top")
	for text, want := range map[string]string{
		"a": "", "*/name": "", "../top": "",
		"nothing":          "m:nothing matches nothing",
		"item/a":           "m:a matches nothing",
		"../../top":        "",
		"item[b='x']":      "m:b matches nothing",
		"re-match(b, '[')": "re-match",
	} {
		p, err := m.Compile(parse(t, m.Schema(), text), top)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := strings.Join(p.Warnings(), "; "); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: warnings %q, want %q", text, got, want)
		}
	}
	for name, x := range map[string]yang.Expr{
		"variable":     yang.VariableExpr("x"),
		"function":     &yang.CallExpr{Name: "doc"},
		"arguments":    &yang.CallExpr{Name: "count"},
		"no node-set":  &yang.CallExpr{Name: "count", Args: []yang.Expr{yang.NumberExpr(1)}},
		"union":        &yang.BinaryExpr{Op: yang.OpUnion, L: yang.NumberExpr(1), R: yang.NumberExpr(1)},
		"path on text": &yang.PathExpr{Base: yang.LiteralExpr("x")},
	} {
		if p, err := m.Compile(&yang.XPath{Text: name, Expr: x}, top); err == nil {
			t.Errorf("%s compiles to %v, want an error", name, p)
		}
	}
}
