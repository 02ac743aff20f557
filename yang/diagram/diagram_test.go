package diagram

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/altoam/altoam/yang"
)

var update = flag.Bool("update", false, "rewrite the diagrams of testdata/ours")

// TestModule draws the modules of each archive of testdata/ours, all implemented with all
// features. A part "MODULE WORD…" is the diagram of a module; the words are
// "depth=N", "path=PATH" and "groupings", or "error" where the text is that of
// the error.
func TestModule(t *testing.T) {
	files, err := filepath.Glob("testdata/ours/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := compile(t, a)
		for i, f := range a.Files {
			words := strings.Fields(f.Name)
			if strings.HasSuffix(f.Name, ".yang") {
				continue
			}
			t.Run(filepath.Base(file)+"/"+f.Name, func(t *testing.T) {
				got, err := Module(s, words[0], options(t, words[1:]))
				if err != nil {
					got = err.Error() + "\n"
				}
				if (words[len(words)-1] == "error") != (err != nil) {
					t.Fatalf("the error is %v", err)
				}
				if *update {
					a.Files[i].Data = []byte(got)
				} else if got != string(f.Data) {
					t.Errorf("got\n%s\nwant\n%s", got, f.Data)
				}
			})
		}
		if text := txtar.Format(a); *update && !bytes.Equal(text, read(t, file)) {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func compile(t *testing.T, a *txtar.Archive) *yang.Schema {
	t.Helper()
	texts := fstest.MapFS{}
	var o yang.Options
	for _, f := range a.Files {
		if name, ok := strings.CutSuffix(f.Name, ".yang"); ok {
			texts[f.Name] = &fstest.MapFile{Data: f.Data}
			o.Implement = append(o.Implement, yang.ModuleSpec{Name: name})
		}
	}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), texts), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func options(t *testing.T, words []string) (o Options) {
	t.Helper()
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "depth":
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			o.Depth = n
		case "path":
			o.Path = value
		case "groupings":
			o.Groupings = true
		case "error":
		default:
			t.Fatalf("unknown word %q", w)
		}
	}
	return o
}
