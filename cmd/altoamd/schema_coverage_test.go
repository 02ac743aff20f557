package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
)

// TestCoverageIsCurrent demands that docs/alto-coverage.md is what the schema and the agent
// give, and has no empty cell.
func TestCoverageIsCurrent(t *testing.T) {
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.CheckCoverage(s); err != nil {
		t.Error(err)
	}
	var now bytes.Buffer
	if err := writeCoverage(&now, s); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile("../../docs/alto-coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, now.Bytes()) {
		t.Error("docs/alto-coverage.md is not current: run make gen")
	}
	rows := 0
	for line := range strings.Lines(now.String()) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		rows++
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, ""), "|")
		if len(cells) != 6 {
			t.Errorf("%d cells: %s", len(cells)-2, line)
			continue
		}
		for _, c := range cells[1:5] {
			if strings.Trim(c, " `") == "" {
				t.Errorf("an empty cell: %s", line)
			}
		}
	}
	if rows < 200 {
		t.Errorf("%d rows", rows)
	}
}

// TestCoverageOfModules has nodes of a module that was loaded at start, which are none of
// the agent's, and those of one that claims to be this project's.
func TestCoverageOfModules(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"others", "altoam-forgotten"} {
		text := "module " + name + ` {
  yang-version 1.1;
  namespace "urn:` + name + `";
  prefix x;
  import ietf-alto {
    prefix alto;
  }
  augment "/alto:alto/alto:alto-server" {
    container more {
      leaf speed {
        type string;
      }
    }
  }
}
`
		if err := os.WriteFile(filepath.Join(dir, name+".yang"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := loadSchema(moduleOptions{Dirs: []string{dir}, Modules: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		switch err := agent.CheckCoverage(s); {
		case name == "others" && err != nil:
			t.Error(err)
		case name != "others" && (err == nil || !strings.Contains(err.Error(), "altoam-forgotten:more/speed")):
			t.Errorf("error %v", err)
		}
	}
}
