package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/certs"
)

func restconfFilesIn(dir string) (*certs.Files, error) {
	o := runOptions{DataDir: dir}
	return o.restconfFiles(time.Now(), slog.New(slog.DiscardHandler))
}

func TestServerCertificateKeepsFiles(t *testing.T) {
	for _, given := range []string{"restconf.key", "restconf.pem"} {
		dir := t.TempDir()
		file := filepath.Join(dir, given)
		if err := os.WriteFile(file, []byte("the operator's"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := restconfFilesIn(dir); err == nil {
			t.Errorf("%s without the other: no error", given)
		}
		if text, err := os.ReadFile(file); err != nil || string(text) != "the operator's" {
			t.Errorf("%s was overwritten", given)
		}
	}
	dir := t.TempDir()
	made, err := restconfFilesIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := restconfFilesIn(dir)
	if err != nil || string(again.Certificate().Certificate[0]) != string(made.Certificate().Certificate[0]) {
		t.Errorf("the certificate of the second start is another one: %v", err)
	}
}

// TestCertificateOfKey: a start that ended between the key of RESTCONF and its certificate
// does not stop the next one, which leaves the key as it is.
func TestCertificateOfKey(t *testing.T) {
	dir := t.TempDir()
	certificate, keyFile := filepath.Join(dir, certificateFile), filepath.Join(dir, certificateKey)
	before, err := restconfFilesIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(certificate); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	o := runOptions{DataDir: dir}
	made, err := o.restconfFiles(time.Now(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(keyFile); err != nil || !bytes.Equal(now, key) {
		t.Errorf("the key is another one: %v", err)
	}
	was, now := before.Certificate().Leaf, made.Certificate().Leaf
	if bytes.Equal(was.Raw, now.Raw) || !bytes.Equal(was.RawSubjectPublicKeyInfo, now.RawSubjectPublicKeyInfo) {
		t.Error("the certificate is not a new one of the same key")
	}
	if !bytes.Contains(log.Bytes(), []byte(certificate)) {
		t.Errorf("the log has %q", log.String())
	}
	// A certificate without its key is the operator's affair.
	if err := os.Remove(keyFile); err != nil {
		t.Fatal(err)
	}
	if _, err := restconfFilesIn(dir); err == nil || exists(keyFile) {
		t.Errorf("a key was made for a certificate that has another one: %v", err)
	}
}
