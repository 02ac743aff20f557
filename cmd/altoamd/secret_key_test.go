package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

// TestSecretKeySources: the first of the flag, the environment, the credential and the
// data folder counts, and a file that others can read is refused.
func TestSecretKeySources(t *testing.T) {
	keyIn := func(dir, name string, mode os.FileMode) (file, id string) {
		t.Helper()
		line := secrets.NewKey()
		file = filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		r, err := secrets.ParseRing(line)
		if err != nil {
			t.Fatal(err)
		}
		return file, r.IDs()[0]
	}
	data, credentials := t.TempDir(), t.TempDir()
	flag, byFlag := keyIn(t.TempDir(), "key", 0o400)
	open, _ := keyIn(t.TempDir(), "key", 0o640)
	fromEnv, byEnv := keyIn(t.TempDir(), "key", 0o600)
	text, err := os.ReadFile(fromEnv)
	if err != nil {
		t.Fatal(err)
	}
	_, byCredential := keyIn(credentials, secretKeyCredential, 0o440) // as systemd makes it for a service with User=
	openCredentials := t.TempDir()
	keyIn(openCredentials, secretKeyCredential, 0o444)
	want := func(name, file, id string) secretKeys {
		t.Helper()
		k, err := readSecretKeys(file, data, true)
		if err != nil || id != "" && k.ring.IDs()[0] != id {
			t.Errorf("%s: %v, want the key %s", name, err, id)
		}
		return k
	}
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	t.Setenv(secretKeyEnv, string(text))
	want("flag", flag, byFlag)
	want("environment", "", byEnv)
	if _, there := os.LookupEnv(secretKeyEnv); there {
		t.Error("the environment still has the key")
	}
	want("credential", "", byCredential)
	t.Setenv("CREDENTIALS_DIRECTORY", openCredentials)
	if _, err := readSecretKeys("", data, true); err == nil || !strings.Contains(err.Error(), "0444") {
		t.Errorf("a credential that all can read: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", data)
	if _, err := readSecretKeys("", data, false); err == nil {
		t.Error("a key was made that was not wanted")
	}
	made := want("data folder", "", "")
	if info, err := os.Stat(filepath.Join(data, secretKeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if again := want("data folder again", "", made.ring.IDs()[0]); again.made != "" {
		t.Error("it was made anew")
	}
	made.forget()
	if exists(filepath.Join(data, secretKeyFile)) {
		t.Error("the key of a start that failed is still there")
	}
	for name, file := range map[string]string{"others can read it": open, "a folder": data, "not there": filepath.Join(data, "none")} {
		if _, err := readSecretKeys(file, data, true); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// notSecret are leafs that nacm:default-deny-all stands on, and no secret is in.
func notSecret(n *yang.Node) bool { return n.Name == "cert-data" }

// TestEverySecretIsSealed: each leaf that the modules mark as secret, or that is called like
// one, is sealed or hashed. A module with a further one fails here.
func TestEverySecretIsSealed(t *testing.T) {
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ring, err := secrets.ParseRing(secrets.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	sealer := secrets.NewSealer(s, ring)
	sealed, hashed := 0, 0
	for _, n := range s.Nodes {
		if n.Kind != yang.Leaf && n.Kind != yang.LeafList || !n.Config {
			continue
		}
		named := strings.HasPrefix(n.Name, "cleartext-") || strings.HasSuffix(n.Name, "password") || strings.HasSuffix(n.Name, "secret") ||
			strings.HasSuffix(n.Name, "token") || strings.HasSuffix(n.Name, "passphrase")
		marked := n.DefaultDeny == yang.DenyAll && n.Parent.DefaultDeny != yang.DenyAll // itself, not the settings it is among
		switch {
		case sealer.Covers(n):
			sealed++
		case n.Type.Typedef == "iana-crypt-hash:crypt-hash":
			hashed++
		case (marked || named) && !notSecret(n):
			t.Errorf("%s is secret, and neither sealed nor hashed", n.Path())
		}
	}
	if sealed < 15 || hashed < 3 {
		t.Errorf("only %d leafs are sealed and %d hashed", sealed, hashed)
	}
}
