package audit

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
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

// LoadOrCreateKey reads the key in a file, which is made with mode 0600 where there is none;
// made tells that.
func LoadOrCreateKey(path string) (key []byte, made bool, err error) {
	key, err = ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, false, err
	}
	key = make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, false, err
	}
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	return key, true, errors.Join(err, f.Sync(), f.Close())
}
