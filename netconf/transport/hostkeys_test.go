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

// TestHostKeyFiles replaces host keys while the server runs: those that can be used are
// shown to the next client, those that cannot are told of once, and sessions go on.
func TestHostKeyFiles(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	files, err := OpenHostKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreateHostKeys(other); err != nil {
		t.Fatal(err)
	}
	const name = "ssh_host_ed25519_key"
	read := func(folder string) []byte {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first, second := read(dir), read(other)
	path := filepath.Join(dir, name)
	put := func(text []byte, mode os.FileMode) func() {
		return func() {
			if err := os.WriteFile(path, text, mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, step := range []struct {
		name string
		do   func()
		uses []byte
		why  string
	}{
		{"nothing", func() {}, first, ""},
		{"another key", put(second, 0o600), second, ""},
		{"half a key", put(first[:100], 0o600), second, "no key found"},
		{"a key for all", put(first, 0o644), second, "0644"},
		{"the whole", put(first, 0o600), first, ""},
		{"no key", func() { os.Remove(path) }, first, "no such file"},
		{"another key again", put(second, 0o600), second, ""},
	} {
		before := files.Keys()[0]
		step.do()
		changed, err := files.Look(false)
		if err == nil && step.why != "" || err != nil && (step.why == "" || !strings.Contains(err.Error(), step.why)) {
			t.Errorf("%s: error %v, want one with %q", step.name, err, step.why)
		}
		want, err := ssh.ParsePrivateKey(step.uses)
		if err != nil {
			t.Fatal(err)
		}
		if got := files.Keys(); len(got) != len(hostKeyFiles) || !sameKey(got[0], want) {
			t.Errorf("%s: other keys are in use", step.name)
		}
		if changed == sameKey(files.Keys()[0], before) {
			t.Errorf("%s: changed is %v", step.name, changed)
		}
		if changed, err := files.Look(false); changed || err != nil {
			t.Errorf("%s: told again: %v, %v", step.name, changed, err)
		}
		if _, err := files.Look(true); (err != nil) != (step.why != "") {
			t.Errorf("%s: asked again: %v", step.name, err)
		}
	}
}
