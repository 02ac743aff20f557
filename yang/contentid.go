package yang

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// ContentID identifies what ietf-yang-library says of the schema: it changes
// when the set of modules and submodules, a revision, which modules are
// implemented, a feature or a deviation does (RFC 8525 Section 3). The same set
// gives the same identifier in every process.
func (s *Schema) ContentID() string {
	h := sha256.New()
	for _, m := range s.Modules {
		fmt.Fprintf(h, "module %s@%s %s %t\n", m.Name, m.Revision, m.Namespace, m.Implemented)
		for _, sub := range m.Submodules {
			fmt.Fprintf(h, "submodule %s@%s\n", sub.Name, sub.Revision)
		}
		for _, f := range m.Features {
			if f.Enabled {
				fmt.Fprintf(h, "feature %s\n", f.Name)
			}
		}
		for _, by := range m.DeviatedBy {
			fmt.Fprintf(h, "deviation %s\n", by)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
