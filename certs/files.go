package certs

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// maxFileBytes bounds a file with a certificate or a key.
const maxFileBytes = 1 << 20

// Files are a server's certificate with its chain and the key of it, in two PEM files
// that others replace: in place, by renaming or by turning a symbolic link. What is in
// use stays until both files are readable and of each other. Safe for concurrent use.
type Files struct {
	certificate, key string
	base             *tls.Config
	current          atomic.Pointer[tls.Config]

	mu    sync.Mutex // for Look
	tried [sha256.Size]byte
	last  string // why the last attempt failed; "" where it did not
}

// OpenFiles reads the files for the first time. The configurations that Config returns
// are those of base with the certificate, which must not change any more. It fails as
// Look does.
func OpenFiles(certificate, key string, base *tls.Config) (*Files, error) {
	f := &Files{certificate: certificate, key: key, base: base}
	if _, err := f.Look(false); err != nil {
		return nil, err
	}
	return f, nil
}

// Config is for connections from now on, until Look takes other files. It has tickets
// for resumption of its own: no session that began with a certificate outlives it.
func (f *Files) Config() *tls.Config { return f.current.Load() }

// Certificate is the one in use, with its Leaf.
func (f *Files) Certificate() tls.Certificate { return f.Config().Certificates[0] }

// Name is the path of the file with the certificate.
func (f *Files) Name() string { return f.certificate }

// Look reads the files, which are small, and tells whether another certificate is in use
// now. An error says why what was there stays in use; as long as the files do not change it
// is told once, unless again. A key that others than owner and group may read is one.
func (f *Files) Look(again bool) (changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	certificate, key, err := f.read()
	if err != nil {
		f.tried = [sha256.Size]byte{}
		return false, f.tell(err, again)
	}
	sum := digestOf(certificate, key)
	if sum == f.tried && (f.last == "" || !again) {
		return false, nil
	}
	f.tried = sum
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return false, f.tell(fmt.Errorf("%s and %s: %w", f.certificate, f.key, err), true)
	}
	f.last = ""
	if old := f.current.Load(); old != nil && sameChain(old.Certificates[0], pair) {
		return false, nil
	}
	c := f.base.Clone()
	c.Certificates = []tls.Certificate{pair}
	f.current.Store(c)
	return true, nil
}

// tell returns err, or nil where it is that of before and that shall not be told again.
func (f *Files) tell(err error, again bool) error {
	if f.last == err.Error() && !again {
		return nil
	}
	f.last = err.Error()
	return err
}

func (f *Files) read() (certificate, key []byte, err error) {
	if certificate, _, err = readSmall(f.certificate); err != nil {
		return nil, nil, err
	}
	key, mode, err := readSmall(f.key)
	if err == nil && mode.Perm()&0o007 != 0 {
		err = fmt.Errorf("%s: mode is %04o: a private key must not be accessible by others", f.key, mode.Perm())
	}
	return certificate, key, err
}

func readSmall(name string) ([]byte, fs.FileMode, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(text) > maxFileBytes {
		err = fmt.Errorf("%s has more than %d bytes", name, maxFileBytes)
	}
	return text, info.Mode(), err
}

func digestOf(parts ...[]byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, p := range parts {
		part := sha256.Sum256(p)
		h.Write(part[:])
	}
	h.Sum(sum[:0])
	return sum
}

func sameChain(a, b tls.Certificate) bool {
	if len(a.Certificate) != len(b.Certificate) {
		return false
	}
	for i := range a.Certificate {
		if !bytes.Equal(a.Certificate[i], b.Certificate[i]) {
			return false
		}
	}
	return true
}
