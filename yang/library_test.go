package yang

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func moduleFile(name, revision, body string) *fstest.MapFile {
	if revision != "" {
		revision = "revision " + revision + ";"
	}
	return &fstest.MapFile{Data: []byte("module " + name + " { yang-version 1.1; namespace urn:" + name + "; prefix " + name + "; " + revision + body + "}")}
}

func TestLibraryLayers(t *testing.T) {
	lower := fstest.MapFS{
		"x/a@2020-01-01.yang": moduleFile("a", "2020-01-01", "leaf low20 { type string; }"),
		"a@2021-01-01.yang":   moduleFile("a", "2021-01-01", "leaf low21 { type string; }"),
		"README.md":           {Data: []byte("not a module")},
		"b.yang":              moduleFile("b", "2019-01-01", "leaf low { type string; }"),
	}
	upper := fstest.MapFS{
		"deep/down/a.yang":  moduleFile("a", "2021-01-01", "leaf up21 { type string; }"),
		"b@2018-01-01.yang": moduleFile("b", "2018-01-01", "leaf up { type string; }"),
	}
	tests := []struct {
		name, module, revision string
		layers                 []fs.FS
		want                   string
	}{
		{"newest", "a", "", []fs.FS{lower}, "low21"},
		{"revision", "a", "2020-01-01", []fs.FS{lower}, "low20"},
		{"later layer wins the same revision", "a", "", []fs.FS{lower, upper}, "up21"},
		{"order of layers", "a", "", []fs.FS{upper, lower}, "low21"},
		{"newest of all layers", "b", "", []fs.FS{lower, upper}, "low"},
		{"revision of a file without one in its name", "b", "2019-01-01", []fs.FS{lower, upper}, "low"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Compile(NewLibrary(tt.layers...), Options{Implement: []ModuleSpec{{Name: tt.module, Revision: tt.revision}}})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Root.Data[0].Name; got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
	s, err := Compile(NewLibrary(lower), Options{Implement: []ModuleSpec{{Name: "a"}}, Overrides: upper})
	if err != nil || s.Root.Data[0].Name != "up21" {
		t.Error("override", err)
	}
	got, err := NewLibrary(lower).With(upper).Names()
	if err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Error(got, err)
	}
}

func TestLibraryErrors(t *testing.T) {
	lib := NewLibrary(fstest.MapFS{"a.yang": moduleFile("a", "2020-01-01", ""), "bare.yang": moduleFile("bare", "", "")})
	tests := []struct{ name, revision, want string }{
		{"b", "", `module "b" not found: no file b.yang or b@REVISION.yang in the module folders`},
		{"a", "2021-01-01", `module "a": revision 2021-01-01 not found; there is 2020-01-01`},
		{"bare", "2021-01-01", `module "bare": revision 2021-01-01 not found; there is one without a revision`},
	}
	for _, tt := range tests {
		_, err := Compile(lib, Options{Implement: []ModuleSpec{{Name: tt.name, Revision: tt.revision}}})
		var e *Error
		if !errors.As(err, &e) || e.Message != tt.want {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	if _, err := NewLibrary(brokenFS{}).Names(); err == nil || !strings.Contains(err.Error(), "module folders") {
		t.Error("a folder that cannot be read:", err)
	}
}

type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, fs.ErrPermission }

// TestSources checks what get-schema serves: the texts as they are.
func TestSources(t *testing.T) {
	files := fstest.MapFS{
		"a.yang":                moduleFile("a", "2020-01-01", ""),
		"a-sub@2019-01-01.yang": {Data: []byte("submodule a-sub { yang-version 1.1; belongs-to a { prefix a; } revision 2019-01-01; }\r\n")},
	}
	files["a.yang"].Data = []byte("\ufeff" + strings.Replace(string(files["a.yang"].Data), "prefix a;", "prefix a;\r\ninclude a-sub;", 1))
	s, err := Compile(NewLibrary(files), Options{Implement: []ModuleSpec{{Name: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	m := s.Module("a")
	if string(m.Source) != string(files["a.yang"].Data) || m.File != "a.yang" {
		t.Errorf("source of %s: %q", m.File, m.Source)
	}
	sub := m.Submodules[0]
	if sub.Name != "a-sub" || sub.Revision != "2019-01-01" || string(sub.Source) != string(files["a-sub@2019-01-01.yang"].Data) {
		t.Errorf("submodule %+v", sub)
	}
}

func TestBuiltinCompiles(t *testing.T) {
	s := compileAll(t, Builtin())
	checkConsistent(t, s)
	if s.Find("/ietf-alto:alto/alto-server/resource/resource-id") == nil {
		t.Error("no ietf-alto")
	}
}

func BenchmarkCompile(b *testing.B) {
	lib := standard(b)
	compileAll(b, lib)
	for b.Loop() {
		compileAll(b, standard(b))
	}
}
