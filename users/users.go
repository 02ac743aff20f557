// Package users authenticates people and programs against the local users of
// ietf-system (RFC 7317 Section 3.5) as they stand in running.
package users

import (
	"bytes"
	"crypto/rand"
	"errors"
	"runtime"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// ErrRefused is the answer to every failed authentication: it does not tell
// whether the user exists.
var ErrRefused = errors.New("authentication failed")

// The module the users stand in, and the identity of checking them.
const (
	module     = "ietf-system"
	localUsers = "ietf-system:local-users"
)

// Directory finds users. It is safe for concurrent use and follows running
// without a restart.
type Directory struct {
	store *datastore.Store
	fixed map[string]string // name → hash, users outside the datastores
	decoy string            // hash verified for users that do not exist

	verifying chan struct{} // bounds the hashes that are computed at once
	verified  *verified
}

// New makes a Directory over running and, where given, users that are kept
// outside the datastores, by name with their password hash.
func New(store *datastore.Store, fixed map[string]string) (*Directory, error) {
	d := &Directory{
		store: store, fixed: fixed,
		verifying: make(chan struct{}, max(1, runtime.NumCPU()/2)),
	}
	var err error
	if d.verified, err = newVerified(); err != nil {
		return nil, err
	}
	d.decoy, err = Hash(rand.Text())
	return d, err
}

// Password checks a user's password. A user that does not exist, or has none,
// costs as much time as a wrong password.
func (d *Directory) Password(user, password string) error {
	hash, ok := d.hash(user)
	if !ok {
		d.verified.forget(user)
		d.verify(d.decoy, password)
		return ErrRefused
	}
	if d.verified.holds(user, hash, password) {
		return nil
	}
	if !d.verify(hash, password) {
		return ErrRefused
	}
	d.verified.remember(user, hash, password)
	return nil
}

// verify is Verify for a few at a time: guessing cannot take all processors.
func (d *Directory) verify(hash, password string) bool {
	d.verifying <- struct{}{}
	defer func() { <-d.verifying }()
	return Verify(hash, password)
}

// PublicKey checks that one of the user's authorized keys is this one: algo is
// its SSH algorithm name and blob its wire form (RFC 4253 Section 6.6).
func (d *Directory) PublicKey(user, algo string, blob []byte) error {
	u := find(d.store.Running().Tree, user)
	if u == nil {
		return ErrRefused
	}
	keys := u.Schema().Child(u.Schema().Module.Name, "authorized-key")
	for k := range u.Entries(keys) {
		if k.Leaf("algorithm").String() == algo && bytes.Equal(k.Leaf("key-data").Bytes(), blob) {
			return nil
		}
	}
	return ErrRefused
}

func (d *Directory) hash(user string) (string, bool) {
	if hash, ok := d.fixed[user]; ok {
		return hash, true
	}
	t := d.store.Running().Tree
	u := find(t, user)
	if u == nil || !tries(authentication(t), localUsers) {
		return "", false
	}
	v := u.Leaf("password")
	return v.String(), !v.IsZero()
}

// tries tells whether passwords are checked with the method: the leaf-list
// user-authentication-order must name it.
func tries(a *tree.Node, method string) bool {
	s := a.Schema().Child(module, "user-authentication-order")
	if s == nil {
		return false
	}
	for v := range a.Entries(s) {
		if v.Value().String() == method {
			return true
		}
	}
	return false
}

// authentication returns that container of a configuration, or nil.
func authentication(t *tree.Tree) *tree.Node {
	n := t.Root()
	for _, step := range []string{"system", "authentication"} {
		s := n.Schema().Child(module, step)
		if s == nil {
			return nil
		}
		if n = n.Child(s); n == nil {
			return nil
		}
	}
	return n
}

// find returns the user's list entry in a configuration, or nil.
func find(t *tree.Tree, name string) *tree.Node {
	n := authentication(t)
	if n == nil {
		return nil
	}
	s := n.Schema().Child(module, "user")
	if s == nil {
		return nil
	}
	key, err := s.Keys[0].Type.Parse(name, yang.JSONResolver{Default: module})
	if err != nil {
		return nil
	}
	return n.Entry(s, tree.KeyOf(key))
}
