package tokens

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

var testSchema = sync.OnceValue(func() *yang.Schema {
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS()), yang.Options{Implement: []yang.ModuleSpec{{Name: "altoam-restconf"}}})
	if err != nil {
		panic(err)
	}
	return s
})

// The keys of the tests.
var (
	rsaKey    = sync.OnceValue(func() crypto.Signer { return made(rsa.GenerateKey(rand.Reader, 2048)) })
	p256Key   = sync.OnceValue(func() crypto.Signer { return made(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384Key   = sync.OnceValue(func() crypto.Signer { return made(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	strayKey  = sync.OnceValue(func() crypto.Signer { return made(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	edwardKey = sync.OnceValue(func() crypto.Signer {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return made(k, err)
	})
)

func made[K crypto.Signer](k K, err error) crypto.Signer {
	if err != nil {
		panic(err)
	}
	return k
}

type object = map[string]any

// entry is an issuer with these members besides or instead.
func entry(more object) object {
	o := object{"name": "test", "issuer": "https://id.example.com", "audience": []string{"altoam", "other"}, "algorithm": []string{"ES256"}}
	maps.Copy(o, more)
	return o
}

func pemOf(k crypto.Signer) string {
	der, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// jwkOf is the public JSON Web Key, with these members besides.
func jwkOf(k crypto.Signer, more object) object {
	var o object
	switch p := k.Public().(type) {
	case *rsa.PublicKey:
		o = object{"kty": "RSA", "n": b64(p.N.Bytes()), "e": b64([]byte{1, 0, 1})}
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil {
			panic(err)
		}
		half := len(point) / 2
		o = object{"kty": "EC", "crv": p.Params().Name, "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
	case ed25519.PublicKey:
		o = object{"kty": "OKP", "crv": "Ed25519", "x": b64(p)}
	}
	maps.Copy(o, more)
	return o
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// pemKey is a list entry.
func pemKey(id string, k crypto.Signer) object { return object{"key-id": id, "pem": pemOf(k)} }

// configure puts the issuers into running.
func configure(t testing.TB, v *Verifier, resumed bool, issuers ...object) error {
	t.Helper()
	s := testSchema()
	sink := tree.NewBuilder(s.Root)
	body := text(object{"altoam-restconf:restconf-tokens": object{"issuer": issuers}})
	if err := codec.DecodeJSON(strings.NewReader(body), s, s.Root, sink, codec.DecodeOptions{}); err != nil {
		t.Fatal(err, body)
	}
	to, err := sink.Tree()
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.Prepare(context.Background(), datastore.Change{Old: tree.New(s.Root), New: to, Resumed: resumed})
	if err != nil {
		return err
	}
	p.Apply()
	return nil
}

func verifier(t testing.TB, issuers ...object) *Verifier {
	t.Helper()
	v := New(slog.New(slog.DiscardHandler))
	if err := configure(t, v, false, issuers...); err != nil {
		t.Fatal(err)
	}
	return v
}

// claims are good ones, with these besides or instead; nil removes one.
func claims(more object) jwt.MapClaims {
	c := jwt.MapClaims{"iss": "https://id.example.com", "aud": "altoam", "sub": "alice", "exp": time.Now().Add(time.Hour).Unix()}
	for name, v := range more {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

// sign makes a token; header has parameters besides.
func sign(t testing.TB, alg string, k any, c jwt.MapClaims, header object) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.GetSigningMethod(alg), c)
	maps.Copy(token.Header, header)
	s, err := token.SignedString(k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantRefused checks that a token is refused, and that the log tells why.
func wantRefused(t *testing.T, v *Verifier, token, description, why string) {
	t.Helper()
	g, err := v.Verify(token)
	var e *Error
	if !errors.As(err, &e) || !reflect.DeepEqual(g, Grant{}) {
		t.Fatalf("%+v, %v", g, err)
	}
	if e.Description != description || !strings.Contains(e.Error(), why) {
		t.Errorf("%q, in the log %q; want %q, %q", e.Description, e.Error(), description, why)
	}
	if e.Genuine() != (why == "expired") {
		t.Errorf("genuine is %t: %v", e.Genuine(), e)
	}
	if i := strings.LastIndex(token, "."); i > 0 && len(token)-i > 20 && strings.Contains(e.Error(), token[i+1:]) {
		t.Error("the signature is in the log")
	}
}
