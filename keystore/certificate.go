package keystore

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"time"
)

// longestName is how many characters a common name has at most (RFC 5280 Appendix A.1,
// ub-common-name).
const longestName = 64

// selfSigned returns a certificate for a server with these names and addresses, of which
// there is one at least, DER.
func selfSigned(key crypto.Signer, hosts []string, from, to time.Time) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "altoamd"},
		NotBefore:    from, NotAfter: to,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if len(hosts[0]) <= longestName {
		t.Subject.CommonName = hosts[0]
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	return x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
}

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
)

// certificatesOnly is the CMS message without signers that holds one certificate (RFC 5652
// Section 5.1), DER.
func certificatesOnly(der []byte) ([]byte, error) {
	none := asn1.RawValue{Tag: asn1.TagSet, IsCompound: true}
	within := func(content []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: content}
	}
	type encapsulated struct{ Type asn1.ObjectIdentifier }
	signed, err := asn1.Marshal(struct {
		Version      int
		Digests      asn1.RawValue
		Encapsulated encapsulated
		Certificates asn1.RawValue
		Signers      asn1.RawValue
	}{1, none, encapsulated{oidData}, within(der), none})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData, within(signed)})
}
