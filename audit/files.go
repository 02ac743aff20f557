package audit

import (
	"cmp"
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

// mostNumber is the highest number that a file has. Nobody rotates so often: somebody else has
// chosen a name with such a number.
const mostNumber = 1<<62 - 1

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
		if ok && err == nil && n <= mostNumber && e.Name() == fileName(n) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// plausible are those of the numbers, in order, that this package can have given: where there is
// no regular file, and behind a gap that no rotation leaves, somebody else has chosen the name.
// foreign is the last such name, "" for none.
func plausible(dir string, all []uint64) (list []uint64, foreign string) {
	for _, n := range all {
		info, err := os.Lstat(filepath.Join(dir, fileName(n)))
		far := len(list) > 0 && n-list[len(list)-1] > mostPlanted+1
		if err != nil || !info.Mode().IsRegular() || far {
			foreign = fileName(n)
			continue
		}
		list = append(list, n)
	}
	return list, foreign
}

var errNotRegular = errors.New("it is not a regular file")

// openToRead opens a file that somebody may have put there to keep whoever reads it waiting: no
// symbolic link is followed, and anything but a regular file is errNotRegular.
func openToRead(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, errNotRegular
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(cmp.Or(err, errNotRegular), f.Close())
	}
	return f, nil
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
