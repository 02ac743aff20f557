package yang

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// TestMutatedModules compiles the modules of the corpus after a few of their
// statements were moved, doubled, dropped or exchanged: there is a schema or
// errors that all say where they stand, the same ones each time, and never a panic.
func TestMutatedModules(t *testing.T) {
	var cases []*compileCase
	files, err := filepath.Glob("testdata/corpus/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, readCases(t, a)...)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(cases).Draw(t, "case")
		texts, specs := c.texts()
		src, err := parseSource("a.yang", texts["a.yang"])
		if err != nil {
			return
		}
		top := copyStatement(src.top)
		for range rapid.IntRange(1, 6).Draw(t, "mutations") {
			mutate(t, top)
		}
		var b strings.Builder
		top.write(&b)
		t.Log(c.name, b.String())
		texts["a.yang"] = []byte(b.String())
		fs := fstest.MapFS{}
		for name, text := range texts {
			fs[name] = &fstest.MapFile{Data: text}
		}
		compile := func() string {
			s, err := Compile(NewLibrary(BuiltinFS(), fs), Options{Implement: specs})
			if err == nil {
				checkConsistent(t, s)
				return ""
			}
			for _, e := range listed(t, err) {
				if e.File == "" || e.Line == 0 {
					t.Errorf("an error without a place: %v", e)
				}
			}
			return err.Error()
		}
		if first, second := compile(), compile(); first != second {
			t.Errorf("compiled twice:\n%s\nand:\n%s", first, second)
		}
	})
}

func copyStatement(s *stmt) *stmt {
	k := &stmt{kw: s.kw, arg: s.arg, hasArg: s.hasArg}
	for _, c := range s.subs {
		k.subs = append(k.subs, copyStatement(c))
	}
	return k
}

// mutate changes one statement below top.
func mutate(t *rapid.T, top *stmt) {
	var all []*stmt
	var walk func(s *stmt)
	walk = func(s *stmt) {
		for _, c := range s.subs {
			all = append(all, c)
			walk(c)
		}
	}
	walk(top)
	if len(all) == 0 {
		return
	}
	one, other := rapid.SampledFrom(all).Draw(t, "one"), rapid.SampledFrom(all).Draw(t, "other")
	switch rapid.IntRange(0, 4).Draw(t, "how") {
	case 0:
		one.subs = nil
	case 1:
		one.subs = append(one.subs, copyStatement(other))
	case 2:
		top.subs = append(top.subs, copyStatement(one))
	case 3:
		one.kw = other.kw
	case 4:
		one.arg, one.hasArg = other.arg, other.hasArg
	}
}

func (s *stmt) write(b *strings.Builder) {
	b.WriteString(s.kw)
	if s.hasArg {
		b.WriteString(` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s.arg) + `"`)
	}
	b.WriteString(" {\n")
	for _, c := range s.subs {
		c.write(b)
	}
	b.WriteString("}\n")
}
