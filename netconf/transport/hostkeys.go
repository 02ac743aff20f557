package transport

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/renameio/v2"
	"golang.org/x/crypto/ssh"
)

// hostKeyFiles are the keys of a server, the preferred first. ECDSA is for
// clients without Ed25519.
var hostKeyFiles = []struct {
	name string
	make func() (crypto.PrivateKey, error)
}{
	{"ssh_host_ed25519_key", func() (crypto.PrivateKey, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}},
	{"ssh_host_ecdsa_key", func() (crypto.PrivateKey, error) {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}},
}

// LoadOrCreateHostKeys returns the host keys kept in dir: Ed25519 and ECDSA
// P-256, in files of the OpenSSH format with mode 0600. It makes dir and the
// files that do not exist. It fails, and never replaces a file, when one holds no
// key or can be accessed by group or others.
func LoadOrCreateHostKeys(dir string) ([]ssh.Signer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("SSH host keys: %w", err)
	}
	var keys []ssh.Signer
	for _, file := range hostKeyFiles {
		path := filepath.Join(dir, file.name)
		key, err := loadHostKey(path)
		if errors.Is(err, fs.ErrNotExist) {
			key, err = createHostKey(path, file.make)
		}
		if err != nil {
			return nil, fmt.Errorf("SSH host key %s: %w", path, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// HostKeyFiles are the host keys that LoadOrCreateHostKeys keeps in a folder, where others
// replace them. Safe for concurrent use.
type HostKeyFiles struct {
	dir     string
	current atomic.Pointer[[]ssh.Signer]

	mu   sync.Mutex // for Look
	last string     // why the last attempt failed; "" where it did not
}

// OpenHostKeys returns the keys kept in dir, or makes them: see LoadOrCreateHostKeys.
func OpenHostKeys(dir string) (*HostKeyFiles, error) {
	keys, err := LoadOrCreateHostKeys(dir)
	if err != nil {
		return nil, err
	}
	f := &HostKeyFiles{dir: dir}
	f.current.Store(&keys)
	return f, nil
}

// Keys are those for connections from now on. They are not to be changed.
func (f *HostKeyFiles) Keys() []ssh.Signer { return *f.current.Load() }

// Look reads the files, which are small, and tells whether other keys are in use now: all
// of them, or none where one cannot be used. Then the error says why; as long as it is the
// same it is told once, unless again.
func (f *HostKeyFiles) Look(again bool) (changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var keys []ssh.Signer
	for _, file := range hostKeyFiles {
		path := filepath.Join(f.dir, file.name)
		key, err := loadHostKey(path)
		if err != nil {
			err = fmt.Errorf("SSH host key %s: %w", path, err)
			if f.last == err.Error() && !again {
				return false, nil
			}
			f.last = err.Error()
			return false, err
		}
		keys = append(keys, key)
	}
	f.last = ""
	if slices.EqualFunc(keys, f.Keys(), sameKey) {
		return false, nil
	}
	f.current.Store(&keys)
	return true, nil
}

func sameKey(a, b ssh.Signer) bool {
	return bytes.Equal(a.PublicKey().Marshal(), b.PublicKey().Marshal())
}

func loadHostKey(path string) (ssh.Signer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("mode is %04o: a private key must not be accessible by group or others", mode)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ssh.ParsePrivateKey(data)
}

func createHostKey(path string, generate func() (crypto.PrivateKey, error)) (ssh.Signer, error) {
	key, err := generate()
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(key, "altoam")
	if err != nil {
		return nil, err
	}
	if err := renameio.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(key)
}
