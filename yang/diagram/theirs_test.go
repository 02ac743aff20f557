package diagram

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/altoam/altoam/yang"
)

// TestTheirs compares our diagrams with those that RFCs and yanglint print of
// the same modules. What is free (RFC 8340 Sections 2.6 and 3.1) does not count:
// white space, where lines are wrapped, blank lines, and "leafref" for a path. All else that
// differs stands in the file of the diagram, with the reason.
func TestTheirs(t *testing.T) {
	files, err := filepath.Glob("testdata/theirs/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d diagrams: %v", len(files), err)
	}
	for _, file := range files {
		module := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(module, func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var theirs, allowed string
			for _, f := range a.Files {
				switch f.Name {
				case "diagram":
					theirs = string(f.Data)
				case "differences":
					allowed = string(f.Data)
				default:
					t.Fatalf("unknown part %s", f.Name)
				}
			}
			s, err := yang.Compile(yang.Builtin(), yang.Options{Implement: []yang.ModuleSpec{{Name: module}}})
			if err != nil {
				t.Fatal(err)
			}
			ours, err := Module(s, module, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(allowed) {
				if !strings.HasPrefix(line, "#") {
					want = append(want, strings.TrimRight(line, "\n"))
				}
			}
			got := differences(unwrapped(theirs), unwrapped(ours))
			if !slices.Equal(got, want) {
				t.Errorf("differences from their diagram (-), ours (+):\n%s\nexplained are:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

var (
	startsLine = regexp.MustCompile(`^[| ]*([+xo]--|\.\.\.|augment |module: |rpcs:|notifications:|grouping |yang-data |structure )`)
	leafrefs   = regexp.MustCompile(`-> [^{]*|leafref\b`)
	spaces     = regexp.MustCompile(`(\S) +`)
)

// unwrapped are the lines of a diagram in one form: wrapped ones joined, one
// space between words, the lines between nodes left out.
func unwrapped(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n ")
		switch rest := strings.TrimLeft(line, " |"); {
		case rest == "":
		case startsLine.MatchString(line):
			lines = append(lines, strings.ReplaceAll(line[:len(line)-len(rest)], "|", " ")+rest)
		case strings.HasPrefix(rest, "/"): // the path of an augment goes on
			lines[len(lines)-1] += rest
		default:
			lines[len(lines)-1] += " " + rest
		}
	}
	for i, line := range lines {
		rest := strings.TrimLeft(line, " ")
		rest = leafrefs.ReplaceAllString(rest, "leafref ")
		lines[i] = strings.TrimRight(line[:len(line)-len(strings.TrimLeft(line, " "))]+spaces.ReplaceAllString(rest, "$1 "), " ")
	}
	return lines
}

// differences are the lines that only a has, "- LINE", and that only b has, "+ LINE", in
// order: what is left beside a longest common sequence.
func differences(a, b []string) []string {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var out []string
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && length[i+1][j] >= length[i][j+1]:
			out = append(out, "- "+strings.TrimLeft(a[i], " "))
			i++
		default:
			out = append(out, "+ "+strings.TrimLeft(b[j], " "))
			j++
		}
	}
	return out
}
