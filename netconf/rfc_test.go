package netconf

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"golang.org/x/tools/txtar"
)

// rfcFeatures are what the examples of the RFCs take for granted: all capabilities, and
// their data models.
var rfcFeatures = []string{"startup", "url", "stats", "my-own", "rock", "example", "bgp", "ietf-interfaces"}

// TestRFC plays the examples of RFC 6241, 6243, 5277, 8526 and 9144, one file for each
// section that has some, named after it. They are conversations like those of
// TestScenarios, and "rfc" is what the RFC shows for the reply or notification before it:
// the same XML (see sameXML), or "differs" tells why not. Where a reply has more than a
// reader wants to see, "rfc" or "like" is there in its place. README.md lists them.
func TestRFC(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc[0-9]*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	table, err := os.ReadFile("testdata/rfc/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name, _ := filepath.Rel("testdata", path)
		if !strings.Contains(string(table), "("+"../"+name+")") {
			t.Errorf("%s is not in the table of testdata/rfc/README.md", name)
		}
		t.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) { play(t, path) })
	}
}

// judge compares what came with what the RFC shows, where the sections that follow say.
func judge(t *testing.T, next []txtar.File, got string) {
	t.Helper()
	if len(next) == 0 || next[0].Name != "rfc" && next[0].Name != "like" {
		return
	}
	differs := len(next) > 1 && next[1].Name == "differs"
	switch err := sameXML(got, string(next[0].Data)); {
	case err != nil && !differs:
		t.Errorf("%v\ngot  %s\nRFC  %s", err, got, next[0].Data)
	case err == nil && differs:
		t.Errorf("nothing differs, against what is said: %s", next[1].Data)
	}
}

// TestRFCHello sends the examples of hello that RFCs have, as a client would: without
// session-id.
func TestRFCHello(t *testing.T) {
	const id = "<session-id>4</session-id>"
	hello := func(version string) string {
		return `<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">
  <capabilities>
    <capability>
      ` + version + `
    </capability>
    <capability>
      urn:ietf:params:netconf:capability:startup:1.0
    </capability>
    <capability>
      http://example.net/router/2.3/myfeature
    </capability>
  </capabilities>
  ` + id + `
</hello>`
	}
	for _, tt := range []struct {
		name, hello string
		ends        bool
	}{
		{"RFC 6241 Section 8.1", strings.Replace(hello(base11), id, "", 1), false},
		{"RFC 6241 Section 8.1, with the session-id of a server", hello(base11), true},
		// What RFC 5277 has for the version is the namespace.
		{"RFC 5277 Section 3.1.2", strings.Replace(hello("urn:ietf:params:xml:ns:netconf:base:1.0"), id, "", 1), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := start(t, "", Options{}).connect()
			defer c.close()
			c.read()
			c.write(tt.hello)
			if !tt.ends {
				c.framer.SetChunked()
				c.must("<discard-changes/>")
			} else if got := c.read(); got != "" {
				t.Errorf("the session goes on with %s", got)
			}
		})
	}
}

// joinRFC has the store do what the examples need, as far as its schema has it.
func (f *fixture) joinRFC() {
	f.store.AddStateProvider(exampleState{f})
	for _, rpc := range []yang.Name{{Module: "my-own", Local: "my-own-method"}, {Module: "rock", Local: "rock-the-house"}} {
		if f.store.Schema().RPC(rpc.Module, rpc.Local) != nil {
			f.store.HandleRPC(rpc.Module, rpc.Local, func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
		}
	}
}

// exampleState is what operational has in an example, in place of what running has of
// the same topmost nodes.
type exampleState struct{ f *fixture }

func (exampleState) Paths() []string {
	return []string{"/stats:top", "/example:interfaces", "/bgp:bgp", "/ietf-interfaces:interfaces"}
}

func (e exampleState) State(_ context.Context, _ datastore.StateRequest, root *tree.Mut) error {
	text := e.f.operational.Load()
	if text == nil || *text == "" {
		return nil
	}
	s := e.f.store.Schema()
	sink := &originSink{Builder: tree.NewBuilder(s.Root), of: map[*yang.Node]tree.Origin{}}
	x := codec.NewXMLReader(strings.NewReader("<data>"+*text+"</data>"), codec.XMLLimits{})
	if _, err := x.Next(); err != nil {
		return err
	}
	if err := codec.DecodeXML(x, s, s.Root, sink, codec.DecodeOptions{}); err != nil {
		return err
	}
	t, err := sink.Tree()
	if err != nil {
		return err
	}
	for c := range t.Root().Children() {
		root.Put(sink.annotated(c), tree.Position{})
	}
	return nil
}

// originSink is a Builder that keeps the origins of nodes, by their schema nodes.
type originSink struct {
	*tree.Builder
	of map[*yang.Node]tree.Origin
}

func (o *originSink) note(s *yang.Node, attrs []tree.Attr) {
	for _, a := range attrs {
		for origin := tree.OriginIntended; origin <= tree.OriginUnknown; origin++ {
			if a.Name == "origin" && strings.TrimPrefix(a.Value, "or:") == origin.String() {
				o.of[s] = origin
			}
		}
	}
}

func (o *originSink) Begin(s *yang.Node, attrs []tree.Attr) error {
	o.note(s, attrs)
	return o.Builder.Begin(s, nil)
}

func (o *originSink) Leaf(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	o.note(s, attrs)
	return o.Builder.Leaf(s, v, nil)
}

// annotated is n with the origins.
func (o *originSink) annotated(n *tree.Node) *tree.Node {
	s := n.Schema()
	if s.IsLeafy() {
		return n.WithOrigin(o.of[s])
	}
	root := tree.New(s.DataParent).Mutate()
	root.Put(n, tree.Position{})
	m := root.Child(s)
	if s.Kind == yang.List {
		m = root.Entry(s, tree.KeyOf(n.KeyValues()...))
	}
	m.SetOrigin(o.of[s])
	for c := range n.Children() {
		m.Put(o.annotated(c), tree.Position{})
	}
	return m.Node()
}
