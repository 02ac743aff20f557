package driver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "f")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadFile(file); err != nil || string(text) != "text" {
		t.Errorf("read %q, %v", text, err)
	}
	for path, want := range map[string]string{folder: "not a regular file", os.DevNull: "not a regular file", file + "x": "no such file"} {
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that says %q", path, err, want)
		}
	}
	if _, err := readAll(strings.NewReader("12345"), 4); err == nil {
		t.Error("5 bytes read with a limit of 4")
	}
	if text, err := readAll(strings.NewReader("1234"), 4); err != nil || len(text) != 4 {
		t.Errorf("read %q, %v with a limit of 4", text, err)
	}
}
