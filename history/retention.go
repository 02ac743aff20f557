package history

import (
	"math"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// retention reads the retention that running asks for by the leafs max-commits,
// max-age and max-size, with the defaults of the schema.
func retention(s *yang.Schema) func(*tree.Tree) datastore.Retention {
	commits := s.Find("/" + module + ":commits")
	count, age := commits.Child(module, "max-commits"), commits.Child(module, "max-age")
	size := commits.Child(module, "max-size")
	return func(running *tree.Tree) datastore.Retention {
		at := running.Root().Child(commits)
		hours := min(number(at, age), math.MaxInt64/uint64(time.Hour))
		return datastore.Retention{Commits: int(number(at, count)), Age: time.Duration(hours) * time.Hour, Size: int64(number(at, size)) << 20}
	}
}

// number is the value of an unsigned leaf of n, nil for an absent n; the default where
// it is not set, and 0 where there is none.
func number(n *tree.Node, s *yang.Node) uint64 {
	u, _ := tree.Setting(n, s).Uint()
	return u
}
