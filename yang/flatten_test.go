package yang

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	goyang "github.com/openconfig/goyang/pkg/yang"
	"github.com/openconfig/ygot/genutil"
	"github.com/openconfig/ygot/gogen"
	"github.com/openconfig/ygot/ygen"
	"github.com/rogpeppe/go-internal/txtar"
)

const flattenFile = "testdata/flatten/trees.txtar"

// flatCase compiles the modules under in/ of the archive.
func flatCase(t *testing.T, a *txtar.Archive) *Schema {
	t.Helper()
	in := fstest.MapFS{}
	o := Options{Features: map[string][]string{"app": {"on"}}}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "in/"); ok {
			in[name] = &fstest.MapFile{Data: f.Data}
			o.Implement = append(o.Implement, ModuleSpec{Name: strings.TrimSuffix(name, ".yang")})
		}
	}
	s, err := Compile(NewLibrary(in), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFlatten compares what Flatten writes with the golden texts under out/.
func TestFlatten(t *testing.T) {
	a, err := txtar.ParseFile(flattenFile)
	if err != nil {
		t.Fatal(err)
	}
	s := flatCase(t, a)
	list, err := Flatten(s, "app")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "out/") })
		for _, m := range list {
			a.Files = append(a.Files, txtar.File{Name: "out/" + m.File(), Data: m.Text})
		}
		if err := os.WriteFile(flattenFile, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string][]byte{}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "out/"); ok {
			want[name] = f.Data
		}
	}
	if len(want) != len(list) {
		t.Errorf("%d modules, want %d", len(list), len(want))
	}
	for _, m := range list {
		if !bytes.Equal(want[m.File()], m.Text) {
			t.Errorf("%s:\n%s\nwant:\n%s", m.File(), m.Text, want[m.File()])
		}
	}
	again, err := Flatten(flatCase(t, a), "app")
	if err != nil || !slices.EqualFunc(list, again, func(x, y FlatModule) bool { return x.Name == y.Name && bytes.Equal(x.Text, y.Text) }) {
		t.Error("the same schema gave another text", err)
	}
	if _, err := Flatten(s, "app", "nothing"); err == nil {
		t.Error("a module that is not there")
	}
}

// TestFlattenCompiles compiles the flat modules with our own compiler and
// compares the data trees: the same nodes without choices, in the same order.
func TestFlattenCompiles(t *testing.T) {
	a, err := txtar.ParseFile(flattenFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Schema{"app": flatCase(t, a), "ietf-alto": compileAll(t, Builtin())} {
		list, err := Flatten(s, name)
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{}
		for _, m := range list {
			files[m.File()] = &fstest.MapFile{Data: m.Text}
		}
		flat := compileAll(t, NewLibrary(files))
		var roots []*Node
		for _, n := range s.Root.Data {
			if n.Module.Name == name {
				roots = append(roots, n)
			}
		}
		compareFlat(t, roots, flat.Root.Data)
	}
}

func compareFlat(t *testing.T, full, flat []*Node) {
	t.Helper()
	full = slices.DeleteFunc(slices.Clone(full), func(n *Node) bool { return n.Kind == AnyData || n.Kind == AnyXML })
	if len(full) != len(flat) {
		t.Fatalf("%s, flat: %s", names(full), names(flat))
	}
	for i, n := range full {
		f := flat[i]
		if n.FlatName() != f.Name || n.Kind != f.Kind || n.Config != f.Config || names(n.Keys) != names(f.Keys) || n.Presence != f.Presence {
			t.Errorf("%s is %s", n.Path(), f.Path())
		}
		compareFlat(t, n.Data, f.Data)
	}
}

// TestGenerate runs ygot's generator over flat modules.
func TestGenerate(t *testing.T) {
	a, err := txtar.ParseFile(flattenFile)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Flatten(flatCase(t, a), "app")
	if err != nil {
		t.Fatal(err)
	}
	code := generate(t, list)
	if _, err := parser.ParseFile(token.NewFileSet(), "gen.go", code, 0); err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		"type App_Top struct", "type App_Top_Item_Key struct", "type App_Top_Quic struct", "type E_App_Level int64", "type E_Lib_Kind int64",
		`path:"more.a" module:"app"`, "Lib_Kind_special E_Lib_Kind", "yangPresence:\"true\"",
	} {
		if !strings.Contains(code, want) {
			t.Errorf("the generated code lacks %q", want)
		}
	}
	if strings.Contains(code, "Gone") {
		t.Error("a node that is switched off was generated")
	}
}

// generate writes the modules into a folder and returns the Go code that ygot
// makes of them.
func generate(t *testing.T, list []FlatModule) string {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for _, m := range list {
		file := filepath.Join(dir, m.File())
		if err := os.WriteFile(file, m.Text, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	generator := gogen.New("", ygen.IROptions{
		ParseOptions: ygen.ParseOpts{IgnoreUnsupportedStatements: true, YANGParseOptions: goyang.Options{}},
		TransformationOptions: ygen.TransformationOpts{
			CompressBehaviour: genutil.Uncompressed, GenerateFakeRoot: true, EnumerationsUseUnderscores: true,
		},
	}, gogen.GoOpts{
		PackageName: "gen", GenerateSimpleUnions: true, AddYangPresence: true, GenerateLeafGetters: true, GenerateGetters: true,
		GenerateJSONSchema: true, GeneratePopulateDefault: true,
	})
	code, errs := generator.Generate(files, []string{dir})
	if errs != nil {
		t.Fatal(errs)
	}
	var b strings.Builder
	b.WriteString(code.CommonHeader + code.OneOffHeader)
	for _, s := range code.Structs {
		b.WriteString(s.String())
	}
	for _, e := range code.Enums {
		b.WriteString(e)
	}
	b.WriteString(code.EnumMap)
	return b.String()
}
