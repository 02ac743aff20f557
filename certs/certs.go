// Package certs reads certificates and keys out of a configuration: the groupings of
// ietf-keystore and ietf-truststore (RFC 9642, RFC 9641) with inline definitions and
// references to the central stores, and what ietf-tls-server and ietf-ssh-server
// (RFC 9645, RFC 9644) make of them. Every error about a configuration is an
// *rpcerr.Error that names the node. Files are a certificate and its key outside of it.
package certs

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/secrets"
)

// Stores are the central stores of one configuration. It notes what was read from them.
// For one goroutine.
type Stores struct {
	keys, trust Place
	used        []tree.Path
	sealer      *secrets.Sealer // opens private keys; nil for those in clear only
}

// StoresOf returns the central stores of t, which may have none.
func StoresOf(t *tree.Tree) *Stores {
	return &Stores{
		keys:  Root(t).Below("ietf-keystore:keystore", "asymmetric-keys"),
		trust: Root(t).Below("ietf-truststore:truststore"),
	}
}

// Used are the entries that were looked for so far, whether they existed or not: what was
// read is still right after a change that touches none of them.
func (s *Stores) Used() []tree.Path { return s.used }

func (s *Stores) use(p Place) Place {
	s.used = append(s.used, p.Path)
	return p
}

// ServerCertificate returns the certificate with its chain and key that an
// inline-or-keystore-end-entity-cert-with-key-grouping at p names.
func (s *Stores) ServerCertificate(p Place) (tls.Certificate, error) {
	key, certificate, err := s.server(p)
	if err != nil {
		return tls.Certificate{}, err
	}
	return s.certificateOf(key, certificate)
}

// ServerChain is the certificates of ServerCertificate, in no order, for who has no use
// for the key.
func (s *Stores) ServerChain(p Place) ([]*x509.Certificate, error) {
	_, certificate, err := s.server(p)
	if err != nil {
		return nil, err
	}
	return Chain(certificate)
}

// server finds what the inline-or-keystore-end-entity-cert-with-key-grouping at p names.
func (s *Stores) server(p Place) (key, certificate Place, err error) {
	if inline := p.Below("inline-definition"); inline.Exists() {
		return inline, inline, nil
	}
	ref := p.Below("central-keystore-reference")
	if !ref.Exists() {
		return key, certificate, p.Refuse(rpcerr.DataMissing, "there is no certificate")
	}
	key = s.use(s.keys.Entry("asymmetric-key", ref.Leaf("asymmetric-key").String()))
	certificate = key.Below("certificates").Entry("certificate", ref.Leaf("certificate").String())
	if !certificate.Exists() {
		return key, certificate, ref.Refuse(rpcerr.DataMissing, "the certificate is not in the key store")
	}
	return key, certificate, nil
}

// HostKey returns the SSH key that an inline-or-keystore-asymmetric-key-grouping at p
// names.
func (s *Stores) HostKey(p Place) (ssh.Signer, error) {
	key := p.Below("inline-definition")
	if !key.Exists() {
		ref := p.Leaf("central-keystore-reference")
		if ref.IsZero() {
			return nil, p.Refuse(rpcerr.DataMissing, "there is no host key")
		}
		key = s.use(s.keys.Entry("asymmetric-key", ref.String()))
	}
	private, at, err := s.PrivateKey(key)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.NewSignerFromSigner(private)
	if err != nil {
		return nil, at.refuse(err, "the key cannot be that of an SSH host")
	}
	return signer, nil
}

// Certificates returns the certificates that an inline-or-truststore-certs-grouping at p
// names.
func (s *Stores) Certificates(p Place) (all []*x509.Certificate, err error) {
	for _, e := range s.CertificateEntries(p) {
		chain, err := Chain(e)
		if err != nil {
			return nil, err
		}
		all = append(all, chain...)
	}
	return all, nil
}

// CertificateEntries returns the list entries that an inline-or-truststore-certs-grouping
// at p stands for.
func (s *Stores) CertificateEntries(p Place) []Place {
	if inline := p.Below("inline-definition"); inline.Exists() {
		return inline.Entries("certificate")
	}
	bag := p.Leaf("central-truststore-reference")
	if bag.IsZero() {
		return nil
	}
	return s.Bag(bag.String()).Entries("certificate")
}

