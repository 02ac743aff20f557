package users_test

import (
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/users"
)

// TestPasswordLength demands that a huge password costs nobody time.
func TestPasswordLength(t *testing.T) {
	longest := strings.Repeat("a", 512)
	hash, err := users.Hash(longest)
	if err != nil {
		t.Fatal(err)
	}
	if !users.Verify(hash, longest) {
		t.Error("a password of 512 bytes is not verified")
	}
	if _, err := users.Hash(longest + "a"); err == nil || strings.Contains(err.Error(), "aaa") {
		t.Errorf("hash of 513 bytes: %v, want an error without the password", err)
	}
	start := time.Now()
	if users.Verify(hash, strings.Repeat("a", 50_000)) {
		t.Error("another password is verified")
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("a password of 50 kB took %v", took)
	}
}
