package tree_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// build sends a script to a Builder: "top{ item{ id=x } }", names from Root down.
func build(f fixture, b *tree.Builder, script string) (*tree.Tree, error) {
	at := []*yang.Node{f.Root}
	for _, word := range strings.Fields(script) {
		up := at[len(at)-1]
		name, text, leaf := strings.Cut(word, "=")
		child := func() *yang.Node {
			for _, m := range []string{"t", "u"} {
				if c := up.Child(m, strings.TrimSuffix(name, "{")); c != nil {
					return c
				}
			}
			panic("no node " + word)
		}
		var err error
		switch {
		case word == "}":
			at = at[:len(at)-1]
			err = b.End()
		case leaf && child().Kind == yang.AnyData:
			err = b.Any(child(), &tree.Any{JSON: text}, nil)
		case leaf:
			err = b.Leaf(child(), f.value(child(), text), nil)
		default:
			at = append(at, child())
			err = b.Begin(child(), nil)
		}
		if err != nil {
			return nil, err
		}
	}
	return b.Tree()
}

func TestBuilder(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		name, script string
		want         string // dump, or path of the error
		tag          rpcerr.Tag
		info         string
	}{
		{
			name: "order of schema", script: "word=b top{ name=x item{ val=v id=2 } tag=t item{ id=1 } } word=a",
			want: "/top{\n/top/name=x\n/top/tag=t\n/top/item{\n/top/item/id=1\n/top/item{\n/top/item/id=2\n/top/item/val=v\n/word=a\n/word=b\n",
		},
		{
			name: "user order", script: "top{ rank=b rank=a step{ id=2 } step{ id=1 } }",
			want: "/top{\n/top/rank=b\n/top/rank=a\n/top/step{\n/top/step/id=2\n/top/step{\n/top/step/id=1\n",
		},
		{
			name: "state may repeat", script: "top{ seen=b seen=a seen=b event{ what=x } event{ what=x } event{ } }",
			want: "/top{\n/top/seen=b\n/top/seen=a\n/top/seen=b\n/top/event{\n/top/event/what=x\n/top/event{\n/top/event/what=x\n/top/event{\n",
		},
		{name: "one case", script: "top{ one=1 uno=1 }", want: "/top{\n/top/one=1\n/top/uno=1\n"},
		{name: "one nested case", script: "top{ ib=1 two=1 }", want: "/top{\n/top/two=1\n/top/ib=1\n"},
		{name: "no key", script: "top{ item{ val=x } }", tag: rpcerr.MissingElement, want: "/t:top/item", info: "id"},
		{name: "part of the keys", script: "top{ item{ id=x part{ b=1 } } }", tag: rpcerr.MissingElement, want: "/t:top/item[id='x']/part", info: "a"},
		{name: "leaf twice", script: "top{ name=a name=a }", tag: rpcerr.BadElement, want: "/t:top/name", info: "name"},
		{name: "key twice", script: "top{ item{ id=a id=a } }", tag: rpcerr.BadElement, want: "/t:top/item[id='a']/id", info: "id"},
		{name: "container twice", script: "top{ } top{ }", tag: rpcerr.BadElement, want: "/t:top", info: "top"},
		{name: "anydata twice", script: "top{ blob=1 blob=2 }", tag: rpcerr.BadElement, want: "/t:top/blob", info: "blob"},
		{name: "entry twice", script: "top{ item{ id=a } item{ id=b } item{ id=a } }", tag: rpcerr.BadElement, want: "/t:top/item[id='a']", info: "item"},
		{name: "user entry twice", script: "top{ step{ id=a } step{ id=a } }", tag: rpcerr.BadElement, want: "/t:top/step[id='a']", info: "step"},
		{name: "value twice", script: "top{ tag=a tag=a }", tag: rpcerr.BadElement, want: "/t:top/tag[.='a']", info: "tag"},
		{name: "two cases", script: "top{ one=1 three=1 }", tag: rpcerr.BadElement, want: "/t:top/three", info: "three"},
		{name: "two nested cases", script: "top{ ib=1 ia=1 }", tag: rpcerr.BadElement, want: "/t:top/ia", info: "ia"},
		{name: "nested and outer case", script: "top{ ib=1 uno=1 }", tag: rpcerr.BadElement, want: "/t:top/uno", info: "uno"},
		{name: "not ended", script: "top{ item{ id=a", tag: rpcerr.MalformedMessage, want: "/t:top/item[id='a']"},
	} {
		got, err := build(f, tree.NewBuilder(f.Root), c.script)
		if c.tag == "" {
			if err != nil || dump(got) != c.want {
				t.Errorf("%s: %v\n%s", c.name, err, dump(got))
			}
			continue
		}
		var e *rpcerr.Error
		if !errors.As(err, &e) || e.Tag != c.tag || e.Path != c.want {
			t.Errorf("%s: %v", c.name, err)
		} else if c.info != "" && (len(e.Info) != 1 || e.Info[0].Value != c.info) {
			t.Errorf("%s: info %v", c.name, e.Info)
		}
	}
}

func TestBuilderBelowPath(t *testing.T) {
	f := newFixture(t)
	at := f.path(t, "/t:top/item[id='x']")
	b := tree.NewBuilder(f.below("item"))
	b.At = at
	b.Begin(f.below("item/part"), nil)
	err := b.End()
	if e := rpcerr.All(err)[0]; e.Path != "/t:top/item[id='x']/part" {
		t.Errorf("path %s", e.Path)
	}

	b = tree.NewBuilder(f.below("item"))
	b.Target = f.path(t, "/t:top/item[id='x']/part[a='1'][b='2']")[2]
	b.Begin(f.below("item/part"), nil)
	b.Leaf(f.below("item/part/b"), f.str("2"), nil)
	if err := b.End(); err != nil {
		t.Fatal(err)
	}
	got, _ := b.Tree()
	if want := "/part{\n/part/a=1\n/part/b=2\n"; dump(got) != want {
		t.Errorf("got %s", dump(got))
	}
}

func TestBuilderReadsMetadata(t *testing.T) {
	f := newFixture(t)
	b := tree.NewBuilder(f.Root)
	origin := []tree.Attr{{Module: "ietf-origin", Name: "origin", Value: "or:system"}}
	b.Begin(f.node("/t:top"), origin)
	b.Leaf(f.below("name"), f.str("x"), []tree.Attr{{Module: "urn:ietf:params:xml:ns:netconf:default:1.0", Name: "default", Value: "true"}})
	b.Leaf(f.below("count"), f.value(f.below("count"), "1"), []tree.Attr{{Module: "other", Name: "default", Value: "true"}})
	b.End()
	got, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	top := got.Root().Child(f.node("/t:top"))
	if top.Origin() != tree.OriginSystem || top.IsDefault() {
		t.Errorf("origin %s, default %v", top.Origin(), top.IsDefault())
	}
	if n := top.Child(f.below("name")); !n.IsDefault() || n.Origin() != tree.OriginNone {
		t.Error("the default mark is lost")
	}
	if n := top.Child(f.below("count")); n.IsDefault() {
		t.Error("the default mark is not the one of RFC 6243")
	}
}
