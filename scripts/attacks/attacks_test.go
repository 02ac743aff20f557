// Package attacks checks the table of attacks in docs/attacks.md.
package attacks

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// row is an attack of the table; the cells after its number.
type row struct{ tried, happens, test string }

// fewest is how many attacks the table must have.
const fewest = 60

// TestTable demands that each row of each group has the number that follows, says
// something in every cell, and names tests that there are.
func TestTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "attacks.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows, errs := parse(string(text))
	tests := sources(t)
	seen := map[string]bool{}
	for _, r := range rows {
		if r.tried == "" || r.happens == "" || r.test == "" {
			errs = append(errs, fmt.Errorf("%q: a cell is empty", r))
		}
		if seen[r.tried] {
			errs = append(errs, fmt.Errorf("%q stands there twice", r.tried))
		}
		seen[r.tried] = true
		for name := range strings.SplitSeq(r.test, ", ") {
			if err := tests.find(strings.Trim(name, "`")); err != nil {
				errs = append(errs, fmt.Errorf("%q: %w", r.tried, err))
			}
		}
	}
	for _, err := range errs {
		t.Error(err)
	}
	if len(rows) < fewest {
		t.Errorf("%d attacks, want %d at least", len(rows), fewest)
	}
}

// TestWrong has tables and names with a fault each.
func TestWrong(t *testing.T) {
	for text, want := range map[string]string{
		"## A. One\n| A1 | x | y | z |\n| A3 | x | y | z |\n": "A3: want A2",
		"## A. One\n| B1 | x | y | z |\n":                     "B1: want A1",
		"## A. One\n| A1 | x | y |\n":                         "3 cells",
		"## B. One\n":                                         "B. One: want A",
		"| A1 | x | y | z |\n":                                "A1: want 1",
	} {
		if _, errs := parse(text); len(errs) == 0 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("%q: %v, want %q", text, errs, want)
		}
	}
	tests := sources(t)
	for name, want := range map[string]string{
		"scripts/attacks.TestWrong":        "",
		"attacks.TestWrong":                "",
		"attacks.TestWrong/a case of it":   "",
		"attacks.TestWrong/" + "no" + "ne": "no case",
		"attacks.TestMissing":              "no such test",
		"ttacks.TestWrong":                 "no such test",
		"attacks.sources":                  "no such test",
		"case_01":                          "",
		"case_00":                          "no such test",
	} {
		if err := tests.find(name); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// parse reads the rows, group by group.
func parse(text string) (rows []row, errs []error) {
	group, number, groups := "", 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			group, number = string(rune('A'+groups)), 0
			if groups++; !strings.HasPrefix(heading, group+". ") {
				errs = append(errs, fmt.Errorf("group %s: want %s", heading, group))
			}
		}
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| # |") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | ")
		number++
		switch want := fmt.Sprint(group, number); {
		case len(cells) != 4:
			errs = append(errs, fmt.Errorf("%s: %d cells, want 4", line, len(cells)))
		case cells[0] != want:
			errs = append(errs, fmt.Errorf("%s: want %s", cells[0], want))
		default:
			rows = append(rows, row{cells[1], cells[2], cells[3]})
		}
	}
	return rows, errs
}

// known are the files with tests: the text by path.
type known map[string][]byte

func sources(t *testing.T) known {
	k := known{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".") && path != root):
			return filepath.SkipDir
		case d.IsDir():
			return nil
		case !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "case_"):
			return nil
		}
		k[strings.TrimPrefix(path, root+"/")], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var testName = regexp.MustCompile(`^([\w/]+)\.((?:Test|Fuzz)\w+)(?:/(.+))?$`)

// find looks for a test FOLDER.Name, where FOLDER is the end of the path of a package, in
// whose file what follows a slash must be the text of a case; or for an interop case.
func (k known) find(name string) error {
	if strings.HasPrefix(name, "case_") {
		for path := range k {
			if strings.HasPrefix(path, "test/interop/"+name+"_") {
				return nil
			}
		}
		return fmt.Errorf("%s: no such test", name)
	}
	m := testName.FindStringSubmatch(name)
	if m == nil {
		return fmt.Errorf("%s: no such test", name)
	}
	for path, text := range k {
		folder := filepath.Dir(path)
		if folder != m[1] && !strings.HasSuffix(folder, "/"+m[1]) || !bytes.Contains(text, []byte("\nfunc "+m[2]+"(")) {
			continue
		}
		if m[3] != "" && !bytes.Contains(text, []byte(m[3])) {
			return fmt.Errorf("%s: no case %q", name, m[3])
		}
		return nil
	}
	return fmt.Errorf("%s: no such test", name)
}
