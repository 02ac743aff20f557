package transport

import (
	"bytes"
	"errors"
	"slices"

	"golang.org/x/crypto/ssh"
)

var errNoPrincipal = errors.New("the certificate names no principal")

// certificate lets a client in with an OpenSSH user certificate that one of the
// authorities has signed: it is valid now, names the user as a principal, and asks for
// nothing that is not done here. Its source-address option is enforced. The user needs
// no other entry: the authority vouches for the name.
func (g *gate) certificate(c ssh.ConnMetadata, certificate *ssh.Certificate) (*ssh.Permissions, error) {
	var permissions *ssh.Permissions
	_, err := g.decide(c, "publickey", publicKeyQuantum, func() (err error) {
		if len(certificate.ValidPrincipals) == 0 {
			return errNoPrincipal // the ssh package takes it for anybody
		}
		checker := ssh.CertChecker{IsUserAuthority: g.vouches}
		permissions, err = checker.Authenticate(c, certificate)
		return err
	})
	if err != nil {
		return nil, err
	}
	return permissions, nil
}

func (g *gate) vouches(key ssh.PublicKey) bool {
	blob := key.Marshal()
	return slices.ContainsFunc(g.vouch, func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), blob) })
}
