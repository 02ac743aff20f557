package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// CheckFolder demands that nobody but the user of this process, and the superuser, may
// change a folder and what lies in it and in its folders: each must belong to one of the two,
// and not be open for writing to a group or to others. A symbolic link to the folder is
// followed, those in it are not. A folder that is not there is fine. The error names each
// file and what to do, ten at most. Cost is that of a look at each file.
func CheckFolder(folder string) error {
	root, err := filepath.EvalSymlinks(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	const most = 10
	var wrong []error
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // a file that comes and goes
			return nil
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode().Type() == fs.ModeSymlink {
			return nil
		}
		if err := checkOwner(path, info); err != nil {
			wrong = append(wrong, err)
		}
		if len(wrong) == most {
			return fs.SkipAll
		}
		return nil
	})
	return errors.Join(append(wrong, err)...)
}

func checkOwner(path string, info fs.FileInfo) error {
	self := os.Geteuid()
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != self && s.Uid != 0 {
		return fmt.Errorf("%s belongs to user %d, and altoamd runs as %d: chown it, or run altoamd as its owner", path, s.Uid, self)
	}
	if open := info.Mode().Perm() & 0o022; open != 0 && info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("others may write to %s, whose mode is %#o: chmod go-w it", path, info.Mode().Perm())
	}
	return nil
}
