package main

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestUserAuthorities(t *testing.T) {
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	line := string(ssh.MarshalAuthorizedKey(key))
	for text, want := range map[string]int{
		line: 1, "# ours\n" + line + "\n" + line + "# end\n": 2, "": -1, "# nothing\n": -1, "ssh-ed25519 rubbish\n": -1,
	} {
		file := filepath.Join(t.TempDir(), "ca")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		keys, err := userAuthorities(file)
		if (err != nil) != (want < 0) || err == nil && len(keys) != want {
			t.Errorf("%q: %d keys, %v; want %d", text, len(keys), err, want)
		}
	}
	if _, err := userAuthorities(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is no error")
	}
	if keys, err := userAuthorities(""); keys != nil || err != nil {
		t.Errorf("without a file: %v, %v", keys, err)
	}
}
