package history

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata")

// TestScenarios plays the files of testdata. Sections that do something are named by
// it: "edit", "candidate" (an edit, with comment=, label= or base= behind it), "commit",
// "get PATH", or the name of an RPC; what stands in the section is the edit or the input. The section "answer"
// that follows is what came of it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { play(t, file) })
	}
}

func play(t *testing.T, file string) {
	f := fresh(t)
	a, err := txtar.ParseFile(file)
	f.must(err)
	var out []txtar.File
	for i, x := range a.Files {
		if x.Name == "answer" {
			continue
		}
		got, want := f.do(x.Name, strings.TrimSpace(string(x.Data))), ""
		out = append(out, x, txtar.File{Name: "answer", Data: []byte(got)})
		if i+1 < len(a.Files) && a.Files[i+1].Name == "answer" {
			want = string(a.Files[i+1].Data)
		}
		if got != want && !*update {
			t.Errorf("%s\n%s\ngot:\n%swant:\n%s", x.Name, x.Data, got, want)
		}
	}
	if *update {
		a.Files = out
		f.must(os.WriteFile(file, txtar.Format(a), 0o644))
	}
}

// do does what a section says, and returns what came of it.
func (f *fixture) do(name, text string) string {
	verb, rest, _ := strings.Cut(name, " ")
	var out string
	var err error
	switch verb {
	case "get":
		out = f.get(rest)
	case "edit":
		err = f.edit(datastore.Running, text, options(rest))
	case "candidate":
		err = f.edit(datastore.Candidate, text, options(rest))
	case "commit":
		o := options(rest)
		err = f.session.Commit(ctx, datastore.CommitOptions{Comment: o.Comment, Label: o.Label})
	default:
		if text == "" {
			text = "{}"
		}
		out, err = f.call(verb, text)
	}
	for _, e := range rpcerr.All(err) {
		out += e.Error() + "\n"
	}
	if out == "" {
		out = fmt.Sprintf("commit %d\n", f.store.Running().Head.Revision)
	}
	return strings.TrimSuffix(out, "\n") + "\n"
}

// options reads comment=, label= and base=, which have no spaces.
func options(text string) (o datastore.EditOptions) {
	for word := range strings.FieldsSeq(text) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "comment":
			o.Comment = value
		case "label":
			o.Label = value
		case "base":
			o.Base, _ = strconv.ParseUint(value, 10, 64)
		}
	}
	return o
}
