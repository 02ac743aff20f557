package edit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const moduleE = `module e {
  yang-version 1.1; namespace "urn:e"; prefix e;
  container top {
    leaf name { type string; }
    leaf count { type uint32; default 7; }
    leaf state { type string; config false; }
    leaf-list tag { type string; }
    leaf-list rank { type string; ordered-by user; }
    anydata blob;
    container np { leaf x { type string; } container deep { leaf y { type string; } } }
    container on { presence "on"; leaf x { type string; } }
    list item { key id; leaf id { type string; } leaf val { type string; } leaf size { type string; }
      list part { key "a b"; leaf a { type string; } leaf b { type string; } leaf c { type string; } } }
    list step { key id; ordered-by user; leaf id { type uint8; } leaf val { type string; } }
    list pair { key "a b"; ordered-by user; leaf a { type string; } leaf b { type string; } }
    choice pick {
      case one { leaf one { type string; } container uno { leaf x { type string; } } }
      case two { list two { key k; leaf k { type string; } } leaf duo { type string; }
        choice inner { leaf ia { type string; } leaf ib { type string; } } }
    }
  }
}`

type fixture struct{ *yang.Schema }

func newFixture(t testing.TB) fixture { return fixture{dstest.Schema(t, moduleE)} }

func (f fixture) path(text string) tree.Path {
	p, err := tree.ParsePath(f.Schema, text)
	if err != nil {
		panic(err)
	}
	return p
}

// send feeds a script to a sink: words "name{", "leaf=text", "}", each with
// attributes behind bars: "item{|delete", "rank=x|insert=after|value=y".
func (f fixture) send(sink tree.Sink, root *yang.Node, script string) error {
	at := []*yang.Node{root}
	for _, word := range strings.Fields(script) {
		word, bars, _ := strings.Cut(word, "|")
		attrs := readAttrs(bars)
		up := at[len(at)-1]
		name, text, isLeaf := strings.Cut(word, "=")
		var err error
		switch s := up.Child("e", strings.TrimSuffix(name, "{")); {
		case word == "}":
			at = at[:len(at)-1]
			err = sink.End()
		case s == nil:
			panic("no node " + word)
		case strings.HasSuffix(word, "{"):
			at = append(at, s)
			err = sink.Begin(s, attrs)
		case s.Kind == yang.AnyData:
			err = sink.Any(s, &tree.Any{JSON: text}, attrs)
		default:
			var v yang.Value
			if isLeaf {
				if v, err = s.Type.Parse(text, yang.JSONResolver{}); err != nil {
					panic(err)
				}
			}
			err = sink.Leaf(s, v, attrs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readAttrs(bars string) []tree.Attr {
	var attrs []tree.Attr
	for _, bar := range strings.Split(bars, "|") {
		name, value, ok := strings.Cut(bar, "=")
		module := "urn:ietf:params:xml:ns:yang:1"
		switch {
		case bar == "":
			continue
		case !ok:
			module, name, value = "ietf-netconf", "operation", bar
		case name == "default":
			module = "urn:ietf:params:xml:ns:netconf:default:1.0"
		case strings.Contains(name, ":"):
			module, name, _ = strings.Cut(name, ":")
		}
		r := yang.ModuleResolver{Module: "e", Prefixes: map[string]string{"p": "e"}}
		attrs = append(attrs, tree.Attr{Module: module, Name: name, Value: strings.ReplaceAll(value, "_", " "), Resolver: r})
	}
	return attrs
}

// tree builds the content of a script below root.
func (f fixture) tree(root *yang.Node, script string) *tree.Tree {
	b := tree.NewBuilder(root)
	if err := f.send(b, root, script); err != nil {
		panic(err)
	}
	t, err := b.Tree()
	if err != nil {
		panic(err)
	}
	return t
}

// edit builds the edit of a script; "none:", "replace:" in front set the default operation.
func (f fixture) edit(script string) (*edit.Edit, error) {
	op := edit.Merge
	if name, rest, ok := strings.Cut(script, ":"); ok {
		if o, known := edit.ParseOp(name); known {
			op, script = o, rest
		}
	}
	b := edit.NewBuilder(f.Root, op)
	if err := f.send(b, f.Root, script); err != nil {
		return nil, err
	}
	return b.Edit()
}

// script writes a tree as the script that makes it.
func script(n *tree.Node) string {
	var words []string
	for c := range n.Children() {
		switch name := c.Schema().Name; c.Schema().Kind {
		case yang.Leaf, yang.LeafList:
			words = append(words, name+"="+c.Value().String())
		case yang.AnyData:
			words = append(words, name+"="+c.Any().JSON)
		default:
			words = append(words, strings.TrimSpace(fmt.Sprintf("%s{ %s", name, script(c)))+" }")
		}
	}
	return strings.Join(words, " ")
}
