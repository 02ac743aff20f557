package yang

import "slices"

// Secret tells whether the values of n are not to be shown: password hashes, and what
// nacm:default-deny-all stands on (RFC 8341 Section 3.2.2), which is how modules mark
// keys and passwords.
func (n *Node) Secret() bool {
	return n.DefaultDeny == DenyAll || n.Type != nil && n.Type.hash()
}

// hash tells whether t, or a member of the union t, is a password hash.
func (t *Type) hash() bool {
	return t.Typedef == "iana-crypt-hash:crypt-hash" || slices.ContainsFunc(t.Members, (*Type).hash)
}
