package southbound

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CheckSocket tells whether a process that is started by this one could be managed over a
// socket at path: its folder is there, this user can write to it and others cannot, and
// nothing but a socket is at the path. Nothing is changed.
func CheckSocket(path string) error {
	if err := CheckFolder(filepath.Dir(path)); err != nil {
		return err
	}
	if err := writable(filepath.Dir(path)); err != nil {
		return err
	}
	return CheckPlace(path)
}

// CheckFolder tells whether a folder is fit for sockets: others than its user may not write
// to it.
func CheckFolder(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", folder)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others may write to %s, whose mode is %#o: expected 0700", folder, info.Mode().Perm())
	}
	return nil
}

// CheckPlace tells whether at path, where a socket is to be, is one or nothing.
func CheckPlace(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is there and is not a socket", path)
	}
	return nil
}
