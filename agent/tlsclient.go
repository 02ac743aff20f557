package agent

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"

	"github.com/altoam/altoam/certs"
)

// anchors are certificates that clients are authenticated by, DER, as keys.
type anchors struct {
	issuers map[string]bool // of CAs: whoever they signed
	clients map[string]bool // end entities: whoever has one
}

// proven tells whether a verified chain proves the identity of a client.
func (a *anchors) proven(chain []*x509.Certificate) bool {
	return a.issuers[string(chain[len(chain)-1].Raw)] || len(chain) == 1 && a.clients[string(chain[0].Raw)]
}

// authenticateClients makes the server ask clients for certificates. Its presence tells
// that clients can be authenticated, not that all must be, in ietf-tls-server: one
// without a certificate is anonymous, one whose certificate is not trusted is refused.
// notes tell what of params, which may not exist, has no effect.
func authenticateClients(c *tls.Config, params certs.Place, s *certs.Stores) (notes []string) {
	if !params.Exists() {
		return nil
	}
	trusted := &anchors{map[string]bool{}, map[string]bool{}}
	pool := x509.NewCertPool()
	for list, into := range map[string]map[string]bool{"ca-certs": trusted.issuers, "ee-certs": trusted.clients} {
		for _, entry := range s.CertificateEntries(params.Below(list)) {
			chain, err := certs.Chain(entry)
			if err != nil {
				notes = append(notes, "certificate "+entry.Key()+" of "+list+" is not used: "+err.Error())
			}
			for _, certificate := range chain {
				pool.AddCert(certificate)
				into[string(certificate.Raw)] = true
			}
		}
	}
	if len(trusted.issuers)+len(trusted.clients) == 0 {
		return notes
	}
	c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, pool
	c.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) > 0 && !slices.ContainsFunc(state.VerifiedChains, trusted.proven) {
			return errors.New("the client's certificate is not one that is trusted")
		}
		return nil
	}
	return notes
}

// proofs returns the certificates, DER, that an auth-client names in its container n,
// "ca-cert" or "ee-cert", which may not exist. params is the container
// client-authentication that its inline references lead to.
func proofs(n, params certs.Place, list string, s *certs.Stores) (ders []string) {
	if !n.Exists() {
		return nil
	}
	from, name := params.Below(list, "inline-definition"), n.Leaf("inline").String()
	if name == "" {
		from, name = s.Bag(n.Leaf("certificate-bag").String()), n.Leaf("certificate").String()
	}
	chain, _ := certs.Chain(from.Entry("certificate", name)) // noted where it is to be trusted
	for _, certificate := range chain {
		ders = append(ders, string(certificate.Raw))
	}
	return ders
}
