package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

const (
	secretKeyEnv        = "ALTOAMD_SECRET_KEY" // #nosec G101 -- the name of a variable
	secretKeyFile       = "secret.key"         // in the data folder
	secretKeyCredential = "altoamd-secret-key" // of systemd
	secretKeyUsage      = "file with the keys that secrets are stored sealed with, one a line, the first seals; otherwise $" +
		secretKeyEnv + ", the systemd credential " + secretKeyCredential + ", or " + secretKeyFile + " in the data folder, made when it is not there"
)

// secretKeys are the keys that secrets are sealed with.
type secretKeys struct {
	ring *secrets.Ring
	made string // file that was made for them just now; "" for none
}

// readSecretKeys takes the keys from file; where that is "" from the environment, which
// then has them no longer, from a credential of systemd (systemd.exec(5)), or from the
// data folder dir. There, if wanted, a key is made when there is none.
func readSecretKeys(file, dir string, wanted bool) (k secretKeys, err error) {
	if file != "" {
		return ringIn(file, othersMask)
	}
	if text, ok := os.LookupEnv(secretKeyEnv); ok {
		if err := os.Unsetenv(secretKeyEnv); err != nil { // nothing that is started is to have it
			return k, err
		}
		k.ring, err = secrets.ParseRing(text)
		return k, secretKeyError("$"+secretKeyEnv, err)
	}
	if folder := os.Getenv("CREDENTIALS_DIRECTORY"); folder != "" {
		if k, err = ringIn(filepath.Join(folder, secretKeyCredential), credentialMask); !errors.Is(err, fs.ErrNotExist) {
			return k, err
		}
	}
	file = filepath.Join(dir, secretKeyFile)
	if k, err = ringIn(file, othersMask); !wanted || !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	made, err := makeOnce(file, []byte(secrets.NewKey()+"\n"))
	if err != nil {
		return k, fmt.Errorf("secret key: %w", err)
	}
	if k, err = ringIn(file, othersMask); made {
		k.made = file
	}
	return k, err
}

// makeOnce makes a file with mode 0600, durable, and as a whole or not at all. One that is
// there, because another process has just made it for instance, stays: made tells that.
func makeOnce(path string, text []byte) (made bool, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return false, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return false, err
	}
	if err := os.Link(f.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return false, nil
		}
		return false, err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return true, err
	}
	return true, errors.Join(folder.Sync(), folder.Close())
}

// Permissions that a file with keys must not have. Credentials of systemd are readable by
// the user of the service through an ACL, whose mask shows as permissions of the group;
// their folder keeps others out.
const (
	othersMask     fs.FileMode = 0o077
	credentialMask fs.FileMode = 0o037
)

// ringIn reads a file, to which others than its owner must not have the access of mask.
func ringIn(file string, mask fs.FileMode) (k secretKeys, err error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return k, fmt.Errorf("secret key: %w", err)
	case !info.Mode().IsRegular():
		return k, fmt.Errorf("secret key: %s is no regular file", file)
	case info.Mode().Perm()&mask != 0:
		return k, fmt.Errorf("secret key: %s has mode %04o: others than its owner have access; chmod 600 it", file, info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	if err == nil {
		k.ring, err = secrets.ParseRing(string(text))
	}
	return k, secretKeyError(file, err)
}

func secretKeyError(from string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("secret key in %s: %w", from, err)
}

// forget removes a key that was made for a start that failed: nothing is sealed with it.
func (k secretKeys) forget() {
	if k.made != "" {
		_ = os.Remove(k.made) // the next start uses it, or one that is put there instead
	}
}

// sealer is the Sealer of a schema; nil, and no key is made, where it has no need of one.
func (o runOptions) sealer(schema *yang.Schema) (*secrets.Sealer, secretKeys, error) {
	if o.Bare {
		return nil, secretKeys{}, nil
	}
	k, err := readSecretKeys(o.SecretKey, o.DataDir, true)
	if err != nil {
		return nil, k, err
	}
	return secrets.NewSealer(schema, k.ring), k, nil
}

// sealer is the Sealer of the agent whose store is at path, nil for a bare one; its key is
// made where there is none, if that is wanted.
func (o *storeOptions) sealer(schema *yang.Schema, path string, wanted bool) (*secrets.Sealer, error) {
	if o.Bare {
		return nil, nil
	}
	if wanted {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
	}
	k, err := readSecretKeys(o.SecretKey, filepath.Dir(path), wanted)
	if err != nil {
		return nil, err
	}
	return secrets.NewSealer(schema, k.ring), nil
}
