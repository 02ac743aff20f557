package main

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/users"
)

const (
	adminUser        = "admin"
	adminPasswordEnv = "ALTOAMD_ADMIN_PASSWORD" // #nosec G101 -- the name of a variable
	passwordFile     = "initial-admin-password"
)

// firstPassword is the password that the administrator gets at the first start.
type firstPassword struct {
	text string
	file string // where it is kept; "" for one from the environment
}

// newPassword takes the password from the environment, or makes a random one and
// keeps it in dir.
func newPassword(dir string) (firstPassword, error) {
	if p := os.Getenv(adminPasswordEnv); p != "" {
		return firstPassword{text: p}, nil
	}
	var raw [15]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return firstPassword{}, err
	}
	p := firstPassword{text: strings.ToLower(base32.StdEncoding.EncodeToString(raw[:])), file: filepath.Join(dir, passwordFile)}
	if err := renameio.WriteFile(p.file, []byte(p.text+"\n"), 0o600); err != nil {
		return firstPassword{}, fmt.Errorf("initial password: %w", err)
	}
	return p, nil
}

// announce tells a random password, once.
func (p firstPassword) announce() {
	if p.file != "" {
		fmt.Fprintf(os.Stderr, "altoamd: user %s has the password %s (kept in %s)\n", adminUser, p.text, p.file)
	}
}

// forget removes what newPassword kept, for a start that failed.
func (p firstPassword) forget() {
	if p.file != "" {
		_ = os.Remove(p.file) // a stale file does no harm: the next start writes it anew
	}
}

// addAdmin returns seed with the administrator as a local user.
func addAdmin(seed *tree.Tree, password string) (*tree.Tree, error) {
	hash, err := users.Hash(password)
	if err != nil {
		return nil, err
	}
	m := seed.Mutate()
	w := datastore.NewWriter(m)
	a := w.In("ietf-system:system").In("authentication")
	a.Set("user-authentication-order", "ietf-system:local-users")
	a.Entry("user", adminUser).Set("password", hash)
	return m.Done(), w.Err()
}

// bareAdmin returns the administrator of a bare server, who lives in a file of the
// data folder so that clients may replace all of running.
func bareAdmin(dir string) (map[string]string, error) {
	file := filepath.Join(dir, "admin.hash")
	hash, err := os.ReadFile(file)
	if err == nil {
		return map[string]string{adminUser: string(hash)}, nil
	}
	if !os.IsNotExist(err) {
		return nil, err
	}
	password, err := newPassword(dir)
	if err != nil {
		return nil, err
	}
	text, err := users.Hash(password.text)
	if err != nil {
		return nil, err
	}
	if err := renameio.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	password.announce()
	return map[string]string{adminUser: text}, nil
}
