package main

import (
	"slices"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
)

// adminGroup may do everything, unless the seed says otherwise.
const adminGroup = "admin"

// addPolicy returns a seed without access control with that of the first start: the
// group of the administrator may do everything, others read what is not sensitive.
func addPolicy(seed *tree.Tree) (*tree.Tree, error) {
	if nacm.Config(seed) != nil {
		return seed, nil
	}
	m := seed.Mutate()
	w := datastore.NewWriter(m)
	c := w.In(nacm.Module + ":nacm")
	c.In("groups").Entry("group", adminGroup).Set("user-name", adminUser)
	l := c.Entry("rule-list", adminGroup).Set("group", adminGroup)
	l.Entry("rule", "everything").Set("action", "permit")
	return m.Done(), w.Err()
}

// recovers tells whether the sessions of u are recovery sessions (RFC 8341 Section
// 3.3.3): those of the users of --recovery-user, and of the administrator on a bare
// server and as long as no access control is configured, as after an update from a
// version without it.
func (o runOptions) recovers(u datastore.User, s *datastore.Store) bool {
	return slices.Contains(o.RecoveryUsers, u.Name) ||
		u.Name == adminUser && (o.Bare || nacm.Config(s.Running().Tree) == nil)
}
