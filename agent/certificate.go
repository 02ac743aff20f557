package agent

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/altoam/altoam/datastore/tree"
)

// stores are the central stores of a tree; nil where there is none.
type stores struct{ keys, trust *tree.Node }

func (a *Agent) storesIn(t *tree.Tree) (s stores) {
	if a.nodes.keystore != nil {
		s.keys = t.Root().Child(a.nodes.keystore)
	}
	if a.nodes.truststore != nil {
		s.trust = t.Root().Child(a.nodes.truststore)
	}
	return s
}

// serverCertificate returns the certificate and key that server-identity names,
// inline or in the key store. The error tells what is not usable about it.
func serverCertificate(params, keystore *tree.Node) (tls.Certificate, error) {
	identity := below(params, "server-identity", "certificate")
	if identity == nil {
		return tls.Certificate{}, errors.New("the server's identity is not a certificate, which is all that is provided yet")
	}
	if inline := below(identity, "inline-definition"); inline != nil {
		return certificateOf(inline, inline)
	}
	ref := below(identity, "central-keystore-reference")
	if ref == nil {
		return tls.Certificate{}, errors.New("the server has no certificate")
	}
	key := entryOf(below(keystore, "asymmetric-keys"), "asymmetric-key", ref.Leaf("asymmetric-key").String())
	certificate := entryOf(below(key, "certificates"), "certificate", ref.Leaf("certificate").String())
	if certificate == nil {
		return tls.Certificate{}, errors.New("the server's certificate is not in the key store")
	}
	return certificateOf(key, certificate)
}

// certificateOf makes a certificate of the nodes that hold its key and its text.
func certificateOf(key, certificate *tree.Node) (tls.Certificate, error) {
	der := key.Leaf("cleartext-private-key").Bytes()
	if len(der) == 0 {
		return tls.Certificate{}, errors.New("the server's private key is not there in clear text")
	}
	private, err := parsePrivateKey(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	chain, err := parseCertificates(certificate.Leaf("cert-data").Bytes())
	if err != nil {
		return tls.Certificate{}, err
	}
	return chained(chain, private)
}

// chained puts the certificate of the key first.
func chained(chain []*x509.Certificate, private crypto.Signer) (tls.Certificate, error) {
	public, ok := private.Public().(interface{ Equal(crypto.PublicKey) bool })
	out := tls.Certificate{PrivateKey: private}
	for _, c := range chain {
		if ok && out.Leaf == nil && public.Equal(c.PublicKey) {
			out.Leaf = c
			out.Certificate = append([][]byte{c.Raw}, out.Certificate...)
		} else {
			out.Certificate = append(out.Certificate, c.Raw)
		}
	}
	if out.Leaf == nil {
		return tls.Certificate{}, errors.New("the server's certificate is not that of its private key")
	}
	return out, nil
}

// parsePrivateKey reads the private key formats of ietf-crypto-types: RSAPrivateKey,
// ECPrivateKey and OneAsymmetricKey, all DER.
func parsePrivateKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("the server's private key cannot be read: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the server's private key cannot sign")
	}
	return signer, nil
}

// signedData is the part of a CMS message that holds certificates (RFC 5652 Sections
// 3 and 5.1).
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

// parseCertificates reads certificates as ietf-crypto-types has them, in a CMS
// message without signers, or one plain certificate. DER.
func parseCertificates(der []byte) ([]*x509.Certificate, error) {
	if c, err := x509.ParseCertificate(der); err == nil {
		return []*x509.Certificate{c}, nil
	}
	var info contentInfo
	var signed signedData
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("the certificate cannot be read: %w", err)
	}
	if !info.Type.Equal(oidSignedData) {
		return nil, fmt.Errorf("the certificate is in a CMS message of type %s, expected signed data", info.Type)
	}
	if _, err := asn1.Unmarshal(info.Content.Bytes, &signed); err != nil {
		return nil, fmt.Errorf("the certificate cannot be read: %w", err)
	}
	chain, err := x509.ParseCertificates(signed.Certificates.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the certificate cannot be read: %w", err)
	}
	if len(chain) == 0 {
		return nil, errors.New("the CMS message has no certificate")
	}
	return chain, nil
}
