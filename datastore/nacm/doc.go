// Package nacm is access control by RFC 8341. Compile makes a Policy of the
// configuration; Policy.For makes what counts for one user, an Access, which prunes
// what is read, judges what is changed, and tells which operations may be run and
// which notifications may be received.
//
// An Access does not look at rules for each node. It follows the schema: a state is
// where a walk from the root has come to, with the rules whose paths have led there,
// and knows whether everything from there on is permitted. What is permitted whole is
// shared and what is denied is left out without a look at it; a list is walked only
// where what is in its entries differs.
//
// Five things are stricter than, or left open by, the RFC. Password hashes
// (iana-crypt-hash) and encrypted keys and passwords (encrypted-value of RFC 9640) are
// treated as if they had default-deny-all. default-deny-all on or around an action counts
// for execution as it does for reading. A container without presence needs no right to be
// created or deleted: what is in it does; and it is not shown where nothing of what is in it
// may be read. An edit that names what the user may neither read nor change is denied even
// where it would change nothing. The datastore refuses references that an edit makes to what
// the user may not read.
package nacm
