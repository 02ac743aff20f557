package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put makes a file of a mode, whatever the umask.
func put(mode os.FileMode, path ...string) error {
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	return os.Chmod(file, mode)
}

func TestCheckFolder(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(dir string) error
		want string // in the error; "" for none
	}{
		{"as it is made", func(dir string) error { return put(0o644, dir, "f") }, ""},
		{"writable file", func(dir string) error { return put(0o620, dir, "f") }, "others may write to DIR/f, whose mode is 0620"},
		{"writable file in a folder", func(dir string) error { return put(0o602, dir, "d", "f") }, "others may write to DIR/d/f"},
		{"writable folder", func(dir string) error { return os.Chmod(dir, 0o730) }, "others may write to DIR, whose mode is 0730"},
		{"readable folder", func(dir string) error { return os.Chmod(dir, 0o755) }, ""},
		{"absent", os.RemoveAll, ""},
		{"link in it", func(dir string) error { return os.Symlink("/tmp", filepath.Join(dir, "l")) }, ""},
		{"of another user", func(dir string) error {
			if err := put(0o600, dir, "f"); err != nil || os.Geteuid() != 0 {
				return err
			}
			return os.Chown(filepath.Join(dir, "f"), 4711, 4711)
		}, map[bool]string{true: "DIR/f belongs to user 4711, and altoamd runs as 0"}[os.Geteuid() == 0]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := tt.make(dir); err != nil {
				t.Fatal(err)
			}
			link := dir + "-link"
			if err := os.Symlink(dir, link); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{dir, link} {
				err := CheckFolder(path)
				want := strings.ReplaceAll(tt.want, "DIR", dir)
				if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want %q", path, err, want)
				}
			}
		})
	}
}
