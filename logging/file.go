package logging

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// File is a file with a message of RFC 5424 in each line. A file that was renamed or
// removed by somebody else is left, and made anew.
type File struct {
	Path string
	Mode fs.FileMode
	// MaxBytes is the size beyond which Path is renamed to Path.1, Path.1 to Path.2 and so
	// on; 0 for no bound.
	MaxBytes int64
	// Keep is how many renamed files are kept.
	Keep int
}

func (f File) append(dst []byte, h *Header, r *Record) []byte {
	return append(AppendRFC5424(dst, h, r), '\n')
}

// Check tells whether the file can be written to. It makes the file if there is none: undo
// takes that back.
func (f File) Check() (undo func(), err error) {
	_, err = os.Lstat(f.Path)
	absent := errors.Is(err, fs.ErrNotExist)
	file, err := f.openFile()
	if err != nil {
		return nil, err
	}
	made, err := file.Stat()
	_ = file.Close()
	if err != nil {
		return nil, err
	}
	if !absent {
		return func() {}, nil
	}
	return func() {
		if now, err := os.Lstat(f.Path); err == nil && now.Size() == 0 && os.SameFile(made, now) {
			_ = os.Remove(f.Path)
		}
	}, nil
}

// openFile never waits, for a reader of a pipe for instance.
func (f File) openFile() (*os.File, error) {
	const flags = os.O_WRONLY | os.O_APPEND | os.O_CREATE | syscall.O_NONBLOCK | syscall.O_NOCTTY
	file, err := os.OpenFile(f.Path, flags|os.O_EXCL, f.Mode)
	switch {
	case err == nil:
		_ = file.Chmod(f.Mode) // its own: whatever the umask
	case errors.Is(err, fs.ErrExist):
		file, err = os.OpenFile(f.Path, flags, f.Mode)
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", f.Path)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

func (f File) open(context.Context) (outlet, error) {
	o := &openFile{File: f}
	return o, o.reopen()
}

type openFile struct {
	File
	file *os.File
	info fs.FileInfo
	size int64
}

func (o *openFile) reopen() error {
	o.close()
	file, err := o.openFile()
	if err != nil {
		return err
	}
	if o.info, err = file.Stat(); err != nil {
		_ = file.Close()
		return err
	}
	o.file, o.size = file, o.info.Size()
	return nil
}

func (o *openFile) close() {
	if o.file != nil {
		_ = o.file.Close()
		o.file = nil
	}
}

// write writes whole lines, as many in one go as the bound on the size lets.
func (o *openFile) write(buf []byte, ends []int) (count int, err error) {
	if now, err := os.Stat(o.Path); err != nil || !os.SameFile(now, o.info) {
		if err := o.reopen(); err != nil {
			return 0, err
		}
	} else {
		o.size = now.Size()
	}
	begin := 0
	for count < len(ends) {
		if o.MaxBytes > 0 && o.size > 0 && o.size+int64(ends[count]-begin) > o.MaxBytes {
			if err := o.rotate(); err != nil {
				return count, err
			}
		}
		last := count
		for last+1 < len(ends) && (o.MaxBytes == 0 || o.size+int64(ends[last+1]-begin) <= o.MaxBytes) {
			last++
		}
		n, err := o.file.Write(buf[begin:ends[last]])
		if o.size += int64(n); err != nil {
			o.cut(int64(n))
			return count, err
		}
		begin, count = ends[last], last+1
	}
	return count, nil
}

// cut takes back what was written of lines that will be written again, because a disk is
// full for instance. If somebody else has written to the file it stays.
func (o *openFile) cut(written int64) {
	if now, err := o.file.Stat(); err == nil && written > 0 && now.Size() == o.size {
		if o.file.Truncate(o.size-written) == nil {
			o.size -= written
		}
	}
}

// rotate renames the file and those renamed before, and begins a new one.
func (o *openFile) rotate() error {
	name := func(i int) string {
		if i == 0 {
			return o.Path
		}
		return o.Path + "." + strconv.Itoa(i)
	}
	if o.Keep == 0 {
		if err := os.Remove(o.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for i := o.Keep - 1; i >= 0; i-- {
		if err := os.Rename(name(i), name(i+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return o.reopen()
}
