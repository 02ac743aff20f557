package agent

import (
	"encoding/base64"
	"regexp"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// storesOf are the central stores of t, with the keys to them.
func (a *Agent) storesOf(t *tree.Tree) *certs.Stores { return certs.StoresOf(t).SealedBy(a.secrets) }

// maxPassword is the length of a user's name, a password and a token, in bytes.
const maxPassword = 8192

// bearer is what a token may look like (RFC 6750 Section 2.1).
var bearer = regexp.MustCompile(`^[0-9A-Za-z._~+/-]+=*$`)

// password is the one of a password-grouping at p, "" where there is none. The error is an
// *rpcerr.Error, which never holds it.
func (a *Agent) password(p certs.Place) (string, error) {
	if !p.Exists() {
		return "", nil
	}
	secret, err := a.secrets.Secret(p.Node, p.Path, "password")
	if err == nil && len(secret) > maxPassword {
		err = p.Refuse(rpcerr.InvalidValue, "the password or token has more than %d bytes", maxPassword)
	}
	return string(secret), err
}

// authorization is the value of the header Authorization that a source with these
// parameters sends, "" for none (RFC 7617 and RFC 6750).
func (a *Agent) authorization(params certs.Place) (string, error) {
	token := params.Below("token")
	switch secret, err := a.password(token); {
	case err != nil:
		return "", err
	case secret != "" && !bearer.MatchString(secret):
		return "", token.Refuse(rpcerr.InvalidValue, "a bearer token has letters, digits and -._~+/ only, and = at its end")
	case secret != "":
		return "Bearer " + secret, nil
	}
	user := params.Leaf("user").String()
	if user == "" {
		return "", nil
	}
	password, err := a.password(params)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)), err
}
