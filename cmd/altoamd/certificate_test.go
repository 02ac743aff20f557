package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestServerCertificateKeepsFiles(t *testing.T) {
	for _, given := range []string{"restconf.key", "restconf.pem"} {
		dir := t.TempDir()
		file := filepath.Join(dir, given)
		if err := os.WriteFile(file, []byte("the operator's"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := serverCertificate(dir, time.Now()); err == nil {
			t.Errorf("%s without the other: no error", given)
		}
		if text, err := os.ReadFile(file); err != nil || string(text) != "the operator's" {
			t.Errorf("%s was overwritten", given)
		}
	}
	dir := t.TempDir()
	made, err := serverCertificate(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := serverCertificate(dir, time.Now())
	if err != nil || string(again.Certificate[0]) != string(made.Certificate[0]) {
		t.Errorf("the certificate of the second start is another one: %v", err)
	}
}
