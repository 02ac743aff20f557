// Package secrets keeps private keys, symmetric keys, passwords and the like sealed: what
// is stored, shown and sent is encrypted, and only who uses a secret opens it. There are
// two types. A [Ring] is the master keys; a [Sealer] knows where the secrets of a schema
// are, and puts them into their sealed form: the encrypted twin that ietf-crypto-types
// (RFC 9640) has for each. Passwords of users are not its affair: they are hashed.
package secrets

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const (
	keySize = 32 // octets of a master key
	idSize  = 8  // octets of its ID
	// version is the first octet of a sealed value: the ID of the key follows, then the
	// nonce and the ciphertext with its tag.
	version = 1
	// pad is what a secret is filled up to a multiple of, so that its length is not told.
	pad = 32
	// maxKeys bounds a ring.
	maxKeys = 64
)

// Ring is master keys: the first seals, all open. It is immutable.
type Ring struct{ keys []masterKey }

type masterKey struct {
	id     string
	secret []byte
}

// UnknownKeyError tells that the key with this ID, with which something is sealed, is not
// in the ring, whose keys are those of Known.
type UnknownKeyError struct {
	ID    string
	Known []string
}

func (e *UnknownKeyError) Error() string {
	keys := "key is " + strings.Join(e.Known, "")
	if len(e.Known) != 1 {
		keys = "keys are " + strings.Join(e.Known, ", ")
	}
	return "it is sealed with the key " + e.ID + ", and the agent's " + keys
}

var errNotSealed = errors.New("it is no value that altoam has sealed")

// NewKey makes a key, as a line for ParseRing.
func NewKey() string {
	key := make([]byte, keySize)
	rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// ParseRing reads keys, one a line: 32 octets in base64. Empty lines and those that begin
// with # do not count. The error never shows a key.
func ParseRing(text string) (*Ring, error) {
	r := &Ring{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		secret, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(secret) != keySize {
			return nil, fmt.Errorf("line %d is no key: expected %d octets in base64", n, keySize)
		}
		if err := r.add(secret); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := lines.Err(); {
	case err != nil:
		return nil, fmt.Errorf("a line of the keys cannot be read: %w", err)
	case len(r.keys) == 0:
		return nil, errors.New("there is no key")
	}
	return r, nil
}

func (r *Ring) add(secret []byte) error {
	id := hex.EncodeToString(derive(secret, "id", idSize))
	for _, k := range r.keys {
		if k.id == id {
			return errors.New("the key is there twice")
		}
	}
	if len(r.keys) == maxKeys {
		return fmt.Errorf("there are more than %d keys", maxKeys)
	}
	r.keys = append(r.keys, masterKey{id, secret})
	return nil
}

// derive makes a key for one purpose of a master key (RFC 5869).
func derive(secret []byte, purpose string, size int) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "altoam secrets 1 "+purpose, size)
	if err != nil {
		panic(err) // size is a constant
	}
	return key
}

// IDs names the keys, that which seals first: 16 hexadecimal digits each, of which
// nothing of the key can be told.
func (r *Ring) IDs() (ids []string) {
	for _, k := range r.keys {
		ids = append(ids, k.id)
	}
	return ids
}

func (k masterKey) aead(kind string) cipher.AEAD {
	block, err := aes.NewCipher(derive(k.secret, kind, 32))
	if err != nil {
		panic(err) // the size is right
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// seal encrypts a secret of a kind (AES-256-GCM) for one place: it opens nowhere else.
func (r *Ring) seal(kind, place string, secret []byte) []byte {
	k := r.keys[0]
	id, _ := hex.DecodeString(k.id)
	filled := append(append([]byte{}, secret...), 0x80)
	filled = append(filled, make([]byte, (pad-len(filled)%pad)%pad)...)
	header := append([]byte{version}, id...)
	return k.aead(kind).Seal(header, nil, filled, append(header, place...))
}

// open undoes seal. It fails with an *UnknownKeyError where the key is not in the ring.
func (r *Ring) open(kind, place string, sealed []byte) ([]byte, error) {
	id, err := keyID(sealed)
	if err != nil {
		return nil, err
	}
	for _, k := range r.keys {
		if k.id != id {
			continue
		}
		header := sealed[: 1+idSize : 1+idSize]
		filled, err := k.aead(kind).Open(nil, nil, sealed[1+idSize:], append(header, place...))
		if err != nil {
			return nil, errors.New("it does not open: it was sealed for another place, or was changed since")
		}
		end := len(filled) - 1
		for end >= 0 && filled[end] == 0 {
			end--
		}
		if end < 0 || filled[end] != 0x80 {
			return nil, errNotSealed
		}
		return filled[:end], nil
	}
	return nil, &UnknownKeyError{id, r.IDs()}
}

// keyID is the ID of the key that a value is sealed with.
func keyID(sealed []byte) (string, error) {
	if len(sealed) <= 1+idSize || sealed[0] != version {
		return "", errNotSealed
	}
	return hex.EncodeToString(sealed[1 : 1+idSize]), nil
}
