package yang

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const toyModule = `
import ietf-netconf-acm { prefix nacm; }
identity base-id;
container top {
  nacm:default-deny-write;
  list l {
    key "k2 k1"; ordered-by user;
    leaf v { type string; default d; }
    choice h {
      when "v";
      default two;
      case one { leaf c1 { type t; } container c2 { when "../v"; leaf deep { type int8; } } }
      leaf two { type leafref { path "../v"; } }
    }
    leaf k1 { type int8; default 4; }
    leaf k2 { type string; }
    action act { input { leaf in { type string; } } }
    notification note { leaf n { type string; } }
  }
  container state { config false; nacm:default-deny-all; leaf-list s { type t; } container plain; }
  leaf-list ll { type t; default 1.5; default 2; }
}
typedef t { type decimal64 { fraction-digits 2; } default 7; units m; }
rpc op { nacm:default-deny-all; input { leaf x { type string; } } output { leaf y { type string; } } }
notification event { leaf e { type string; } }
`

func toy(t *testing.T) *Schema {
	t.Helper()
	nacm := "module ietf-netconf-acm { namespace urn:nacm; prefix nacm; extension default-deny-write; extension default-deny-all; }"
	text := "module toy { yang-version 1.1; namespace urn:toy; prefix toy; " + toyModule + "}"
	lib := NewLibrary(fstest.MapFS{"toy.yang": {Data: []byte(text)}, "ietf-netconf-acm.yang": {Data: []byte(nacm)}})
	s, err := Compile(lib, Options{Implement: []ModuleSpec{{Name: "toy"}}})
	if err != nil {
		t.Fatal(err)
	}
	checkConsistent(t, s)
	return s
}

func names(l []*Node) string {
	var words []string
	for _, n := range l {
		words = append(words, n.Name)
	}
	return strings.Join(words, " ")
}

