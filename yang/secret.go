package yang

import "slices"

// Secret tells whether the values of n are not to be shown: password hashes, the encrypted
// form of keys and passwords (RFC 9640 Section 2.1.3), and what nacm:default-deny-all stands
// on (RFC 8341 Section 3.2.2), which is how modules mark them in clear.
func (n *Node) Secret() bool {
	return n.DefaultDeny == DenyAll || n.Type != nil && n.Type.hash() || n.encrypted()
}

// encrypted tells of the leaf of encrypted-value-grouping.
func (n *Node) encrypted() bool {
	return n.Name == "encrypted-value" && n.Kind == Leaf && n.DataParent.Child(n.Module.Name, "encrypted-value-format") != nil
}

// hash tells whether t, or a member of the union t, is a password hash.
func (t *Type) hash() bool {
	return t.Typedef == "iana-crypt-hash:crypt-hash" || slices.ContainsFunc(t.Members, (*Type).hash)
}
