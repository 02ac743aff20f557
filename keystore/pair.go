package keystore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
)

// pair is a new key.
type pair struct {
	signer  crypto.Signer
	private []byte // OneAsymmetricKey (RFC 5958 Section 2), DER
	public  []byte // SubjectPublicKeyInfo (RFC 5280 Section 4.1), DER
}

// newPair makes a key with an algorithm as altoam-secrets names it.
func newPair(algorithm string) (*pair, error) {
	signer, err := newSigner(algorithm)
	if err != nil {
		return nil, fmt.Errorf("new key: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return nil, fmt.Errorf("new key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil, fmt.Errorf("new key: %w", err)
	}
	return &pair{signer, private, public}, nil
}

func newSigner(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "ecdsa-p256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ecdsa-p384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case "rsa-3072":
		return rsa.GenerateKey(rand.Reader, 3072)
	case "rsa-4096":
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, fmt.Errorf("the algorithm %q is not known", algorithm)
}
