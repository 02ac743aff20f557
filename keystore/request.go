package keystore

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// formatP10 is the only form of a request that is known.
const formatP10 = "ietf-crypto-types:p10-csr-format"

// request signs a request for a certificate with the key that the action is invoked on.
func (k *keys) request(_ context.Context, c datastore.Call) (*tree.Tree, error) {
	input := c.Input.Root()
	if format := input.Leaf("csr-format").String(); format != formatP10 {
		return nil, rpcerr.New(rpcerr.OperationNotSupported, c.Path.String(), "csr-format: only %s can be made, not %s", formatP10, format)
	}
	p, stores, err := k.at(c)
	if err != nil {
		return nil, err
	}
	key, _, err := stores.PrivateKey(p)
	if err != nil {
		return nil, err
	}
	der, err := signedRequest(input.Leaf("csr-info").Bytes(), key)
	if err != nil {
		e := p.Refuse(rpcerr.InvalidValue, "csr-info: %v", err)
		e.Err = err
		return nil, e
	}
	m := tree.New(c.Node.Output()).Mutate()
	w := datastore.NewWriter(m).Set("p10-csr", encoded(der))
	return m.Done(), w.Err()
}

// certificationRequest is RFC 2986 Section 4.2.
type certificationRequest struct {
	Info      asn1.RawValue
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// signedRequest signs info, the DER of a CertificationRequestInfo (RFC 2986 Section 4.1)
// for the public key of this one. Anything else is refused before it is signed.
func signedRequest(info []byte, key crypto.Signer) ([]byte, error) {
	method, err := methodOf(key.Public())
	if err != nil {
		return nil, err
	}
	r := certificationRequest{Info: asn1.RawValue{FullBytes: info}, Algorithm: method.identifier()}
	unsigned, err := asn1.Marshal(r)
	if err != nil {
		return nil, err
	}
	request, err := x509.ParseCertificateRequest(unsigned)
	if err != nil {
		return nil, fmt.Errorf("it is no CertificationRequestInfo: %w", err)
	}
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(request.PublicKey) {
		return nil, errors.New("the public key in it is not that of the private key")
	}
	signature, err := method.sign(key, info)
	if err != nil {
		return nil, err
	}
	r.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return asn1.Marshal(r)
}

// method is how a kind of key signs.
type method struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash // 0: the key hashes itself
	null bool        // the parameters are NULL, not absent
}

// methodOf follows RFC 5758 Section 3.2, RFC 4055 Section 5 and RFC 8410 Section 3.
func methodOf(public crypto.PublicKey) (method, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return method{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, crypto.SHA256, true}, nil
	case ed25519.PublicKey:
		return method{oid: asn1.ObjectIdentifier{1, 3, 101, 112}}, nil
	case *ecdsa.PublicKey:
		switch bits := key.Curve.Params().BitSize; {
		case bits <= 256:
			return method{oid: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, hash: crypto.SHA256}, nil
		case bits <= 384:
			return method{oid: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, hash: crypto.SHA384}, nil
		}
		return method{oid: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, hash: crypto.SHA512}, nil
	}
	return method{}, fmt.Errorf("a key of type %T signs no requests", public)
}

func (m method) identifier() pkix.AlgorithmIdentifier {
	id := pkix.AlgorithmIdentifier{Algorithm: m.oid}
	if m.null {
		id.Parameters = asn1.NullRawValue
	}
	return id
}

func (m method) sign(key crypto.Signer, message []byte) ([]byte, error) {
	if m.hash != 0 {
		h := m.hash.New()
		h.Write(message)
		message = h.Sum(nil)
	}
	return key.Sign(rand.Reader, message, m.hash)
}
