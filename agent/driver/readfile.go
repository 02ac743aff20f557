package driver

import (
	"fmt"
	"io"
	"os"
)

// MaxBytes limits what a source reads at a time: a file, the body of a response unless
// that is configured.
const MaxBytes = 256 << 20

// ReadFile returns the content of a regular file of at most MaxBytes; of another
// kind, such as a pipe, nothing is read.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: path, Err: fmt.Errorf("not a regular file")}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := readAll(file, MaxBytes)
	if err != nil {
		return nil, &os.PathError{Op: "read", Path: path, Err: err}
	}
	return text, nil
}

// readAll reads to the end; the error may be that there are more bytes than limit.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("more than %d bytes", limit)
	}
	return text, nil
}
