package datastore

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// Secret tells whether the values of s are not to be shown: password hashes, and what
// nacm:default-deny-all stands on (RFC 8341 Section 3.2.2), which is how modules mark
// keys and passwords.
func Secret(s *yang.Node) bool {
	return s.DefaultDeny == yang.DenyAll || s.Type != nil && hashes(s.Type)
}

// hashes tells whether t, or a member of the union t, is a password hash.
func hashes(t *yang.Type) bool {
	return t.Typedef == "iana-crypt-hash:crypt-hash" || slices.ContainsFunc(t.Members, hashes)
}
