package netconf

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// file is a file in the folder dir; name is its path there.
type file struct{ dir, name string }

// file is the place of a file URL (RFC 8089).
func (l *URLs) file(u *url.URL) (place, error) {
	name := strings.TrimPrefix(u.Path, "/")
	switch {
	case u.Host != "" && u.Host != "localhost" || u.User != nil || u.RawQuery != "" || u.Opaque != "":
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "a file url is file:///NAME, a file in the server's own folder")
	case !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") || strings.HasPrefix(path.Base(name), "."):
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "%.60q is no name of a file in the server's folder", u.Path)
	}
	return file{l.Dir, name}, nil
}

func (f file) String() string { return "file:///" + f.name }

func (f file) is(other place) bool { return other == f }

// in calls do with the folder open: nothing reached through it is outside.
func (f file) in(do func(*os.Root) error) error {
	root, err := os.OpenRoot(f.dir)
	if err == nil {
		defer root.Close()
		err = do(root)
	}
	var known *rpcerr.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, fs.ErrNotExist):
		e := rpcerr.NewProtocol(rpcerr.DataMissing, "there is no %s", f)
		e.Err = err
		return e
	}
	return unreachable(f, err)
}

func (f file) read(context.Context) (in io.ReadCloser, err error) {
	err = f.in(func(root *os.Root) error {
		opened, err := root.OpenFile(f.name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		if info, err := opened.Stat(); err != nil || !info.Mode().IsRegular() {
			opened.Close()
			return errors.Join(err, errors.New("not a regular file"))
		}
		in = opened
		return nil
	})
	return in, err
}

// write makes a new file of mode 0600 and puts it in the place of the old one: who
// reads meanwhile, or after a crash, finds one or the other.
func (f file) write(_ context.Context, content func(io.Writer) error) error {
	return f.in(func(root *os.Root) error {
		if _, err := root.Stat(path.Dir(f.name)); errors.Is(err, fs.ErrNotExist) {
			e := rpcerr.NewProtocol(rpcerr.DataMissing, "there is no folder for %s", f)
			e.Err = err
			return e
		}
		if info, err := root.Lstat(f.name); err == nil && !info.Mode().IsRegular() {
			return errors.New("not a regular file")
		}
		fresh := path.Join(path.Dir(f.name), "."+rand.Text()+".new")
		err := writeFile(root, fresh, content)
		if err == nil {
			err = root.Rename(fresh, f.name)
		}
		if err != nil {
			return errors.Join(err, ignoreMissing(root.Remove(fresh)))
		}
		return syncDir(root, path.Dir(f.name))
	})
}

// writeFile makes a file and has it on disk when it returns nil.
func writeFile(root *os.Root, name string, content func(io.Writer) error) error {
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err = content(out); err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir makes durable which files a folder has.
func syncDir(root *os.Root, name string) error {
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f file) remove(context.Context) error {
	return f.in(func(root *os.Root) error {
		if info, err := root.Lstat(f.name); err == nil && info.IsDir() {
			return errors.New("a folder")
		}
		if err := root.Remove(f.name); err != nil {
			return err
		}
		return syncDir(root, path.Dir(f.name))
	})
}
