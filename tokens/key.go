package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Sizes of RSA keys, in bits: below, a signature says nothing (RFC 7518 Section 3.3);
// above, verifying takes too long.
const (
	shortestRSA = 2048
	longestRSA  = 8192
)

// key is a public key.
type key struct {
	id     string // "" for none
	alg    string // the only algorithm it is for, "" for any that fits
	public crypto.PublicKey
}

// errOther tells that a JSON Web Key is none that verifies signatures here: in a set it
// is passed over (RFC 7517 Section 5).
var errOther = errors.New("a key for something else")

// The algorithms by kind of key (RFC 7518 Section 3.1, RFC 8037 Section 3.1).
var (
	ofRSA   = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	ofCurve = map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
)

// algorithms are those that the key could be used with.
func (k key) algorithms() []string {
	switch p := k.public.(type) {
	case *rsa.PublicKey:
		return ofRSA
	case *ecdsa.PublicKey:
		if alg, ok := ofCurve[p.Curve.Params().Name]; ok {
			return []string{alg}
		}
	case ed25519.PublicKey:
		return []string{"EdDSA"}
	}
	return nil
}

// fits tells whether the key is for the algorithm.
func (k key) fits(alg string) bool {
	return (k.alg == "" || k.alg == alg) && slices.Contains(k.algorithms(), alg)
}

// purpose names what the key is for.
func (k key) purpose() string {
	if k.alg != "" {
		return k.alg
	}
	return strings.Join(k.algorithms(), ", ")
}

// check refuses keys that are of another kind, or too weak.
func (k key) check() error {
	algorithms := k.algorithms()
	if len(algorithms) == 0 {
		return fmt.Errorf("%T of a kind or curve that no algorithm here uses", k.public)
	}
	if k.alg != "" && !slices.Contains(algorithms, k.alg) {
		return fmt.Errorf("its alg is %q, and it is for %s", clip(k.alg), strings.Join(algorithms, ", "))
	}
	if p, ok := k.public.(*rsa.PublicKey); ok {
		if bits := p.N.BitLen(); bits < shortestRSA || bits > longestRSA {
			return fmt.Errorf("an RSA key of %d bits; expected %d to %d", bits, shortestRSA, longestRSA)
		}
		if p.E < 3 || p.E&1 == 0 {
			return fmt.Errorf("an RSA key with the exponent %d", p.E)
		}
	}
	return nil
}

// parsePEM reads one SubjectPublicKeyInfo (RFC 7468 Section 13).
func parsePEM(text []byte) (crypto.PublicKey, error) {
	block, rest := pem.Decode(text)
	switch {
	case block == nil || len(strings.TrimSpace(string(rest))) > 0:
		return nil, errors.New("one block of PEM is expected")
	case block.Type != "PUBLIC KEY":
		return nil, fmt.Errorf("the block of PEM is %q; expected PUBLIC KEY", clip(block.Type))
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}

// jwk is a JSON Web Key (RFC 7517 Section 4).
type jwk struct {
	Kty string   `json:"kty"`
	Kid string   `json:"kid"`
	Alg string   `json:"alg"`
	Use string   `json:"use"`
	Ops []string `json:"key_ops"`
	Crv string   `json:"crv"`
	N   octets   `json:"n"`
	E   octets   `json:"e"`
	X   octets   `json:"x"`
	Y   octets   `json:"y"`
	D   *string  `json:"d"` // of private keys
}

// octets are written in base64url without padding.
type octets []byte

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = base64.RawURLEncoding.Strict().DecodeString(string(text))
	return err
}

// parseJWK reads a public JSON Web Key; errOther is for one of another use.
func parseJWK(text []byte) (key, error) {
	var j jwk
	if err := json.Unmarshal(text, &j); err != nil {
		return key{}, fmt.Errorf("no JSON Web Key: %w", err)
	}
	k := key{id: j.Kid, alg: j.Alg}
	if j.D != nil {
		return k, errors.New("a private key: keep it where tokens are signed")
	}
	if j.Use != "" && j.Use != "sig" || j.Ops != nil && !slices.Contains(j.Ops, "verify") {
		return k, errOther
	}
	var err error
	switch j.Kty {
	case "RSA":
		k.public, err = j.rsa()
	case "EC":
		k.public, err = j.ec()
	case "OKP":
		k.public, err = j.okp()
	default:
		return k, fmt.Errorf("%w: its kty is %q", errOther, clip(j.Kty))
	}
	return k, err
}

// rsa is the key of RFC 7518 Section 6.3.1.
func (j *jwk) rsa() (crypto.PublicKey, error) {
	e := new(big.Int).SetBytes(j.E)
	if len(j.N) == 0 || !e.IsInt64() || e.Int64() >= 1<<31 {
		return nil, errors.New("an RSA key needs n and e, which is less than 2^31")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(j.N), E: int(e.Int64())}, nil
}

// ec is the key of RFC 7518 Section 6.2.1.
func (j *jwk) ec() (crypto.PublicKey, error) {
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		p := curve.Params()
		if p.Name != j.Crv {
			continue
		}
		if size := (p.BitSize + 7) / 8; len(j.X) != size || len(j.Y) != size {
			return nil, fmt.Errorf("x and y of %s have %d octets each", p.Name, size)
		}
		return ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, j.X, j.Y))
	}
	return nil, fmt.Errorf("%w: its crv is %q", errOther, clip(j.Crv))
}

// okp is the key of RFC 8037 Section 2.
func (j *jwk) okp() (crypto.PublicKey, error) {
	switch {
	case j.Crv != "Ed25519":
		return nil, fmt.Errorf("%w: its crv is %q", errOther, clip(j.Crv))
	case len(j.X) != ed25519.PublicKeySize:
		return nil, fmt.Errorf("x of Ed25519 has %d octets", ed25519.PublicKeySize)
	}
	return ed25519.PublicKey(j.X), nil
}
