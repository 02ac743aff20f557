package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const (
	fileMode   fs.FileMode = 0o600
	folderMode fs.FileMode = 0o700
	filePrefix             = "audit-"
	fileSuffix             = ".jsonl"
)

func fileName(n uint64) string { return fmt.Sprintf("%s%08d%s", filePrefix, n, fileSuffix) }

// fileNumbers are those of the files in a folder, in order.
func fileNumbers(dir string) (all []uint64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), fileSuffix), filePrefix)
		n, err := strconv.ParseUint(text, 10, 64)
		if ok && err == nil && e.Name() == fileName(n) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// makeFolder makes the folder, and takes from others what they may do in it. A symbolic link
// is refused.
func makeFolder(dir string) error {
	if err := os.Mkdir(dir, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", dir)
	case info.Mode().Perm()&^folderMode != 0:
		return os.Chmod(dir, folderMode)
	}
	return nil
}

// openFile opens a file to append to; flag says whether it is to be made.
func openFile(dir string, n uint64, flag int) (*os.File, error) {
	path := filepath.Join(dir, fileName(n))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|flag, fileMode)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err == nil && info.Mode().Perm()&^fileMode != 0 {
		err = f.Chmod(fileMode)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// syncFolder makes names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
