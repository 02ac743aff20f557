package transport

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestHostKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "keys")
	made, err := LoadOrCreateHostKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadOrCreateHostKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256}
	if len(made) != len(want) || len(loaded) != len(want) {
		t.Fatalf("made %d keys, loaded %d, want %d", len(made), len(loaded), len(want))
	}
	for i := range want {
		if got := made[i].PublicKey().Type(); got != want[i] {
			t.Errorf("key %d is %s, want %s", i, got, want[i])
		}
		if !bytes.Equal(made[i].PublicKey().Marshal(), loaded[i].PublicKey().Marshal()) {
			t.Errorf("key %d changes when it is loaded", i)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != len(want) {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", file.Name(), info.Mode(), err)
		}
	}
}

func TestHostKeysRefused(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(path string) error
		want  string
	}{
		{"intact", func(string) error { return nil }, ""},
		{"lost", os.Remove, ""},
		{"readable by group", func(path string) error { return os.Chmod(path, 0o640) }, "0640"},
		{"readable by others", func(path string) error { return os.Chmod(path, 0o604) }, "0604"},
		{"empty", func(path string) error { return os.Truncate(path, 0) }, "no key found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := LoadOrCreateHostKeys(dir); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "ssh_host_ecdsa_key")
			if err := test.spoil(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			_, err := LoadOrCreateHostKeys(dir)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one with %q and the path", err, test.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was replaced")
			}
		})
	}
}
