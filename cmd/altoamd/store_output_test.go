package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestStoreExportOutput: a file is written whole and for its owner alone, or stays as
// it was; what is no file is written to.
func TestStoreExportOutput(t *testing.T) {
	f := newStoreFixture(t)
	path := filepath.Join(f.dir, "s.db")
	f.must("import", f.file("data.json", `{"keep:all":{"text":"first"}}`), path)
	out := f.file("out.json", "before")
	if err := os.Chmod(out, 0o644); err != nil {
		t.Fatal(err)
	}
	f.fails([]string{"export", path, "-o", out, "--commit", "7"}, "no commit 7")
	if b, _ := os.ReadFile(out); string(b) != "before" {
		t.Errorf("a refused export wrote %q", b)
	}
	link := filepath.Join(f.dir, "link")
	pipe := filepath.Join(f.dir, "pipe")
	if err := os.Symlink("out.json", link); err != nil {
		t.Fatal(err)
	}
	f.must("export", path, "-o", link)
	if b, _ := os.ReadFile(out); !strings.Contains(string(b), `"first"`) {
		t.Errorf("through a link: %q", b)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		r, err := os.Open(pipe)
		if err != nil {
			read <- err.Error()
			return
		}
		defer r.Close()
		b, _ := io.ReadAll(r)
		read <- string(b)
	}()
	f.must("export", path, "-o", pipe)
	if got := <-read; !strings.Contains(got, `"first"`) {
		t.Errorf("through a pipe: %q", got)
	}
	f.fails([]string{"export", path, "-o", f.dir}, "export to "+f.dir, "directory")
	none := filepath.Join(f.dir, "none", "x.json")
	f.fails([]string{"export", path, "-o", none}, "export to "+none)
	left, err := filepath.Glob(filepath.Join(f.dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
