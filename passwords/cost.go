package passwords

import (
	"fmt"
	"strconv"
	"strings"
)

// Cost is what verifying a password takes: rounds of the crypt hashes with SHA-256 and
// SHA-512. Whoever may learn how long a failure took learns nothing of a user where each
// failure costs the same.
type Cost struct{ SHA256, SHA512 int }

// defaultRounds are those of a hash that names none.
const defaultRounds = 5000

// CostOf is what verifying a password against a crypt hash takes, nothing for a text that
// is none.
func CostOf(hash string) (c Cost) {
	rounds := defaultRounds
	if _, rest, ok := strings.Cut(hash, "$rounds="); ok {
		digits, _, _ := strings.Cut(rest, "$")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 {
			return Cost{}
		}
		rounds = n
	}
	switch {
	case strings.HasPrefix(hash, "$5$"):
		c.SHA256 = rounds
	case strings.HasPrefix(hash, "$6$"):
		c.SHA512 = rounds
	}
	return c
}

// Plus is what both take.
func (c Cost) Plus(o Cost) Cost { return Cost{c.SHA256 + o.SHA256, c.SHA512 + o.SHA512} }

// Minus is what is left of c after o, never less than nothing.
func (c Cost) Minus(o Cost) Cost {
	return Cost{max(0, c.SHA256-o.SHA256), max(0, c.SHA512-o.SHA512)}
}

// Max has the greater number of each kind of rounds.
func (c Cost) Max(o Cost) Cost { return Cost{max(c.SHA256, o.SHA256), max(c.SHA512, o.SHA512)} }

// Decoys are crypt hashes of no password that take the cost, none where there is none.
func (c Cost) Decoys() (hashes []string) {
	for _, x := range []struct {
		method string
		rounds int
		size   int
	}{{"5", c.SHA256, 43}, {"6", c.SHA512, 86}} {
		if x.rounds > 0 {
			hashes = append(hashes, fmt.Sprintf("$%s$rounds=%d$decoydecoydecoy0$%s", x.method, x.rounds, strings.Repeat(".", x.size)))
		}
	}
	return hashes
}

// Greatest is the most that verifying a password against all hashes of one name takes.
func Greatest[T any](users map[string][]T, hash func(T) string) (most Cost) {
	for _, list := range users {
		var c Cost
		for _, u := range list {
			c = c.Plus(CostOf(hash(u)))
		}
		most = most.Max(c)
	}
	return most
}
