package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLogFileIsReplaced: a log file beyond its size makes way for another one, no line is
// lost, and one old file is kept; a file that is small or somebody else's stays.
func TestLogFileIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	has := func(when string, want map[string]string) {
		t.Helper()
		got, err := filepath.Glob(path + "*")
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %q %v", when, got, err)
		}
		for suffix, text := range want {
			if got, err := os.ReadFile(path + suffix); err != nil || string(got) != text {
				t.Errorf("%s: %s has %q, want %q: %v", when, suffix, got, text, err)
			}
		}
	}
	write := func(line string) {
		t.Helper()
		if _, err := f.WriteString(line); err != nil {
			t.Fatal(err)
		}
		if err := replaceLogFile(f, path, 8); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	has("small", map[string]string{"": "one\n"})
	write("two and three\n")
	has("large", map[string]string{"": "", ".1": "one\ntwo and three\n"})
	write("four\n")
	write("five and six\n")
	write("seven\n")
	has("large again", map[string]string{"": "seven\n", ".1": "four\nfive and six\n"})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	other := strings.Repeat("of somebody else\n", 9)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	write("eight and nine and ten\n")
	has("not ours", map[string]string{"": other, ".1": "four\nfive and six\n"})
}
