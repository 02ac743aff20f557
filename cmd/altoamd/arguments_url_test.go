package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestURLFolderOfKeys refuses a folder for <url> in which the data folder is, by whatever name;
// one in the data folder, and any other, is fine.
func TestURLFolderOfKeys(t *testing.T) {
	base := t.TempDir()
	data, link := filepath.Join(base, "data"), filepath.Join(base, "link")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	for url, ok := range map[string]bool{data: false, base: false, link: false, link + "/..": false, data + "/files": true, filepath.Join(base, "data-of-users"): true} {
		for _, dir := range []string{data, link} {
			o := runOptions{DataDir: dir, URLDir: url}
			if err := o.makeFolders(); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "users could name keys") {
				t.Errorf("--data-dir %s --url-dir %s: %v", dir, url, err)
			}
		}
	}
}
