package audit

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestKeyOfOthers refuses a key that others may read, with which they could make records.
func TestKeyOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.key")
	first, made, err := LoadOrCreateKey(path)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false} {
		check(t, os.Chmod(path, mode))
		if key, made, err := LoadOrCreateKey(path); (err == nil) != ok || made || ok && !bytes.Equal(key, first) {
			t.Errorf("mode %#o: made %v, %v", mode, made, err)
		}
	}
}
