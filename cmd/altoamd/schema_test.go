package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata")

// TestSchemaCommands runs the command line that is the first line of each archive of
// testdata/schema in a folder with its files. The parts "stdout", "stderr" and
// "error" are what it prints and the error it ends with; one that is absent is empty.
func TestSchemaCommands(t *testing.T) {
	files, err := filepath.Glob("testdata/schema/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { checkCommand(t, path) })
	}
}

var printed = []string{"stdout", "stderr", "error"}

func checkCommand(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	want := map[string]string{}
	var inputs []txtar.File
	for _, f := range a.Files {
		if !strings.HasSuffix(f.Name, ".yang") {
			want[f.Name] = string(f.Data)
			continue
		}
		inputs = append(inputs, f)
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	line, _, _ := strings.Cut(string(a.Comment), "\n")
	got := runCommandLine(line)
	if *update {
		a.Files = inputs
		for _, name := range printed {
			if got[name] != "" {
				a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got[name])})
			}
		}
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range printed {
		if got[name] != want[name] {
			t.Errorf("%s: %s is\n%s\nwant\n%s", line, name, got[name], want[name])
		}
	}
}

// runCommandLine runs "altoamd WORD…" in this process.
func runCommandLine(line string) map[string]string {
	var stdout, stderr bytes.Buffer
	root := &cobra.Command{Use: "altoamd", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(schemaCommand())
	root.SetArgs(strings.Fields(line)[1:])
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	got := map[string]string{}
	if err := root.ExecuteContext(context.Background()); err != nil {
		got["error"] = err.Error() + "\n"
	}
	got["stdout"], got["stderr"] = stdout.String(), stderr.String()
	return got
}