func TestTree(t *testing.T) {
	s := toy(t)
	find := func(path string) *Node {
		t.Helper()
		n := s.Find(path)
		if n == nil {
			t.Fatalf("no %s", path)
		}
		return n
	}
	l := find("/toy:top/l")
	tests := []struct{ what, got, want string }{
		{"data, keys first, choices flattened", names(l.Data), "k2 k1 v c1 c2 two"},
		{"children in order", names(l.Children), "v h k1 k2 act note"},
		{"keys", names(l.Keys), "k2 k1"},
		{"root", names(s.Root.Data), "top"},
		{"root children", names(s.Root.Children), "top"},
		{"data path", find("/toy:top/l/c2/deep").Path(), "/toy:top/l/c2/deep"},
		{"schema path", find("/toy:top/l/c2/deep").SchemaPath(), "/toy:top/l/h/one/c2/deep"},
		{"default case", s.Nodes[find("/toy:top/l/c1").Case.Parent.ID].DefaultCase.Name, "two"},
		{"case of a shorthand", find("/toy:top/l/two").Case.SchemaPath(), "/toy:top/l/h/two"},
		{"input", find("/toy:op").Input().Data[0].Path(), "/toy:op/input/x"},
		{"output", find("/toy:op/output/y").DataParent.Parent.QName(), "toy:op"},
		{"action", l.Child("toy", "act").Kind.String(), "action"},
		{"notification in a list", l.Child("toy", "note").Kind.String(), "notification"},
		{"units of the typedef", find("/toy:top/ll").Units, "m"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if find("/toy:top/l/c2/deep").Case != nil {
		t.Error("a node below a container in a case stands in no case of its own parent")
	}
	for _, path := range []string{"", "toy:top", "/top", "/toy:nothing", "/toy:top/", "/other:top", "/toy:top/h", "/toy:top/l/one", "/toy:op/nothing"} {
		if n := s.Find(path); n != nil {
			t.Errorf("Find(%q) is %s", path, n.Path())
		}
	}
	if s.Find("/") != s.Root {
		t.Error("/ is not Root")
	}
	if l.Input() != nil {
		t.Error("a list has an input")
	}
	if s.RPC("toy", "op") != find("/toy:op") || s.RPC("toy", "event") != nil || s.RPC("other", "op") != nil {
		t.Error("RPC")
	}
	if m := s.ModuleByNamespace("urn:toy"); m == nil || m != s.Module("toy") || len(m.Notifications) != 1 {
		t.Error("module by namespace")
	}
}

func TestInherited(t *testing.T) {
	s := toy(t)
	tests := []struct {
		path   string
		config bool
		deny   Deny
	}{
		{"/toy:top", true, DenyWrite},
		{"/toy:top/l/c2/deep", true, DenyWrite},
		{"/toy:top/state", false, DenyAll},
		{"/toy:top/state/plain", false, DenyAll},
		{"/toy:op", false, DenyAll},
		{"/toy:op/input/x", false, DenyAll},
		{"/toy:event/e", false, DenyNone},
		{"/toy:top/l/note/n", false, DenyWrite},
	}
	for _, tt := range tests {
		if n := s.Find(tt.path); n.Config != tt.config || n.DefaultDeny != tt.deny {
			t.Errorf("%s: config %t, deny %d", tt.path, n.Config, n.DefaultDeny)
		}
	}
}

func TestDefaults(t *testing.T) {
	s := toy(t)
	tests := []struct {
		path, want  string
		fromTypedef bool
	}{
		{"/toy:top/l/v", "d", false},
		{"/toy:top/l/k1", "", false}, // of a key: ignored
		{"/toy:top/l/two", "", false},
		{"/toy:top/l/c1", "7.0", true},
		{"/toy:top/ll", "1.5 2.0", false},
		{"/toy:top/state/s", "7.0", true},
	}
	for _, tt := range tests {
		n := s.Find(tt.path)
		var words []string
		for _, v := range n.Defaults {
			words = append(words, v.String())
		}
		if got := strings.Join(words, " "); got != tt.want || n.DefaultFromTypedef != tt.fromTypedef {
			t.Errorf("%s: %q %t", tt.path, got, n.DefaultFromTypedef)
		}
	}
}

func TestWhenContext(t *testing.T) {
	s := toy(t)
	c2 := s.Find("/toy:top/l/c2")
	if len(c2.Whens) != 1 || c2.Whens[0].OnParent {
		t.Error("the when of a container has itself as context")
	}
	if h := c2.Case.Parent; len(h.Whens) != 1 || !h.Whens[0].OnParent {
		t.Error("the when of a choice has the nearest data ancestor as context")
	}
}

func TestLeafrefTarget(t *testing.T) {
	s := toy(t)
	two, v := s.Find("/toy:top/l/two"), s.Find("/toy:top/l/v")
	if two.Type.Target != v || two.Type.Real != v.Type {
		t.Error("target of a leafref")
	}
}

func TestContentID(t *testing.T) {
	compile := func(text string, o Options) *Schema {
		t.Helper()
		o.Implement = append(o.Implement, ModuleSpec{Name: "a"})
		s, err := Compile(NewLibrary(fstest.MapFS{
			"a.yang": {Data: []byte("module a { namespace urn:a; prefix a; " + text + "}")},
			"b.yang": {Data: []byte("module b { namespace urn:b; prefix b; leaf x { type string; } }")},
		}), o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	base := compile("feature f; feature g;", Options{}).ContentID()
	if again := compile("feature f; feature g; leaf x { type string; }", Options{}).ContentID(); again != base {
		t.Error("the same set of modules has another content-id")
	}
	seen := []string{base}
	for name, s := range map[string]*Schema{
		"revision":    compile("revision 2020-01-01; feature f; feature g;", Options{}),
		"feature":     compile("feature f; feature g;", Options{Features: map[string][]string{"a": {"f"}}}),
		"import":      compile("import b { prefix b; } feature f; feature g;", Options{}),
		"implemented": compile("import b { prefix b; } feature f; feature g;", Options{ImplementAll: true}),
		"deviation":   compile("import b { prefix b; } feature f; feature g; deviation /b:x { deviate add { units u; } }", Options{}),
	} {
		id := s.ContentID()
		if slices.Contains(seen, id) || len(id) != 32 {
			t.Errorf("%s: content-id %s", name, id)
		}
		seen = append(seen, id)
	}
}
