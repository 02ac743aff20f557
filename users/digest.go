package users

import (
	"errors"
	"strings"

	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/yang"
)

// digestType is the typedef whose values are secrets of HTTP Digest.
const digestType = "altoam-access:digest-credentials"

// DigestRealm is the realm that they are for.
const DigestRealm = "alto"

// normalizeDigest hashes a name and cleartext password ("$0$NAME:PASSWORD", see
// altoam-access) before they are stored.
func normalizeDigest(s *yang.Node, v yang.Value) (yang.Value, error) {
	clear, ok := strings.CutPrefix(v.String(), "$0$")
	if !ok {
		_, err := digest.Parse(v.String())
		return v, err
	}
	name, password, _ := strings.Cut(clear, ":")
	if strings.HasPrefix(name, "$0$") {
		return v, errors.New("the name of the user begins with $0$")
	}
	secret, err := digest.New(name, DigestRealm, password)
	if err != nil {
		return v, err
	}
	return s.Type.Parse(secret.String(), yang.JSONResolver{Default: s.Module.Name})
}
