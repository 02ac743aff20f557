package yang

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	goyang "github.com/openconfig/goyang/pkg/yang"
)

// TestParseSource compares the statements of all our modules with what another
// parser makes of them.
func TestParseSource(t *testing.T) {
	n, spent := 0, time.Duration(0)
	err := fs.WalkDir(BuiltinFS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".yang") {
			return err
		}
		text, err := fs.ReadFile(BuiltinFS(), p)
		if err != nil {
			return err
		}
		start := time.Now()
		f, err := parseSource(p, text)
		spent += time.Since(start)
		if err != nil {
			return err
		}
		want, err := goyang.Parse(string(text), p)
		if err != nil {
			return err
		}
		n += sameStatements(t, f.top, want[0])
		return nil
	})
	if err != nil || n < 9000 {
		t.Fatal(n, err)
	}
	t.Logf("%d statements in %v", n, spent)
}

func sameStatements(t *testing.T, s *stmt, want *goyang.Statement) int {
	t.Helper()
	arg, has := want.Arg()
	line := strings.Split(want.Location(), ":")[1]
	if s.kw != want.Keyword || s.arg != arg || s.hasArg != has || fmt.Sprint(s.line) != line {
		t.Errorf("%s:%d: %s %q, want line %s: %s %q", s.file.path, s.line, s.kw, s.arg, line, want.Keyword, arg)
	}
	subs := want.SubStatements()
	if len(subs) != len(s.subs) {
		t.Errorf("%s:%d: %d substatements, want %d", s.file.path, s.line, len(s.subs), len(subs))
		return 1
	}
	n := 1
	for i, c := range s.subs {
		n += sameStatements(t, c, subs[i])
	}
	return n
}
