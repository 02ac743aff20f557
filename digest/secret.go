package digest

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The algorithms (RFC 7616 Section 6.1), the first offered first.
const (
	SHA256    = "SHA-256"
	SHA512256 = "SHA-512-256"
)

var algorithms = []string{SHA256, SHA512256}

// maxSecret is the length of a name and of a password, in bytes.
const maxSecret = 512

// Secret is what a server keeps of a user's password: H(A1) of RFC 7616 Section 3.4.2 by
// each algorithm. It is good for one name and one realm only, and is to be kept like a
// password: whoever has it can pass for the user in that realm.
type Secret struct {
	Username string
	ha1      map[string]string // by algorithm, hex
}

// New makes the secret of a password. The error never shows the password.
func New(username, realm, password string) (Secret, error) {
	if err := checkUsername(username); err != nil {
		return Secret{}, err
	}
	if len(password) > maxSecret || !utf8.ValidString(password) {
		return Secret{}, fmt.Errorf("the password is longer than %d bytes or no UTF-8", maxSecret)
	}
	s := Secret{username, make(map[string]string)}
	for _, a := range algorithms {
		s.ha1[a] = hash(a, username, realm, password)
	}
	return s, nil
}

func checkUsername(name string) error {
	switch {
	case name == "" || len(name) > maxSecret:
		return fmt.Errorf("the name of the user has %d bytes, expected 1 to %d", len(name), maxSecret)
	case strings.Contains(name, ":"), strings.ContainsFunc(name, unicode.IsControl), !utf8.ValidString(name):
		return errors.New("the name of the user has a colon or a control character, or is no UTF-8")
	}
	return nil
}

// Decoy is a secret of no password, for a user that does not exist: to match it takes as
// long as any other.
func Decoy(username string) Secret { return Secret{username, nobody} }

var nobody = map[string]string{SHA256: strings.Repeat("0", 2*sha256.Size), SHA512256: strings.Repeat("0", 2*sha256.Size)}

// Parse reads what String has written.
func Parse(text string) (Secret, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 1+len(algorithms) {
		return Secret{}, errors.New("expected the name of the user and two digests, with colons between them")
	}
	s := Secret{parts[0], make(map[string]string)}
	for i, a := range algorithms {
		if _, err := hex.DecodeString(parts[1+i]); err != nil || len(parts[1+i]) != 2*sha256.Size || strings.ToLower(parts[1+i]) != parts[1+i] {
			return Secret{}, fmt.Errorf("the digest for %s is not %d lower-case hexadecimal digits", a, 2*sha256.Size)
		}
		s.ha1[a] = parts[1+i]
	}
	return s, checkUsername(s.Username)
}

// String is the name, the digest for SHA-256 and that for SHA-512-256, with colons
// between them.
func (s Secret) String() string {
	text := s.Username
	for _, a := range algorithms {
		text += ":" + s.ha1[a]
	}
	return text
}

// hash is H of its parts with colons between them, in hex; "" for an algorithm that is
// none of ours.
func hash(algorithm string, parts ...string) string {
	text := []byte(strings.Join(parts, ":"))
	switch algorithm {
	case SHA256:
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:])
	case SHA512256:
		sum := sha512.Sum512_256(text)
		return hex.EncodeToString(sum[:])
	}
	return ""
}
