package restconf

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata")

// TestScenarios sends the requests of each file of testdata, one after the other,
// and compares the answers.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { scenario(t, file) })
	}
}

func scenario(t *testing.T, file string) {
	f := newFixture(t, nil)
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []txtar.File
	for i, x := range a.Files {
		name, isRequest := strings.CutSuffix(x.Name, " request")
		if !isRequest {
			continue
		}
		got := f.answer(string(x.Data))
		out = append(out, x, txtar.File{Name: name + " answer", Data: []byte(got)})
		want := ""
		if i+1 < len(a.Files) && a.Files[i+1].Name == name+" answer" {
			want = string(a.Files[i+1].Data)
		}
		if got != want && !*update {
			t.Errorf("%s\n%sgot:\n%s\nwant:\n%s", name, x.Data, got, want)
		}
	}
	if *update {
		a.Files = out
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// answer is the answer to a request as text, without the header that all have.
func (f *fixture) answer(request string) string {
	w := f.do(strings.TrimSuffix(request, "\n"))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d %s\n", w.Code, http.StatusText(w.Code))
	if w.Header().Get("Vary") == "Accept, Accept-Encoding" {
		w.Header().Del("Vary")
	}
	for _, name := range slices.Sorted(maps.Keys(w.Header())) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(w.Header()[name], ", "))
	}
	if w.Body.Len() > 0 {
		fmt.Fprintf(&b, "\n%s", w.Body)
	}
	return b.String()
}
