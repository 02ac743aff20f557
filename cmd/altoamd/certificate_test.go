package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/certs"
)

func restconfFilesIn(dir string) (*certs.Files, error) {
	o := runOptions{DataDir: dir}
	return o.restconfFiles(time.Now())
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
