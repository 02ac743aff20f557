package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestServerID: the identifier is made up once, and refused where it is none.
func TestServerID(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	first, err := serverID(dir)
	if err != nil || !serverIDPattern.MatchString(first) {
		t.Fatalf("%q, %v", first, err)
	}
	if again, err := serverID(dir); err != nil || again != first {
		t.Errorf("then %q, %v", again, err)
	}
	if another, err := serverID(other); err != nil || another == first {
		t.Errorf("another folder has %q, %v", another, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "server-id"), []byte("a b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if id, err := serverID(dir); err == nil {
		t.Errorf("%q is accepted", id)
	}
}
