package tokens

import (
	"crypto"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const notValid = "the token is not valid"

func TestAlgorithms(t *testing.T) {
	for alg, k := range map[string]crypto.Signer{
		"RS256": rsaKey(), "RS384": rsaKey(), "RS512": rsaKey(), "PS256": rsaKey(), "PS384": rsaKey(), "PS512": rsaKey(),
		"ES256": p256Key(), "ES384": p384Key(), "EdDSA": edwardKey(),
	} {
		for form, key := range map[string]object{
			"pem": pemKey("k", k), "jwk": {"key-id": "k", "jwk": text(jwkOf(k, object{"kid": "k", "alg": alg, "use": "sig"}))},
		} {
			v := verifier(t, entry(object{"algorithm": []string{alg}, "key": []object{key}}))
			for _, header := range []object{nil, {"kid": "k"}} {
				g, err := v.Verify(sign(t, alg, k, claims(nil), header))
				if err != nil || g.User != "alice" || time.Until(g.Until) < time.Hour || time.Until(g.Until) > 2*time.Hour {
					t.Errorf("%s, %s: %+v %v", alg, form, g, err)
				}
			}
		}
	}
}

func TestRefused(t *testing.T) {
	v := verifier(t, entry(object{"key": []object{pemKey("k", p256Key())}}),
		entry(object{"name": "rsa", "issuer": "rsa", "algorithm": []string{"RS256", "ES256"}, "key": []object{pemKey("r", rsaKey())}}))
	good := sign(t, "ES256", p256Key(), claims(nil), nil)
	if _, err := v.Verify(good); err != nil {
		t.Fatal(err)
	}
	es256 := func(c object, header object) string { return sign(t, "ES256", p256Key(), claims(c), header) }
	now := time.Now()
	for _, x := range []struct{ name, token, why string }{
		{"another issuer", es256(object{"iss": "https://evil.example.com"}, nil), "is not configured"},
		{"no issuer", es256(object{"iss": nil}, nil), "is not configured"},
		{"another audience", es256(object{"aud": "elsewhere"}, nil), "audience"},
		{"no audience", es256(object{"aud": nil}, nil), "aud"},
		{"not yet", es256(object{"nbf": now.Add(time.Hour).Unix()}, nil), "not valid yet"},
		{"issued tomorrow", es256(object{"iat": now.Add(24 * time.Hour).Unix()}, nil), "used before issued"},
		{"for ever", es256(object{"exp": nil}, nil), "exp"},
		{"exp is a string", es256(object{"exp": "9999999999"}, nil), "exp"},
		{"no user", es256(object{"sub": nil}, nil), "no user in the claim sub"},
		{"the user is a number", es256(object{"sub": 7}, nil), "no user in the claim sub"},
		{"the user has a line", es256(object{"sub": "a\nb"}, nil), "no name of a user"},
		{"the user is long", es256(object{"sub": strings.Repeat("a", 256)}, nil), "no name of a user"},
		{"another key", sign(t, "ES256", strayKey(), claims(nil), nil), "signature is invalid"},
		{"unknown kid", es256(nil, object{"kid": "x"}), `no key "x"`},
		{"kid is a number", es256(nil, object{"kid": 1}), "kid is no string"},
		{"critical", es256(nil, object{"crit": []string{"b64"}, "b64": false}), "critical"},
		{"none", sign(t, "none", jwt.UnsafeAllowNoneSignatureType, claims(nil), nil), "may not use none"},
		{"HS256 with the public key", sign(t, "HS256", []byte(pemOf(p256Key())), claims(nil), nil), "may not use HS256"},
		{"an algorithm that is not allowed", sign(t, "RS256", rsaKey(), claims(nil), nil), "may not use RS256"},
		{"ES256 for an RSA key", sign(t, "ES256", p256Key(), claims(object{"iss": "rsa"}), object{"kid": "r"}), `no key "r" for ES256`},
		{"the key of another issuer", sign(t, "ES256", p256Key(), claims(object{"iss": "rsa"}), object{"kid": "k"}), `no key "k"`},
		{"a key in the header", sign(t, "ES256", strayKey(), claims(nil), object{"jwk": jwkOf(strayKey(), nil)}), "signature is invalid"},
		{"kid is a path", es256(nil, object{"kid": "../../../etc/passwd"}), "no key"},
		{"kid is a query", es256(nil, object{"kid": "x' or '1'='1"}), "no key"},
		{"a key set elsewhere", sign(t, "ES256", strayKey(), claims(nil), object{"jku": "https://evil.example.com/keys", "x5u": "file:///etc/passwd"}), "signature is invalid"},
		{"exp beyond all numbers", es256(object{"exp": json.Number("1e999")}, nil), ""},
		{"claims without end", es256(object{"x": json.RawMessage(strings.Repeat("[", 3000) + strings.Repeat("]", 3000))}, object{"kid": "x"}), ""},
		{"cut", good[:len(good)-4], ""},
		{"other claims", good[:strings.Index(good, ".")+1] + b64([]byte(text(claims(object{"sub": "admin"})))) + good[strings.LastIndex(good, "."):], "signature is invalid"},
		{"no token", "", ""},
		{"two parts", "a.b", ""},
		{"rubbish", "☃.{}.!", ""},
		{"long", strings.Repeat("a", longestToken+1), "more than"},
	} {
		t.Run(x.name, func(t *testing.T) { wantRefused(t, v, x.token, notValid, x.why) })
	}
	wantRefused(t, v, es256(object{"exp": now.Add(-time.Minute).Unix()}, nil), "the token has expired", "expired")
	if _, err := v.Verify(es256(object{"exp": now.Add(-20 * time.Second).Unix(), "nbf": now.Add(20 * time.Second).Unix()}, nil)); err != nil {
		t.Error("within the leeway:", err)
	}
	if _, err := v.Verify(es256(object{"aud": []string{"elsewhere", "other"}, "iat": now.Unix()}, nil)); err != nil {
		t.Error("one of the audiences:", err)
	}
}

func TestScopeAndClaim(t *testing.T) {
	v := verifier(t, entry(object{"user-claim": "preferred_username", "required-scope": "alto:admin", "leeway": 0, "key": []object{pemKey("k", p256Key())}}))
	token := func(more object) string { return sign(t, "ES256", p256Key(), claims(more), nil) }
	for _, scope := range []any{"alto:admin", "openid alto:admin"} {
		g, err := v.Verify(token(object{"scope": scope, "preferred_username": "bob"}))
		if err != nil || g.User != "bob" {
			t.Errorf("%v: %+v %v", scope, g, err)
		}
	}
	for _, scope := range []any{nil, "", "alto:administrator", "openid", 7, []string{"alto:admin"}} {
		_, err := v.Verify(token(object{"scope": scope, "preferred_username": "bob"}))
		var e *Error
		if !errors.As(err, &e) || e.Status() != 403 || !e.Genuine() ||
			e.Challenge("r") != `Bearer realm="r", error="insufficient_scope", error_description="the token lacks a scope", scope="alto:admin"` {
			t.Errorf("%v: %v", scope, err)
		}
	}
	wantRefused(t, v, token(object{"scope": "alto:admin"}), notValid, "preferred_username")
	if got := (*Error)(nil).Challenge("r"); got != `Bearer realm="r"` {
		t.Error(got)
	}
}

// TestRemembered has tokens that were good a moment ago.
func TestRemembered(t *testing.T) {
	with := entry(object{"leeway": 0, "key": []object{pemKey("k", p256Key()), pemKey("j", strayKey())}})
	v, now := verifier(t, with), time.Now()
	v.now = func() time.Time { return now }
	if err := configure(t, v, false, with); err != nil {
		t.Fatal(err)
	}
	long := sign(t, "ES256", p256Key(), claims(nil), object{"kid": "k"})
	short := sign(t, "ES256", p256Key(), claims(object{"exp": now.Add(time.Minute).Unix()}), object{"kid": "k"})
	for range 3 {
		for _, token := range []string{long, short} {
			if g, err := v.Verify(token); err != nil || g.User != "alice" {
				t.Fatal(g, err)
			}
		}
	}
	if len(v.memory.known) != 2 {
		t.Errorf("%d are remembered, want 2", len(v.memory.known))
	}
	now = now.Add(2 * time.Minute)
	wantRefused(t, v, short, "the token has expired", "expired")
	if _, err := v.Verify(long); err != nil {
		t.Error(err)
	}
	if err := configure(t, v, false, entry(object{"key": []object{pemKey("j", strayKey())}})); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, v, long, notValid, `no key "k"`)
	for i := range mostRemembered + 10 {
		token := sign(t, "ES256", strayKey(), claims(object{"jti": i}), object{"kid": "j"})
		if i%100 == 0 { // the others are not worth the time
			if _, err := v.Verify(token); err != nil {
				t.Fatal(err)
			}
		}
		v.memory.remember(token, verified{})
	}
	if len(v.memory.known) > mostRemembered {
		t.Errorf("%d are remembered", len(v.memory.known))
	}
}

