package agent

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"

	"github.com/altoam/altoam/datastore/tree"
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
// notes tell what of params, which may be nil, has no effect.
func authenticateClients(c *tls.Config, params *tree.Node, s stores) (notes []string) {
	if params == nil {
		return nil
	}
	for _, name := range []string{"raw-public-keys", "tls12-psks", "tls13-epsks"} {
		if n := params.Schema().Child(params.Schema().Module.Name, name); n != nil && params.Child(n) != nil {
			notes = append(notes, "clients cannot be authenticated by "+name)
		}
	}
	trusted := &anchors{map[string]bool{}, map[string]bool{}}
	pool := x509.NewCertPool()
	for list, into := range map[string]map[string]bool{"ca-certs": trusted.issuers, "ee-certs": trusted.clients} {
		for _, entry := range certificatesIn(below(params, list), s.trust) {
			chain, err := parseCertificates(entry.Leaf("cert-data").Bytes())
			if err != nil {
				notes = append(notes, "certificate "+keyOf(entry)+" of "+list+" is not used: "+err.Error())
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

// certificatesIn returns the entries that an inline-or-truststore choice of n, which may
// be nil, stands for.
func certificatesIn(n, truststore *tree.Node) []*tree.Node {
	if n == nil {
		return nil
	}
	from := below(n, "inline-definition")
	if from == nil {
		bag := n.Leaf("central-truststore-reference").String()
		from = entryOf(below(truststore, "certificate-bags"), "certificate-bag", bag)
	}
	if from == nil {
		return nil
	}
	var list []*tree.Node
	if s := from.Schema().Child(from.Schema().Module.Name, "certificate"); s != nil {
		list = slices.AppendSeq(list, from.Entries(s))
	}
	return list
}

// proofs returns the certificates, DER, that an auth-client names in its container n,
// "ca-cert" or "ee-cert", which may be nil. params is the container
// client-authentication that its inline references lead to.
func proofs(n, params *tree.Node, list string, s stores) (ders []string) {
	if n == nil {
		return nil
	}
	var entry *tree.Node
	if name := n.Leaf("inline").String(); name != "" {
		entry = entryOf(below(params, list, "inline-definition"), "certificate", name)
	} else {
		bag := entryOf(below(s.trust, "certificate-bags"), "certificate-bag", n.Leaf("certificate-bag").String())
		entry = entryOf(bag, "certificate", n.Leaf("certificate").String())
	}
	if entry == nil {
		return nil
	}
	chain, _ := parseCertificates(entry.Leaf("cert-data").Bytes()) // noted where it is to be trusted
	for _, certificate := range chain {
		ders = append(ders, string(certificate.Raw))
	}
	return ders
}
