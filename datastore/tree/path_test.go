package tree_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

func TestParsePath(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ text, want, err string }{
		{text: "/"},
		{text: "/t:top"},
		{text: "/t:top/name"},
		{text: "/t:top/t:name", want: "/t:top/name"},
		{text: "/t:top/item"},
		{text: "/t:top/item[id='x']/u:extra"},
		{text: `/t:top/item[id="x"]/val`, want: "/t:top/item[id='x']/val"},
		{text: "/t:top/item[ t:id = 'x' ]", want: "/t:top/item[id='x']"},
		{text: `/t:top/item[id="it's"]`},
		{text: `/t:top/item[id='say "x"']`},
		{text: `/t:top/item[id=concat('it',"'",'s "x"')]`},
		{text: `/t:top/item[id=concat("it's ", '"x"')]`, want: `/t:top/item[id=concat('it',"'",'s "x"')]`},
		{text: "/t:top/item[id=']/[']/val"},
		{text: "/t:top/item[id='x']/part[b='2'][a='1']", want: "/t:top/item[id='x']/part[a='1'][b='2']"},
		{text: "/t:top/u:typed[n='+5'][k='good']", want: "/t:top/u:typed[n='5'][k='u:good']"},
		{text: "/t:top/tag[.='a']"},
		{text: "/t:word[ . = \"a\" ]", want: "/t:word[.='a']"},
		{text: "/t:top/event[3]/what"},
		{text: "", err: "expected '/'"},
		{text: "t:top", err: "expected '/'"},
		{text: "/top", err: "module name"},
		{text: "/x:top", err: "no data node x:top"},
		{text: "/t:top/", err: "expected a node name"},
		{text: "/t:top//name", err: "expected a node name"},
		{text: "/t:top/pick", err: "no data node"},
		{text: "/t:top/extra", err: "no data node"},
		{text: "/t:top/name[1]", err: "no predicate"},
		{text: "/t:top/item[val='x']", err: "no key"},
		{text: "/t:top/item[id='x'][id='x']", err: "twice"},
		{text: "/t:top/item[1]", err: "expected a node name"},
		{text: "/t:top/item[id='x'", err: "expected ']'"},
		{text: "/t:top/item[id='x]", err: "closing"},
		{text: "/t:top/item[id=x]", err: "quoted string"},
		{text: "/t:top/item[id]", err: "expected '='"},
		{text: "/t:top/item[id='x']/part[a='1']", err: "key b"},
		{text: "/t:top/u:typed[n='x'][k='u:good']", err: "u:n"},
		{text: "/t:top/tag['a']", err: "expected '.'"},
		{text: "/t:top/event[0]", err: "position"},
		{text: "/t:top/event[01]", err: "position"},
		{text: "/t:top/event[99999999999999999999]", err: "position"},
		{text: "/t:top/item[id=concat('a' 'b')]", err: "concat"},
		{text: "/t:top name", err: "expected '/'"},
	} {
		p, err := tree.ParsePath(f.Schema, c.text)
		if c.err != "" {
			var e *rpcerr.Error
			if !errors.As(err, &e) || e.Tag != rpcerr.InvalidValue || !strings.Contains(e.Message, c.err) {
				t.Errorf("%s: error %v, want %q", c.text, err, c.err)
			}
			continue
		}
		want := c.want
		if want == "" {
			want = c.text
		}
		if err != nil || p.String() != want {
			t.Errorf("%s: %s, %v", c.text, p, err)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	fx := newFixture(f)
	for _, s := range []string{
		"/", "/t:top/item[id='x']/part[a='1'][b=\"2\"]", "/t:top/event[3]/what",
		"/t:top/tag[.=concat('a',\"'\",'\"')]", "/t:top/u:typed[n='5'][k='u:good']",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := tree.ParsePath(fx.Schema, text)
		if err != nil {
			return
		}
		again, err := tree.ParsePath(fx.Schema, p.String())
		if err != nil || again.String() != p.String() || len(again) != len(p) {
			t.Fatalf("%q reads as %s, which reads as %s: %v", text, p, again, err)
		}
	})
}

func TestParseKeys(t *testing.T) {
	f := newFixture(t)
	r := yang.ModuleResolver{Module: "t", Prefixes: map[string]string{"x": "t", "y": "u"}}
	for _, c := range []struct {
		list, text, want, err string
	}{
		{list: "/t:top/step", text: "[x:id='a']", want: "a"},
		{list: "/t:top/step", text: " [ id = \"a\" ] ", want: "a"},
		{list: "/t:top/item/part", text: "[x:b='2']\n  [x:a='1']", want: "1\x002"},
		{list: "/t:top/u:typed", text: "[y:n='1'][y:k='y:good']", want: "1\x00u:good"},
		{list: "/t:top/step", text: "[y:id='a']", err: "no data node"},
		{list: "/t:top/step", text: "[x:id='a']/x:val", err: "nothing else"},
		{list: "/t:top/step", text: "", err: "key id"},
		{list: "/t:top/item/part", text: "[x:a='1']", err: "key b"},
	} {
		vals, err := tree.ParseKeys(f.node(c.list), c.text, r)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %q", c.text, err, c.err)
			}
		} else if err != nil || tree.KeyOf(vals...) != c.want {
			t.Errorf("%s: %v, %v", c.text, vals, err)
		}
	}
}

func TestPathSteps(t *testing.T) {
	f := newFixture(t)
	p := f.path(t, "/t:top/item[id='x']/val")
	if got := p.Parent().String(); got != "/t:top/item[id='x']" {
		t.Errorf("parent %s", got)
	}
	if p.Schema() != f.below("item/val") || (tree.Path{}).Schema() != nil || (tree.Path{}).Parent() != nil {
		t.Error("schema or parent of an end")
	}
	parent := p.Parent()
	_ = append(parent, tree.Step{Schema: f.below("item/size")})
	if p.String() != "/t:top/item[id='x']/val" {
		t.Errorf("appending to the parent changed %s", p)
	}
}
