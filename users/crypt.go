package users

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-crypt/crypt/algorithm/shacrypt"

	"github.com/altoam/altoam/passwords"
	"github.com/altoam/altoam/yang"
)

// cryptType is the typedef whose values are password hashes.
const cryptType = "iana-crypt-hash:crypt-hash"

// The cost of a hash made here, and the most that a hash from elsewhere may ask
// for: verifying takes about a second then.
const (
	hashRounds = 20_000
	maxRounds  = 1_000_000
)

// maxPassword is the length of a password in bytes: the time a hash takes grows with
// the square of it, and anyone may send one.
const maxPassword = 512

// Hash returns the SHA-512 crypt hash of a password, with a random salt. It fails for
// one of more than 512 bytes.
func Hash(password string) (string, error) {
	if len(password) > maxPassword {
		return "", fmt.Errorf("the password has %d bytes, at most %d are allowed", len(password), maxPassword)
	}
	h, err := shacrypt.New(shacrypt.WithSHA512(), shacrypt.WithRounds(hashRounds))
	if err != nil {
		return "", fmt.Errorf("password hash: %w", err)
	}
	d, err := h.Hash(password)
	if err != nil {
		return "", fmt.Errorf("password hash: %w", err)
	}
	return d.Encode(), nil
}

// Normalize hashes a cleartext password ("$0$…", see iana-crypt-hash) before it is
// stored, and refuses hashes that can never be verified here: MD5, and SHA hashes
// with more than a million rounds. The hash of the same password stays: old is what the
// leaf had, zero for nothing. What stands for a password with HTTP Digest (see
// altoam-access) is made from cleartext likewise. Values of other types pass.
func Normalize(s *yang.Node, old, v yang.Value) (yang.Value, error) {
	switch {
	case isOf(s, v, digestType):
		return normalizeDigest(s, v)
	case !isOf(s, v, cryptType):
		return v, nil
	case stands(s, old, v):
		return old, nil
	}
	text := v.String()
	if clear, ok := strings.CutPrefix(text, "$0$"); ok {
		hash, err := Hash(clear)
		if err != nil {
			return v, err
		}
		return s.Type.Parse(hash, yang.JSONResolver{Default: s.Module.Name})
	}
	return v, checkHash(text)
}

// stands tells whether old is a hash of the password that v has in cleartext, and takes an
// attacker as long as one that is made here would. Where it does not v is hashed, so that
// weak hashes go.
func stands(s *yang.Node, old, v yang.Value) bool {
	password, ok := cleartext(s, v)
	if !ok || old.IsZero() || !isOf(s, v, cryptType) {
		return false
	}
	hash := old.String()
	return leastCost.Minus(priceOf(hash)) == passwords.Cost{} && Verify(hash, password)
}

func checkHash(hash string) error {
	if strings.HasPrefix(hash, "$1$") {
		return errors.New("MD5 password hashes are not supported; use $5$, $6$ or $0$")
	}
	if _, rest, ok := strings.Cut(hash, "$rounds="); ok {
		digits, _, _ := strings.Cut(rest, "$")
		if n, err := strconv.Atoi(digits); err != nil || n > maxRounds {
			return fmt.Errorf("the password hash asks for %s rounds; at most %d are verified", digits, maxRounds)
		}
	}
	return nil
}

// Verify tells whether hash is a crypt hash of password. It takes as long as the
// hash's rounds ask for; hashes that Normalize refuses never verify, and neither do
// passwords that Hash refuses.
func Verify(hash, password string) bool {
	if len(password) > maxPassword || checkHash(hash) != nil {
		return false
	}
	d, err := shacrypt.Decode(hash)
	return err == nil && d.Match(password)
}
