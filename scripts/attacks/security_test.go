package attacks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestThreats demands that each threat of docs/security.md names tests that there are.
func TestThreats(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| threat | answer | test |\n|---|---|---|\n")
	if !found {
		t.Fatal("there is no table of threats")
	}
	tests, rows := sources(t), 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") {
			break
		}
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if rows++; len(cells) != 3 {
			t.Errorf("%q: %d cells, want 3", line, len(cells))
			continue
		}
		for name := range strings.SplitSeq(cells[2], ", ") {
			if err := tests.find(name); err != nil {
				t.Errorf("%q: %v", cells[0], err)
			}
		}
	}
	if rows < 10 {
		t.Errorf("%d threats", rows)
	}
}
