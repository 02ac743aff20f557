package tokens

import (
	"fmt"
	"log/slog"
	"strings"

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

// roles are those that the claims name, none where the issuer's tokens name none.
func (i *issuer) roles(claims map[string]any) (names []string, err error) {
	switch list := claims[i.roleClaim].(type) {
	case nil:
		return nil, nil
	case string:
		return strings.Fields(list), nil
	case []any:
		for _, e := range list {
			name, ok := e.(string)
			if !ok {
				return nil, fmt.Errorf("of the issuer %q: the claim %s is not a list of strings", i.name, i.roleClaim)
			}
			names = append(names, name)
		}
		return names, nil
	}
	return nil, fmt.Errorf("of the issuer %q: the claim %s names no roles", i.name, i.roleClaim)
}
