package driver

import (
	"fmt"
	"io"
	"os"
)

// MaxBytes limits what a source reads at a time: a file, the body of a response.
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
	text, err := ReadAll(file)
	if err != nil {
		return nil, &os.PathError{Op: "read", Path: path, Err: err}
	}
	return text, nil
}

// ReadAll reads to the end; the error may be that there are more than MaxBytes.
func ReadAll(r io.Reader) ([]byte, error) { return readAll(r, MaxBytes) }

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
