package tree_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const moduleT = `module t {
  yang-version 1.1; namespace "urn:t"; prefix t;
  container top {
    leaf name { type string; }
    leaf count { type uint32; default 7; }
    leaf-list tag { type string; }
    leaf-list rank { type string; ordered-by user; }
    leaf-list seen { type string; config false; }
    leaf-list def { type string; default a; default b; }
    anydata blob;
    container np { leaf x { type string; } leaf y { type string; } }
    container on { presence "on"; leaf x { type string; } }
    list item {
      key id;
      leaf id { type string; }
      leaf val { type string; }
      leaf size { type uint32; }
      list part { key "a b"; leaf a { type string; } leaf b { type string; } leaf c { type string; } }
    }
    list step {
      key id; ordered-by user;
      leaf id { type string; }
      leaf val { type string; }
    }
    list event { config false; leaf what { type string; } }
    choice pick {
      case one { leaf one { type string; } leaf uno { type string; } }
      case two {
        leaf two { type string; }
        choice inner { leaf ia { type string; } leaf ib { type string; } }
      }
      leaf three { type string; }
    }
  }
  leaf-list word { type string; }
}`

const moduleU = `module u {
  yang-version 1.1; namespace "urn:u"; prefix u;
  import t { prefix t; }
  identity kind;
  identity good { base kind; }
  augment /t:top/t:item { leaf extra { type identityref { base kind; } } }
  augment /t:top { list typed { key "n k"; leaf n { type int32; } leaf k { type identityref { base kind; } } } }
}`

// fixture is the compiled test schema with short ways to its nodes.
type fixture struct{ *yang.Schema }

func newFixtureOf(t testing.TB, texts ...string) fixture {
	return fixture{dstest.Schema(t, texts...)}
}

func newFixture(t testing.TB) fixture {
	return newFixtureOf(t, moduleT, moduleU)
}

func (f fixture) node(path string) *yang.Node {
	if n := f.Find(path); n != nil {
		return n
	}
	panic("no schema node " + path)
}

// below returns a node below /t:top.
func (f fixture) below(path string) *yang.Node { return f.node("/t:top/" + path) }

func (f fixture) value(s *yang.Node, text string) yang.Value {
	v, err := s.Type.Parse(text, yang.JSONResolver{Schema: f.Schema, Default: s.Module.Name})
	if err != nil {
		panic(err)
	}
	return v
}

func (f fixture) str(text string) yang.Value { return f.value(f.below("name"), text) }

func (f fixture) path(t testing.TB, text string) tree.Path {
	t.Helper()
	p, err := tree.ParsePath(f.Schema, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dump writes a tree as one line per leaf or empty node, in order.
func dump(t *tree.Tree) string {
	var b strings.Builder
	dumpNode(&b, "", t.Root())
	return b.String()
}

func dumpNode(b *strings.Builder, at string, n *tree.Node) {
	for c := range n.Children() {
		name := at + "/" + c.Schema().Name
		switch c.Schema().Kind {
		case yang.Leaf, yang.LeafList:
			fmt.Fprintf(b, "%s=%s\n", name, c.Value())
		case yang.AnyData, yang.AnyXML:
			fmt.Fprintf(b, "%s=%s\n", name, c.Any().JSON)
		default:
			fmt.Fprintf(b, "%s{\n", name)
			dumpNode(b, name, c)
		}
	}
}

// feed sends the content of n to a sink, in order or, with reverse, backwards.
func feed(sink tree.Sink, n *tree.Node, reverse bool) error {
	kids := slices.Collect(n.Children())
	if reverse {
		slices.SortStableFunc(kids, func(a, b *tree.Node) int { return b.Schema().Index - a.Schema().Index })
	}
	for _, c := range kids {
		var err error
		switch s := c.Schema(); s.Kind {
		case yang.Leaf, yang.LeafList:
			err = sink.Leaf(s, c.Value(), nil)
		case yang.AnyData, yang.AnyXML:
			err = sink.Any(s, c.Any(), nil)
		default:
			if err = sink.Begin(s, nil); err == nil {
				if err = feed(sink, c, reverse); err == nil {
					err = sink.End()
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
