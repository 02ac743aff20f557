// Package weakness tells what is weak in a configuration and in the way altoamd is run: its
// flags, its data folder, the files it uses. A Rule finds one kind of Weakness. Nothing is
// changed; files are only read, and those that are not there tell nothing.
package weakness

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore/tree"
)

// Severity is how much a weakness matters.
type Severity int

// What each means is in docs/security.md.
const (
	Low    Severity = iota + 1 // to know of
	Medium                     // to be mended, sooner or later
	High                       // an attacker who can reach altoamd gains by it
)

var severities = map[Severity]string{Low: "low", Medium: "medium", High: "high"}

// String is "low", "medium" or "high".
func (s Severity) String() string { return severities[s] }

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseSeverity reads what String writes.
func ParseSeverity(text string) (Severity, bool) {
	for s, name := range severities {
		if name == text {
			return s, true
		}
	}
	return 0, false
}

// Weakness is one that was found.
type Weakness struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// Path is that of a node of the configuration, of a file, or a flag.
	Path string `json:"path"`
	Why  string `json:"why"`
	Do   string `json:"do"`
}

// Subject is what is judged.
type Subject struct {
	Config *tree.Tree // nil for none: then only flags and files are judged
	Flags  Flags
	Now    time.Time
}

// Flags are those of altoamd run that matter.
type Flags struct {
	DataDir                       string // "" for none
	NetconfSSH, Restconf, Metrics string // addresses, "" for off
	RestconfCertificate           string // file in the place of that in DataDir
	Seed, SSHUserCA, URLDir       string
	SecretKey                     string   // file with the keys that secrets are sealed with
	YANGPaths, Programs           []string // folders, executables
	RecoveryUsers                 []string
	Debug                         bool
}

// Rule finds weaknesses of one kind.
type Rule struct {
	ID       string
	Severity Severity
	Do       string // what to do
	find     func(s *subject, report func(path, why string))
}

// Rules are all of them, the worst first, and then by ID.
func Rules() []Rule {
	all := slices.Concat(listenRules, certificateRules, userRules, accessRules, dataRules, fileRules)
	slices.SortFunc(all, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), strings.Compare(a.ID, b.ID))
	})
	return all
}

// Find returns what is weak, in the order of Rules. Its cost is that of a walk over the
// configuration.
func Find(s Subject) (found []Weakness) {
	x := newSubject(s)
	for _, r := range Rules() {
		r.find(x, func(path, why string) {
			found = append(found, Weakness{Rule: r.ID, Severity: r.Severity, Path: path, Why: why, Do: r.Do})
		})
	}
	return found
}
