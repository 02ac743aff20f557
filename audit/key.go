package audit

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/renameio/v2"
)

// ReadKey reads the key in a file: 64 hexadecimal digits.
func ReadKey(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := make([]byte, 2*keySize+2)
	n, err := f.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text[:n])))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("%s holds no key: expected %d hexadecimal digits", path, 2*keySize)
	}
	return key, nil
}

// LoadOrCreateKey reads the key in a file, which is made with mode 0600, durable and as a whole,
// where there is none; made tells that. One that others than its owner may read is refused. No other process may do so meanwhile.
func LoadOrCreateKey(path string) (key []byte, made bool, err error) {
	key, err = ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, false, errors.Join(err, forOwner(path))
	}
	key = make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	if err := renameio.WriteFile(path, []byte(hex.EncodeToString(key)+"\n"), fileMode); err != nil {
		return nil, false, err
	}
	return key, true, syncFolder(filepath.Dir(path))
}

// forOwner refuses a file that others than its owner have access to.
func forOwner(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Perm()&^fileMode != 0 {
		err = fmt.Errorf("%s has mode %04o: others than its owner have access; chmod 600 it", path, info.Mode().Perm())
	}
	return err
}
