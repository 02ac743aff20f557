package southbound

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckSocket(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // whatever the umask
		t.Fatal(err)
	}
	folder := func(name string, mode os.FileMode) string {
		at := filepath.Join(dir, name)
		if err := os.Mkdir(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(at, mode); err != nil {
			t.Fatal(err)
		}
		return at
	}
	good, open, closed := folder("good", 0o700), folder("open", 0o777), folder("closed", 0o500)
	file := filepath.Join(good, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("unix", filepath.Join(good, "used"))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, c := range []struct{ path, want string }{
		{filepath.Join(good, "new"), ""},
		{filepath.Join(good, "used"), ""},
		{file, "is not a socket"},
		{good, "is not a socket"},
		{filepath.Join(file, "s"), "is not a folder"},
		{filepath.Join(dir, "missing", "s"), "no such file"},
		{filepath.Join(open, "s"), "others may write to"},
		{filepath.Join(closed, "s"), "permission denied"},
	} {
		if strings.HasPrefix(c.path, closed) && os.Getuid() == 0 {
			continue // may write anywhere
		}
		if err := CheckSocket(c.path); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q", c.path, err, c.want)
		}
	}
}