func TestOf(t *testing.T) {
	for header, want := range map[string]string{"Bearer abc": "abc", "bearer abc": "abc", "BEARER  abc ": "abc", "Bearer": "", "Basic abc": "-", "": "-", "Bearerabc": "-"} {
		got, ok := Of(map[string][]string{"Authorization": {header}})
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
}

// FuzzVerify says that no text is a token that nobody has signed.
func FuzzVerify(f *testing.F) {
	v := verifier(f, entry(object{"algorithm": []string{"ES256", "RS256", "EdDSA"}, "key": []object{pemKey("k", p256Key()), pemKey("r", rsaKey())}}))
	f.Add(b64([]byte(`{"alg":"none"}`)) + "." + b64([]byte(text(claims(nil)))) + ".")
	f.Add(sign(f, "HS256", []byte(pemOf(p256Key())), claims(nil), nil))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if g, err := v.Verify(token); err == nil {
			t.Fatalf("%+v", g)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for alg, k := range map[string]crypto.Signer{"RS256": rsaKey(), "ES256": p256Key(), "EdDSA": edwardKey()} {
		v := verifier(b, entry(object{"algorithm": []string{alg}, "key": []object{pemKey("k", k)}}))
		token := sign(b, alg, k, claims(nil), nil)
		b.Run(alg, func(b *testing.B) {
			for b.Loop() {
				if _, err := v.Verify(token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestGroupsClaim: a token names groups in the claim that is configured, and in no other.
func TestGroupsClaim(t *testing.T) {
	with := verifier(t, entry(object{"groups-claim": "groups", "key": []object{pemKey("k", p256Key())}}))
	without := verifier(t, entry(object{"key": []object{pemKey("k", p256Key())}}))
	token := func(groups any) string {
		return sign(t, "ES256", p256Key(), claims(object{"groups": groups, "": "admin"}), nil)
	}
	for _, c := range []struct {
		claim any
		want  []string
	}{
		{nil, nil}, {"", nil}, {"ops", []string{"ops"}}, {"ops  maps", []string{"ops", "maps"}}, {[]string{"ops", "map editors"}, []string{"ops", "map editors"}},
	} {
		g, err := with.Verify(token(c.claim))
		if err != nil || !slices.Equal(g.Groups, c.want) || g.Roles != nil {
			t.Errorf("%v: %+v %v, want %q", c.claim, g, err, c.want)
		}
		if g, err := without.Verify(token(c.claim)); err != nil || g.Groups != nil || g.Roles != nil {
			t.Errorf("%v without groups-claim: %+v %v", c.claim, g, err)
		}
	}
	for why, claim := range map[string]any{"names nothing": 7, "not a list of strings": []any{"ops", 7}, "control characters": []string{"a\x00admin"}} {
		wantRefused(t, with, token(claim), notValid, why)
	}
}
