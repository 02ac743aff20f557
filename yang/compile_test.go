package yang

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata")

// compileCase is a folder of a testdata/compile archive: CASE/NAME.yang are the
// modules, CASE/want the exact error text, absent when they must compile,
// CASE/facts lines that the facts must hold, CASE/without lines or keys that they
// must not, CASE/options words "implement=NAME[@REV]" (default: all modules) and
// "features=MODULE:a,b". A text without module statement is a body: the
// statement is put around it on the same lines, in version 1.1 with the name as
// the prefix. A text that starts with "!" is taken as it is, without that sign;
// attributes of facts are set apart by two spaces.
type compileCase struct {
	name  string
	files map[string][]byte
}

func readCases(t *testing.T, a *txtar.Archive) []*compileCase {
	t.Helper()
	var cases []*compileCase
	for _, f := range a.Files {
		name, file := path.Split(f.Name)
		name = strings.TrimSuffix(name, "/")
		i := slices.IndexFunc(cases, func(c *compileCase) bool { return c.name == name })
		if i < 0 {
			i = len(cases)
			cases = append(cases, &compileCase{name, map[string][]byte{}})
		}
		if cases[i].files[file] != nil {
			t.Fatalf("%s stands twice", f.Name)
		}
		cases[i].files[file] = f.Data
	}
	return cases
}

// texts wraps bodies and returns the modules with the names of those to implement.
func (c *compileCase) texts() (map[string][]byte, []ModuleSpec) {
	texts := map[string][]byte{}
	var specs []ModuleSpec
	for _, file := range sortedKeys(c.files) {
		name, ok := strings.CutSuffix(file, ".yang")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, "@")
		text := string(c.files[file])
		first := strings.TrimSpace(text)
		if !strings.HasPrefix(first, "module ") && !strings.HasPrefix(first, "submodule ") && !strings.HasPrefix(first, "!") {
			text = fmt.Sprintf("module %s { yang-version 1.1; namespace urn:%s; prefix %s; %s\n}\n", name, name, name, strings.TrimRight(text, "\n"))
		}
		if !strings.HasPrefix(first, "submodule ") && !slices.ContainsFunc(specs, func(s ModuleSpec) bool { return s.Name == name }) {
			specs = append(specs, ModuleSpec{Name: name})
		}
		texts[file] = []byte(strings.TrimPrefix(text, "!"))
	}
	return texts, specs
}

// library holds the modules of the case.
func (c *compileCase) library() (*Library, []ModuleSpec) {
	files := fstest.MapFS{}
	texts, specs := c.texts()
	for name, text := range texts {
		files[name] = &fstest.MapFile{Data: text}
	}
	return NewLibrary(files), specs
}

func (c *compileCase) options(t *testing.T, specs []ModuleSpec) Options {
	t.Helper()
	o := Options{Implement: specs}
	named := false
	for _, w := range strings.Fields(string(c.files["options"])) {
		kind, value, _ := strings.Cut(w, "=")
		switch kind {
		case "implement":
			if !named {
				named, o.Implement = true, nil
			}
			name, revision, _ := strings.Cut(value, "@")
			o.Implement = append(o.Implement, ModuleSpec{Name: name, Revision: revision})
		case "features":
			module, list, _ := strings.Cut(value, ":")
			if o.Features == nil {
				o.Features = map[string][]string{}
			}
			o.Features[module] = strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
		default:
			t.Fatalf("unknown option %q", w)
		}
	}
	return o
}

func (c *compileCase) run(t *testing.T) (errors string) {
	lib, specs := c.library()
	s, err := Compile(lib, c.options(t, specs))
	if err != nil {
		if s != nil {
			t.Error("Compile returned a schema and an error")
		}
		return err.Error() + "\n"
	}
	checkConsistent(t, s)
	var facts []string
	for _, m := range s.Modules {
		facts = append(facts, s.Facts(m.Name)...)
	}
	for l := range strings.Lines(string(c.files["facts"])) {
		l = strings.Join(strings.Split(strings.TrimSpace(l), "  "), "\t")
		if !slices.Contains(facts, l) {
			t.Errorf("missing fact %q, those of the same key:\n%s", l, strings.Join(sameKey(facts, l), "\n"))
		}
	}
	for l := range strings.Lines(string(c.files["without"])) {
		l = strings.Join(strings.Split(strings.TrimSpace(l), "  "), "\t")
		if slices.ContainsFunc(facts, func(f string) bool { return f == l || strings.HasPrefix(f, l+"\t") || strings.HasPrefix(f, l+"/") }) {
			t.Errorf("unwanted fact %q", l)
		}
	}
	return ""
}

func sameKey(facts []string, line string) (same []string) {
	word := strings.Split(line, "\t")
	for _, f := range facts {
		if g := strings.Split(f, "\t"); len(word) > 1 && g[0] == word[0] && g[1] == word[1] {
			same = append(same, f)
		}
	}
	return same
}

// TestCompile compiles the cases of every archive. The name of a case that must
// fail starts with "bad".
func TestCompile(t *testing.T) {
	archives, err := fs.Glob(os.DirFS("testdata/compile"), "*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range archives {
		file := filepath.Join("testdata/compile", name)
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range readCases(t, a) {
			t.Run(strings.TrimSuffix(name, ".txtar")+"/"+c.name, func(t *testing.T) {
				got := c.run(t)
				if bad := strings.HasPrefix(c.name, "bad"); bad != (got != "") {
					t.Errorf("a case that must fail is named bad…, this one has the errors:\n%s", got)
				}
				if want := string(c.files["want"]); got != want && !*update {
					t.Errorf("errors:\n%swant:\n%s", got, want)
				}
				c.setWant(a, got)
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// setWant puts the errors after the last file of the case.
func (c *compileCase) setWant(a *txtar.Archive, got string) {
	name := c.name + "/want"
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	if got == "" {
		return
	}
	last := 0
	for i, f := range a.Files {
		if path.Dir(f.Name) == c.name {
			last = i
		}
	}
	a.Files = slices.Insert(a.Files, last+1, txtar.File{Name: name, Data: []byte(got)})
}

// checkConsistent checks what holds for every schema: IDs, parents, indexes.
func checkConsistent(t rapid.TB, s *Schema) {
	t.Helper()
	for i, n := range s.Nodes {
		if n.ID != i {
			t.Errorf("%s: ID %d at index %d", n.SchemaPath(), n.ID, i)
		}
		for _, k := range n.Children {
			if k.Parent != n {
				t.Errorf("%s: parent of a child", k.SchemaPath())
			}
		}
		for j, d := range n.Data {
			if d.Index != j || d.DataParent != n || !d.IsData() {
				t.Errorf("%s: index %d at %d below %s", d.SchemaPath(), d.Index, j, n.SchemaPath())
			}
			if n.Child(d.Module.Name, d.Name) != d {
				t.Errorf("%s is not found below its parent", d.SchemaPath())
			}
		}
		for j, k := range n.Keys {
			if n.Data[j] != k || !k.IsKey {
				t.Errorf("%s: key %d is %s", n.SchemaPath(), j, n.Data[j].Name)
			}
		}
		if n.IsLeafy() && (n.Type == nil || n.Type.Real == nil || n.Type.Real.Base == LeafRef) {
			t.Errorf("%s: type %v", n.SchemaPath(), n.Type)
		}
		if n.Kind != Root && n.IsData() && s.Find(n.Path()) != n {
			t.Errorf("%s is not found by its path", n.Path())
		}
	}
}
