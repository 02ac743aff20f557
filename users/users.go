// Package users authenticates people and programs against the local users of
// ietf-system (RFC 7317 Section 3.5) as they stand in running.
package users

import (
	"bytes"
	"errors"
	"runtime"
	"sync/atomic"

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

	compute   func(hash, password string) bool // Verify
	verifying chan struct{}                    // bounds the hashes that are computed at once
	verified  *verified
	priced    atomic.Pointer[priced]
}

// New makes a Directory over running and, where given, users that are kept
// outside the datastores, by name with their password hash.
func New(store *datastore.Store, fixed map[string]string) (*Directory, error) {
	d := &Directory{
		store: store, fixed: fixed, compute: Verify,
		verifying: make(chan struct{}, max(1, runtime.NumCPU()/2)),
	}
	var err error
	d.verified, err = newVerified()
	return d, err
}

// Password checks a user's password. Each failure costs the same: as much as the most
// expensive hash of any user, whether this one exists, has a password, or another hash.
func (d *Directory) Password(user, password string) error {
	hash, ok := d.hash(user)
	switch {
	case !ok:
		d.verified.forget(user)
	case d.verified.holds(user, hash, password):
		return nil
	case d.verify(hash, password):
		d.verified.remember(user, hash, password)
		return nil
	}
	for _, decoy := range d.cost().Minus(priceOf(hash)).Decoys() {
		d.verify(decoy, password)
	}
	return ErrRefused
}

// Knows tells whether the password was verified before, and is the user's still. It takes
// no time.
func (d *Directory) Knows(user, password string) bool {
	hash, ok := d.hash(user)
	return ok && d.verified.holds(user, hash, password)
}

// verify is Verify for a few at a time: guessing cannot take all processors.
func (d *Directory) verify(hash, password string) bool {
	d.verifying <- struct{}{}
	defer func() { <-d.verifying }()
	return d.compute(hash, password)
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
