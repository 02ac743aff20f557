package users

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"sync"
)

// maxVerified bounds the users whose password is remembered.
const maxVerified = 1024

// verified remembers that the passwords of users were verified, so that Basic
// authentication does not pay for the rounds of the hash on each request. It has no
// passwords: only their HMAC under a key that this process alone has, in memory. Where
// a user's hash is another one than that which the password was verified with, or
// the user is gone, nothing is remembered.
type verified struct {
	keyed sync.Pool // of *keyed

	mu    sync.RWMutex
	users map[string]proof
}

// proof is that a password with that sum has that hash.
type proof struct {
	hash string
	sum  [sha256.Size]byte
}

// keyed computes sums; text is room for what is summed.
type keyed struct {
	hash.Hash
	text []byte
}

func newVerified() (*verified, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	v := &verified{users: map[string]proof{}}
	v.keyed.New = func() any { return &keyed{Hash: hmac.New(sha256.New, key[:])} }
	return v, nil
}

// sum is the HMAC of a user's password.
func (v *verified) sum(user, password string) (sum [sha256.Size]byte) {
	k := v.keyed.Get().(*keyed)
	k.Reset()
	k.text = append(append(append(k.text[:0], user...), 0), password...)
	_, _ = k.Write(k.text)
	clear(k.text)
	k.text = k.Sum(k.text[:0])
	copy(sum[:], k.text)
	v.keyed.Put(k)
	return sum
}

// holds tells whether the password was verified with that hash of the user. The time
// it takes does not depend on how much of a wrong password is right.
func (v *verified) holds(user, hash, password string) bool {
	v.mu.RLock()
	p, ok := v.users[user]
	v.mu.RUnlock()
	if ok && p.hash != hash {
		v.forget(user)
		return false
	}
	if !ok {
		return false
	}
	sum := v.sum(user, password)
	return hmac.Equal(p.sum[:], sum[:])
}

// remember keeps that the password has that hash, in place of any other user's where
// there are too many.
func (v *verified) remember(user, hash, password string) {
	p := proof{hash, v.sum(user, password)}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.users[user]; !ok && len(v.users) >= maxVerified {
		for other := range v.users {
			delete(v.users, other)
			break
		}
	}
	v.users[user] = p
}

// forget drops what is remembered of a user.
func (v *verified) forget(user string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.users, user)
}
