package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pemPair is a certificate and its key in PEM.
func pemPair(t testing.TB) (cert, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate(t, k)}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// TestFiles replaces a pair step by step, as certbot and hurried operators do. Where a step
// leaves no usable pair, what was in use stays and the cause is told once.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(at(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to string) func() {
		return func() {
			os.Remove(at("live.new"))
			if err := os.Symlink(to, at("live.new")); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(at("live.new"), at("live")); err != nil {
				t.Fatal(err)
			}
		}
	}
	type pair struct{ cert, key []byte }
	var pairs [4]pair
	for i := range pairs {
		pairs[i].cert, pairs[i].key = pemPair(t)
	}
	for i, name := range []string{"1", "2"} {
		if err := os.Mkdir(at(name), 0o700); err != nil {
			t.Fatal(err)
		}
		put(name+"/c", pairs[i].cert)
		put(name+"/k", pairs[i].key)
	}
	link("1")()
	f, err := OpenFiles(at("live/c"), at("live/k"), Modern())
	if err != nil {
		t.Fatal(err)
	}
	tickets := f.Config()
	for _, step := range []struct {
		name string
		do   func()
		uses int    // the pair after it
		why  string // the error, once
	}{
		{"nothing", func() {}, 0, ""},
		{"the link is turned", link("2"), 1, ""},
		{"another certificate, its key not yet", func() { put("2/c", pairs[2].cert) }, 1, "private key does not match"},
		{"its key", func() { put("2/k", pairs[2].key) }, 2, ""},
		{"another key, its certificate not yet", func() { put("2/k", pairs[3].key) }, 2, "private key does not match"},
		{"half a certificate", func() { put("2/c", pairs[3].cert[:200]) }, 2, "failed to find any PEM"},
		{"the whole", func() { put("2/c", pairs[3].cert) }, 3, ""},
		{"no file", func() { os.Remove(at("2/c")) }, 3, "no such file"},
		{"the file again", func() { put("2/c", pairs[3].cert) }, 3, ""},
		{"no file once more", func() { os.Remove(at("2/c")) }, 3, "no such file"},
		{"a large file", func() { put("2/c", make([]byte, maxFileBytes+1)) }, 3, "has more than"},
		{"a key for all", func() { put("2/c", pairs[3].cert); os.Chmod(at("2/k"), 0o644) }, 3, "mode is 0644"},
		{"for a group", func() { os.Chmod(at("2/k"), 0o640) }, 3, ""},
		{"back", link("1"), 0, ""},
	} {
		before := f.Config()
		step.do()
		changed, err := f.Look(false)
		if err == nil && step.why != "" || err != nil && (step.why == "" || !strings.Contains(err.Error(), step.why)) {
			t.Errorf("%s: error %v, want one with %q", step.name, err, step.why)
		}
		want, _ := pem.Decode(pairs[step.uses].cert)
		if !bytes.Equal(f.Certificate().Certificate[0], want.Bytes) {
			t.Errorf("%s: another certificate than that of pair %d", step.name, step.uses)
		}
		if changed != (f.Config() != before) {
			t.Errorf("%s: changed is %v", step.name, changed)
		}
		if changed, err := f.Look(false); changed || err != nil {
			t.Errorf("%s: told again: %v, %v", step.name, changed, err)
		}
		if _, err := f.Look(true); (err != nil) != (step.why != "") {
			t.Errorf("%s: asked again: %v", step.name, err)
		}
	}
	if f.Config() == tickets || len(f.Config().CipherSuites) == 0 {
		t.Error("the configuration of TLS is not a new one like the first")
	}
	if _, err := OpenFiles(at("none"), at("live/k"), Modern()); err == nil {
		t.Error("no file at the start: no error")
	}
}
