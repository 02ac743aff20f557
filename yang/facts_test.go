package yang

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// standard is the Library of the built-in modules that are not the project's own.
func standard(t testing.TB) *Library {
	t.Helper()
	var layers []fs.FS
	for _, folder := range []string{"iana", "ietf"} {
		sub, err := fs.Sub(BuiltinFS(), folder)
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, sub)
	}
	return NewLibrary(layers...)
}

// compileAll implements every module of a Library with all features.
func compileAll(t testing.TB, lib *Library) *Schema {
	t.Helper()
	names, err := lib.Names()
	if err != nil {
		t.Fatal(err)
	}
	var o Options
	for _, n := range names {
		o.Implement = append(o.Implement, ModuleSpec{Name: n})
	}
	s, err := Compile(lib, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFacts compares the facts of every standard module with those that
// describe the official one.
func TestFacts(t *testing.T) {
	s := compileAll(t, standard(t))
	files, err := filepath.Glob("testdata/facts/*.facts")
	if err != nil || len(files) != 61 {
		t.Fatalf("%d files of facts (%v), want those of all 61 published modules", len(files), err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".facts"); s.Module(name) == nil {
			t.Errorf("%s has facts but no module", name)
		}
	}
	for _, m := range s.Modules {
		t.Run(m.Name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/facts/" + m.Name + ".facts")
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
			diffLines(t, want, s.Facts(m.Name))
		})
	}
}

// diffLines reports the lines that only one side has, and order.
func diffLines(t *testing.T, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	for _, l := range want {
		if !slices.Contains(got, l) {
			t.Errorf("missing %q", l)
		}
	}
	for _, l := range got {
		if !slices.Contains(want, l) {
			t.Errorf("unwanted %q", l)
		}
	}
	if !t.Failed() {
		t.Error("the lines differ in order or number only")
	}
}

// BenchmarkCompileAll loads every standard module as a program that starts does:
// read, parsed, all implemented with all features.
func BenchmarkCompileAll(b *testing.B) {
	for b.Loop() {
		compileAll(b, standard(b))
	}
}
