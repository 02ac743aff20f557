package tokens

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"github.com/altoam/altoam/certs"
)

// Read makes a Verifier of the issuers below p, a container with the grouping
// token-issuers, which may not exist. It does not follow running: a change makes another
// one. A key that cannot be used is an error that names it; where the configuration is
// resumed after a restart a key file that cannot be read is not.
func Read(log *slog.Logger, p certs.Place, resumed bool) (*Verifier, error) {
	v := New(log)
	all, err := v.readAll(p, resumed)
	if err != nil {
		return nil, err
	}
	v.issuers.Store(all)
	return v, nil
}

// names are what a claim that is an array of strings, or one string with spaces between
// them, names; none where claim is "", or the token lacks it.
func (i *issuer) names(claims map[string]any, claim string) (names []string, err error) {
	if claim == "" {
		return nil, nil
	}
	switch list := claims[claim].(type) {
	case nil:
		return nil, nil
	case string:
		names = strings.Fields(list)
	case []any:
		for _, e := range list {
			name, ok := e.(string)
			if !ok {
				return nil, fmt.Errorf("of the issuer %q: the claim %s is not a list of strings", i.name, claim)
			}
			names = append(names, name)
		}
	default:
		return nil, fmt.Errorf("of the issuer %q: the claim %s names nothing", i.name, claim)
	}
	for _, name := range names {
		if strings.ContainsFunc(name, unicode.IsControl) {
			return nil, fmt.Errorf("of the issuer %q: the claim %s has control characters", i.name, claim)
		}
	}
	return names, nil
}
