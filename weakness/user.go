package weakness

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/passwords"
)

const (
	// fewRounds of a crypt hash are computed in a few milliseconds.
	fewRounds    = 10_000
	manyAdmins   = 5
	initialAdmin = "admin"
)

// userRules are about those who log in.
var userRules = []Rule{
	{
		"initial-password", Medium, "set another password, and delete the file",
		func(s *subject, report func(path, why string)) {
			if s.Flags.DataDir == "" {
				return
			}
			file := filepath.Join(s.Flags.DataDir, "initial-admin-password")
			if _, err := os.Stat(file); err == nil {
				report(file, "the password of the first start is kept in clear text")
			}
		},
	},
	{
		"password-hash", Medium, "set the password anew, as $0$ and the password: it is hashed with SHA-512 and 20 000 rounds",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				if why := weakHash(text(p)); why != "" {
					report(p.Path.String(), why)
				}
			}, "password", "hashed-password")
		},
	},
	{
		"user-default-name", Low, "give administrators names of their own, and remove this user",
		func(s *subject, report func(path, why string)) {
			if u := s.users().Entry("user", initialAdmin); u.Exists() && u.Has("password") {
				report(u.Path.String(), "who guesses passwords begins with this name, and it does not tell in records who it was")
			}
		},
	},
	{
		"user-without-group", Low, "put the user into a group, or remove it",
		func(s *subject, report func(path, why string)) {
			groups := s.nacm().Below("groups").Entries("group")
			for _, u := range s.users().Entries("user") {
				if s.nacm().Exists() && !slices.ContainsFunc(groups, func(g certs.Place) bool { return holds(g, "user-name", u.Key()) }) {
					report(u.Path.String(), "the user is in no group: what it may do are the defaults of access control")
				}
			}
		},
	},
	{
		"admin-many", Low, "leave in the group who must be able to do everything",
		func(s *subject, report func(path, why string)) {
			for _, g := range s.nacm().Below("groups").Entries("group") {
				n := len(g.Entries("user-name"))
				if n > manyAdmins && s.mayEverything(g.Key()) {
					report(g.Path.String(), fmt.Sprintf("%d users may do everything", n))
				}
			}
		},
	},
	{
		"recovery-user", Medium, "start without the flag once access control is repaired",
		func(s *subject, report func(path, why string)) {
			for _, name := range s.Flags.RecoveryUsers {
				report("--recovery-user", "access control does not concern "+name)
			}
		},
	},
}

func (s *subject) users() certs.Place {
	return s.root("ietf-system:system").Below("authentication")
}

// weakHash says what is weak about a crypt hash; "" where the value is none, or nothing is.
func weakHash(hash string) string {
	c := passwords.CostOf(hash)
	switch rounds := max(c.SHA256, c.SHA512); {
	case strings.HasPrefix(hash, "$1$"):
		return "the hash is MD5"
	case rounds > 0 && rounds < fewRounds:
		return fmt.Sprintf("the hash has %d rounds: many passwords can be tried by who gets it", rounds)
	case c.SHA256 > 0:
		return "the hash is SHA-256, which is cheaper to guess than SHA-512"
	}
	return ""
}
