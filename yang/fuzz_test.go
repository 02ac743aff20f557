package yang

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzCompile compiles arbitrary text as a module that others import: there is
// a schema or an error, never a panic, and what compiles has facts and can be
// flattened.
func FuzzCompile(f *testing.F) {
	files, err := filepath.Glob("testdata/co*/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("no archives", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, m := range a.Files {
			if strings.HasSuffix(m.Name, "/a.yang") {
				f.Add(strings.TrimPrefix(string(m.Data), "!"))
			}
		}
	}
	other, err := os.ReadFile("testdata/fuzz-import.yang")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 20_000 {
			return
		}
		if !strings.HasPrefix(text, "module") {
			text = "module a { yang-version 1.1; namespace urn:a; prefix a; import b { prefix b; } " + text + "}"
		}
		lib := NewLibrary(fstest.MapFS{"a.yang": {Data: []byte(text)}, "b.yang": {Data: other}})
		s, err := Compile(lib, Options{Implement: []ModuleSpec{{Name: "a"}}, ImplementAll: true})
		if err != nil {
			return
		}
		checkConsistent(t, s)
		for _, m := range s.Modules {
			if len(s.Facts(m.Name)) == 0 {
				t.Errorf("%s has no facts", m.Name)
			}
			if _, err := Flatten(s, m.Name); err != nil {
				t.Error(err)
			}
		}
	})
}