// Bag is the certificate bag of that name in the trust store.
func (s *Stores) Bag(name string) Place {
	return s.use(s.trust.Below("certificate-bags").Entry("certificate-bag", name))
}

// Chain returns the certificates of the entry p of a list certificate.
func Chain(p Place) ([]*x509.Certificate, error) {
	chain, err := parseCertificates(p.Leaf("cert-data").Bytes())
	if err != nil {
		return nil, p.Below("cert-data").refuse(err, "the certificate cannot be read")
	}
	return chain, nil
}

// PublicKeys returns the SSH keys that an inline-or-truststore-public-keys-grouping at p
// names.
func (s *Stores) PublicKeys(p Place) (all []ssh.PublicKey, err error) {
	from := p.Below("inline-definition")
	if !from.Exists() {
		bag := p.Leaf("central-truststore-reference")
		if bag.IsZero() {
			return nil, nil
		}
		from = s.use(s.trust.Below("public-key-bags").Entry("public-key-bag", bag.String()))
	}
	for _, e := range from.Entries("public-key") {
		at := e.Below("public-key")
		key, err := ssh.ParsePublicKey(e.Leaf("public-key").Bytes())
		if err != nil {
			return nil, at.refuse(err, "the value is not an SSH public key (RFC 4253 Section 6.6)")
		}
		all = append(all, key)
	}
	return all, nil
}

// certificateOf makes a certificate of the nodes that hold its key and its text.
func (s *Stores) certificateOf(key, certificate Place) (tls.Certificate, error) {
	private, at, err := s.PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	chain, err := Chain(certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	public, ok := private.Public().(interface{ Equal(crypto.PublicKey) bool })
	i := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return ok && public.Equal(c.PublicKey) })
	if i < 0 {
		return tls.Certificate{}, certificate.Below("cert-data").Refuse(rpcerr.InvalidValue, "the certificate is not that of the private key at %s", at.Path)
	}
	out := tls.Certificate{PrivateKey: private, Leaf: chain[i]}
	for _, c := range inOrder(chain, i) {
		out.Certificate = append(out.Certificate, c.Raw)
	}
	return out, nil
}

// PrivateKey reads the key of a private-key-grouping at p, in clear or sealed; at is the
// node that it is in. Errors tell nothing of it.
func (s *Stores) PrivateKey(p Place) (key crypto.Signer, at Place, err error) {
	if at = p.Below("encrypted-private-key"); !at.Exists() {
		at = p.Below("cleartext-private-key")
	}
	if !p.Exists() {
		return nil, at, p.Refuse(rpcerr.DataMissing, "there is no key")
	}
	der, err := s.sealer.Secret(p.Node, p.Path, "private-key")
	if err != nil {
		return nil, at, err
	}
	if len(der) == 0 {
		return nil, at, p.Refuse(rpcerr.DataMissing, "there is no private key")
	}
	if key, err = parsePrivateKey(der); err != nil {
		return nil, at, at.refuse(err, "the private key cannot be read")
	}
	return key, at, nil
}

// parsePrivateKey reads the formats of ietf-crypto-types: RSAPrivateKey, ECPrivateKey and
// OneAsymmetricKey, all DER.
func parsePrivateKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", key)
	}
	return signer, nil
}

// contentInfo and signedData are the parts of a CMS message that hold certificates
// (RFC 5652 Sections 3 and 5.1).
type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      asn1.RawValue
	Encapsulated asn1.RawValue
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
}

var oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}

// parseCertificates reads certificates as ietf-crypto-types has them, in a CMS message
// without signers, or one plain certificate. DER.
func parseCertificates(der []byte) ([]*x509.Certificate, error) {
	if c, err := x509.ParseCertificate(der); err == nil {
		return []*x509.Certificate{c}, nil
	}
	var info contentInfo
	var signed signedData
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	if !info.Type.Equal(oidSignedData) {
		return nil, fmt.Errorf("the CMS message is of type %s, expected signed data", info.Type)
	}
	if _, err := asn1.Unmarshal(info.Content.Bytes, &signed); err != nil {
		return nil, err
	}
	chain, err := x509.ParseCertificates(signed.Certificates.Bytes)
	if err != nil {
		return nil, err
	}
	if len(chain) == 0 {
		return nil, errors.New("the CMS message has no certificate")
	}
	return chain, nil
}
