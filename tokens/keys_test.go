package tokens

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// TestConfiguration has keys that must be refused before they are in use.
func TestConfiguration(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	jwkKey := func(o object) object { return object{"key-id": "k", "jwk": text(o)} }
	for _, x := range []struct {
		name string
		key  object
		want string
	}{
		{"no PEM", object{"key-id": "k", "pem": "MII"}, "one block of PEM"},
		{"a private key", object{"key-id": "k", "pem": strings.ReplaceAll(pemOf(p256Key()), "PUBLIC", "PRIVATE")}, "expected PUBLIC KEY"},
		{"no DER", object{"key-id": "k", "pem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}, "asn1"},
		{"a short RSA key", pemKey("k", weak), "1024 bits"},
		{"a key of another kind", pemKey("k", edwardKey()), "it is for EdDSA"},
		{"another curve", pemKey("k", p384Key()), "it is for ES384"},
		{"no JSON", object{"key-id": "k", "jwk": "{"}, "no JSON Web Key"},
		{"a symmetric key", jwkKey(object{"kty": "oct", "k": "AAAA"}), "for something else"},
		{"a private JWK", jwkKey(jwkOf(p256Key(), object{"d": "AAAA"})), "private key"},
		{"encryption", jwkKey(jwkOf(p256Key(), object{"use": "enc"})), "for something else"},
		{"another operation", jwkKey(jwkOf(p256Key(), object{"key_ops": []string{"sign"}})), "for something else"},
		{"another algorithm", jwkKey(jwkOf(p256Key(), object{"alg": "ES384"})), `its alg is "ES384"`},
		{"another kid", jwkKey(jwkOf(p256Key(), object{"kid": "j"})), `the kid of the key is "j"`},
		{"not on the curve", jwkKey(jwkOf(p256Key(), object{"x": b64(make([]byte, 32))})), ""},
		{"short x", jwkKey(jwkOf(p256Key(), object{"x": "AAAA"})), "32 octets"},
		{"padding", jwkKey(jwkOf(p256Key(), object{"x": "AA=="})), ""},
		{"RSA without n", jwkKey(object{"kty": "RSA", "e": "AQAB"}), "needs n and e"},
		{"RSA with a large e", jwkKey(jwkOf(rsaKey(), object{"e": b64(make([]byte, 200)[:9])})), ""},
		{"RSA with e of 1", jwkKey(jwkOf(rsaKey(), object{"e": "AQ"})), "exponent 1"},
		{"short Ed25519", jwkKey(object{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}), "32 octets"},
		{"X25519", jwkKey(object{"kty": "OKP", "crv": "X25519", "x": "AAAA"}), "for something else"},
	} {
		t.Run(x.name, func(t *testing.T) {
			v := verifier(t, entry(object{"key": []object{pemKey("old", p256Key())}}))
			err := configure(t, v, false, entry(object{"key": []object{x.key}}))
			var e *rpcerr.Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Path, "/altoam-restconf:restconf-tokens/issuer[name='test']/key[key-id='k']/") || !strings.Contains(e.Message, x.want) {
				t.Fatalf("%v, want %q", err, x.want)
			}
			if _, err := v.Verify(sign(t, "ES256", p256Key(), claims(nil), nil)); err != nil {
				t.Error("what was configured before:", err)
			}
		})
	}
}

// TestKeyFile rotates the keys of a file.
func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	times := time.Now().Add(-time.Hour)
	write := func(content string) {
		t.Helper()
		times = times.Add(time.Second)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, times, times); err != nil {
			t.Fatal(err)
		}
	}
	set := func(keys ...object) string { return text(object{"keys": keys}) }
	first, second := jwkOf(p256Key(), object{"kid": "1"}), jwkOf(strayKey(), object{"kid": "2"})
	one, two := sign(t, "ES256", p256Key(), claims(nil), object{"kid": "1"}), sign(t, "ES256", strayKey(), claims(nil), object{"kid": "2"})
	v := New(slog.New(slog.DiscardHandler))
	with := entry(object{"key-file": path})
	if err := configure(t, v, false, with); err == nil {
		t.Error("a file that is not there")
	}
	if err := configure(t, v, true, with); err != nil {
		t.Error("at the start:", err)
	}
	wantRefused(t, v, one, notValid, `no key "1"`)
	want := func(name string, oneGood, twoGood bool) {
		t.Helper()
		for i, token := range []string{one, two} {
			if _, err := v.Verify(token); (err == nil) != []bool{oneGood, twoGood}[i] {
				t.Errorf("%s: token %d: %v", name, i+1, err)
			}
		}
	}
	write(set(first, object{"kty": "oct", "k": "AAAA"}, object{"kty": "EC", "crv": "secp256k1"}))
	want("the first key, among others", true, false)
	if err := configure(t, v, false, with); err != nil {
		t.Error(err)
	}
	write(set(first, second))
	want("both", true, true)
	wantRefused(t, v, sign(t, "ES256", p256Key(), claims(nil), nil), notValid, "several keys")
	for _, bad := range []string{"", "{}", "[]", `{"keys":[{"kty":"RSA"}]}`, set(jwkOf(p256Key(), object{"d": "AAAA"})), strings.Repeat(" ", largestFile+1)} {
		write(bad)
		want("what is no set", true, true)
	}
	if err := configure(t, v, false, with); err == nil {
		t.Error("what is no set was taken")
	}
	write(set(second))
	want("the second", false, true)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want("gone", false, true)
	write(set(first))
	want("the first again", true, false)
}

// FuzzKeySet says that what is taken for a key can be used as one.
func FuzzKeySet(f *testing.F) {
	f.Add([]byte(text(object{"keys": []object{jwkOf(rsaKey(), nil), jwkOf(p256Key(), nil), jwkOf(edwardKey(), nil)}})))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"","e":"AQAB"}]}`))
	f.Fuzz(func(t *testing.T, set []byte) {
		keys, err := parseSet(set)
		for _, k := range keys {
			if err != nil || k.check() != nil || len(k.algorithms()) == 0 {
				t.Fatalf("%+v, %v", k, err)
			}
		}
	})
}
