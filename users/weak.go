package users

import (
	"fmt"

	"github.com/altoam/altoam/datastore/tree"
)

// fewRounds are less than a hash takes that names no number of rounds.
const fewRounds = 5000

// namesakes is for how many users it is tried whether the name is the password: each takes
// a hash.
const namesakes = 100

// Weakness is what is wrong with the password of a user.
type Weakness struct{ User, Text string }

// Weak tells which passwords of a configuration's users are easier to guess than they need
// be: hashes with SHA-256 or few rounds, and names as passwords, for which the first
// hundred users are tried.
func Weak(t *tree.Tree) (list []Weakness) {
	a := authentication(t)
	if a == nil {
		return nil
	}
	tried := 0
	for u := range a.Entries(a.Schema().Child(module, "user")) {
		name, hash := u.Leaf("name").String(), u.Leaf("password").String()
		if hash == "" {
			continue
		}
		add := func(format string, args ...any) {
			list = append(list, Weakness{name, fmt.Sprintf(format, args...)})
		}
		c := priceOf(hash)
		if c.SHA256 > 0 {
			add("the password hash is one of SHA-256, which is cheaper to guess than SHA-512")
		}
		if n := c.SHA256 + c.SHA512; n < fewRounds {
			add("the password hash has %d rounds, %d are what is usual", n, fewRounds)
		}
		if tried++; tried <= namesakes && Verify(hash, name) {
			add("the password is the name of the user")
		}
	}
	return list
}
