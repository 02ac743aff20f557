package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/users"
)

const (
	adminUser        = "admin"
	adminPasswordEnv = "ALTOAMD_ADMIN_PASSWORD"
	passwordFile     = "initial-admin-password"
)

// adminPassword returns the first administrator's password: that of the
// environment, else a random one that is kept in dir and announced on stderr.
func adminPassword(dir string) (string, error) {
	if p := os.Getenv(adminPasswordEnv); p != "" {
		return p, nil
	}
	file := filepath.Join(dir, passwordFile)
	var raw [15]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", err
	}
	p := base64.RawURLEncoding.EncodeToString(raw[:])
	if err := renameio.WriteFile(file, []byte(p+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("initial password: %w", err)
	}
	fmt.Fprintf(os.Stderr, "altoamd: user %s has the password %s (kept in %s)\n", adminUser, p, file)
	return p, nil
}

// addAdmin returns seed with the administrator as a local user, unless seed has
// one of that name.
func addAdmin(seed *tree.Tree, password string) (*tree.Tree, error) {
	hash, err := users.Hash(password)
	if err != nil {
		return nil, err
	}
	m := seed.Mutate()
	w := datastore.NewWriter(m)
	a := w.In("ietf-system:system").In("authentication")
	a.Set("user-authentication-order", "ietf-system:local-users")
	if u := a.Entry("user", adminUser); u.Get("password") == "" {
		u.Set("password", hash)
	}
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
	password, err := adminPassword(dir)
	if err != nil {
		return nil, err
	}
	text, err := users.Hash(password)
	if err != nil {
		return nil, err
	}
	if err := renameio.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return map[string]string{adminUser: text}, nil
}
