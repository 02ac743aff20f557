package yang

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

var yanglint = flag.String("yanglint", "", "judge the corpus by this program, too")

// verdict is the file CASE/verdict of a corpus archive, line by line:
//
//	error FILE:LINE: PART     Compile reports an error there whose text holds PART; nothing else
//	warning FILE:LINE: PART   the same for Schema.Warnings
//	yanglint accepts: WHY     yanglint does, we do not; WHY cites the rule
//	yanglint refuses: WHY     yanglint does, we do not
//
// A case without the file is valid, and yanglint agrees.
type verdict struct {
	errors, warnings []string
	differs          string // "accepts" or "refuses"
}

func readVerdict(t *testing.T, text string) (v verdict) {
	t.Helper()
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		kind, rest, _ := strings.Cut(l, " ")
		switch kind {
		case "error":
			v.errors = append(v.errors, rest)
		case "warning":
			v.warnings = append(v.warnings, rest)
		case "yanglint":
			word, why, ok := strings.Cut(rest, ": ")
			if word != "accepts" && word != "refuses" || !ok || !strings.Contains(why, "RFC ") {
				t.Errorf("%q: expected yanglint accepts|refuses, and why by an RFC", l)
			}
			v.differs = word
		default:
			t.Errorf("unknown line %q", l)
		}
	}
	if v.differs == "accepts" && v.errors == nil || v.differs == "refuses" && v.errors != nil {
		t.Errorf("yanglint %s: so do we", v.differs)
	}
	return v
}

// match tells that every line was reported and everything reported has a line.
func match(t *testing.T, what string, want []string, got []*Error) {
	t.Helper()
	left := append([]*Error(nil), got...)
	for _, w := range want {
		place, part, _ := strings.Cut(w, ": ")
		found := false
		for i, e := range left {
			if e != nil && fmt.Sprintf("%s:%d", e.File, e.Line) == place && strings.Contains(e.Message, part) {
				left[i], found = nil, true
				break
			}
		}
		if !found {
			t.Errorf("missing %s %s", what, w)
		}
	}
	for _, e := range left {
		if e != nil {
			t.Errorf("unexpected %s %v", what, e)
		}
	}
}

// TestCorpus compiles every module of testdata/corpus: one archive for each
// section of RFC 7950, one folder for each case, whose name starts with
// "invalid" when it must be refused.
func TestCorpus(t *testing.T) {
	archives, err := filepath.Glob("testdata/corpus/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, file := range archives {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range readCases(t, a) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+c.name, func(t *testing.T) { c.judge(t) })
		}
	}
}

func (c *compileCase) judge(t *testing.T) {
	v := readVerdict(t, string(c.files["verdict"]))
	if invalid := strings.HasPrefix(c.name, "invalid"); invalid != (v.errors != nil) {
		t.Error("a case that must be refused is named invalid…, and has lines of error")
	}
	_, specs := c.texts()
	lib, _ := c.library()
	lib = NewLibrary(append([]fs.FS{BuiltinFS()}, lib.layers...)...)
	s, err := Compile(lib, c.options(t, specs))
	var warnings []*Error
	if err == nil {
		checkConsistent(t, s)
		warnings = s.Warnings
	}
	match(t, "error", v.errors, listed(t, err))
	match(t, "warning", v.warnings, warnings)
	if *yanglint != "" {
		c.lint(t, v)
	}
}

// listed are the errors that Compile joined; each says where it stands.
func listed(t rapid.TB, err error) (list []*Error) {
	t.Helper()
	if err == nil {
		return nil
	}
	for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
		var e *Error
		if !errors.As(one, &e) {
			t.Fatalf("%v is no *Error", one)
		}
		list = append(list, e)
	}
	return list
}

// lint compares yanglint's verdict with the one recorded.
func (c *compileCase) lint(t *testing.T, v verdict) {
	dir := t.TempDir()
	ietf, err := filepath.Abs("modules/ietf")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-p", dir, "-p", ietf}
	texts, specs := c.texts()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range slices.Backward(c.options(t, specs).Implement) { // those that are imported first, often
		file := s.Name
		if s.Revision != "" {
			file += "@" + s.Revision
		}
		found, _ := filepath.Glob(filepath.Join(dir, file+"*.yang"))
		for _, f := range found {
			if n, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(f), ".yang"), "@"); n == s.Name {
				args = append(args, f)
			}
		}
	}
	cmd := exec.Command(*yanglint, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	accepts := err == nil
	if want := (v.errors == nil) != (v.differs != ""); accepts != want {
		t.Errorf("yanglint accepts: %v, recorded: %v\n%s", accepts, want, out)
	} else if testing.Verbose() && !accepts {
		t.Logf("%s", out)
	}
}
