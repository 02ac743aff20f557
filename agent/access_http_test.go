package agent_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/digest"
	"github.com/golang-jwt/jwt/v5"
)

// hashed is H of RFC 7616 by SHA-256.
func hashed(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])
}

// digestLogin makes requests of a client of HTTP Digest.
func digestLogin(name, password, nonce string, count int) func(*http.Request) {
	return func(r *http.Request) {
		nc, uri := fmt.Sprintf("%08x", count), r.URL.RequestURI()
		response := hashed(hashed(name, "alto", password), nonce, nc, "c", "auth", hashed(r.Method, uri))
		r.Header.Set("Authorization", fmt.Sprintf(`Digest username=%q, realm="alto", nonce=%q, uri=%q, algorithm=SHA-256, nc=%s, cnonce="c", qop=auth, response=%q`,
			name, nonce, uri, nc, response))
	}
}

// challenged returns the challenges of a request that is refused with 401.
func (l *lab) challenged(path string, with ...func(*http.Request)) []string {
	l.Helper()
	r, err := http.NewRequest(http.MethodGet, l.base()+path, nil)
	if err != nil {
		l.Fatal(err)
	}
	for _, f := range with {
		f(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		l.Fatalf("%s: %d, expected 401", path, resp.StatusCode)
	}
	return resp.Header.Values("WWW-Authenticate")
}

// nonceIn takes the nonce out of challenges.
func nonceIn(challenges []string) string {
	_, rest, _ := strings.Cut(strings.Join(challenges, "\n"), `nonce="`)
	nonce, _, _ := strings.Cut(rest, `"`)
	return nonce
}

// closedServer has resource net for role inner, which client ann holds, a user of HTTP
// Digest; bert is a user of HTTP Basic without a role.
func closedServer(t *testing.T) object {
	t.Helper()
	secret, err := digest.New("ann", "alto", "wonder")
	if err != nil {
		t.Fatal(err)
	}
	stack := httpStack(0)
	stack["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{
		object{"user-id": "a", "altoam-access:digest": object{"credentials": secret.String()}},
		object{"user-id": "b", "basic": object{"username": "bert", "password": object{"hashed-password": hashOf("bert")}}},
	}}}}
	return object{
		"listen": object{"http": stack}, "data-source": list{campus()},
		"auth-client": list{object{"client-id": "ann", "http-auth-client": object{"user-id": "a"}}},
		"role":        list{object{"role-name": "inner", "client": list{"ann"}}},
		"resource": list{
			with(networkMap("net", "campus", nil), object{"accepted-role": list{"inner"}}),
			networkMap("open", "campus", nil),
		},
	}
}

// TestDigest has a client of HTTP Digest, with nonces that are new, used before, and of
// nobody, and another password.
func TestDigest(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(closedServer(t)))
	challenges := l.challenged("networkmap/net")
	if len(challenges) != 3 || !strings.HasPrefix(challenges[0], "Digest ") || !strings.HasPrefix(challenges[1], "Digest ") || challenges[2] != `Basic realm="alto"` {
		t.Fatalf("challenges %q", challenges)
	}
	nonce := nonceIn(challenges)
	if status, body := l.get("networkmap/net", digestLogin("ann", "wonder", nonce, 1)); status != 200 {
		t.Errorf("digest: %d %s", status, body)
	}
	if _, ird := l.get("directory", digestLogin("ann", "wonder", nonce, 2)); !strings.Contains(ird, `"net":{"uri"`) {
		t.Errorf("digest: the directory is %s", ird)
	}
	for name, x := range map[string]struct {
		login func(*http.Request)
		stale bool
	}{
		"a replay":         {digestLogin("ann", "wonder", nonce, 1), true},
		"no nonce of ours": {digestLogin("ann", "wonder", "x", 1), true},
		"another password": {digestLogin("ann", "wander", nonce, 3), false},
		"another user":     {digestLogin("bert", "wonder", nonce, 4), false},
	} {
		again := l.challenged("networkmap/net", x.login)
		if stale := strings.Contains(again[0], "stale=true"); stale != x.stale {
			t.Errorf("%s: challenge %q", name, again[0])
		}
	}
	if status, _ := l.get("networkmap/net", func(r *http.Request) { r.SetBasicAuth("bert", "bert") }); status != 403 {
		t.Errorf("basic: %d, expected 403", status)
	}
	if status, _ := l.get("networkmap/net", func(r *http.Request) { r.SetBasicAuth("ann", "wonder") }); status != 401 {
		t.Errorf("basic for a user of digest: %d, expected 401", status)
	}
	err := l.merge(object{"listen": object{"http": object{"http-server-parameters": object{"client-authentication": object{"users": object{"user": list{
		object{"user-id": "a", "altoam-access:digest": object{"credentials": "$0$ann:wonder"}},
	}}}}}}})
	l.refusal(err, rpcerr.InvalidValue,
		"/listen/http/http-server-parameters/client-authentication/users/user[user-id='a']/altoam-access:digest/credentials", "no credentials")
}

// issuing is an issuer of tokens.
type issuing struct {
	*testing.T
	key *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) issuing {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return issuing{t, key}
}

// entry is the issuer in the configuration.
func (i issuing) entry(more object) object {
	der, err := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
	if err != nil {
		i.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return with(object{
		"name": "idp", "issuer": "https://idp.example", "audience": list{"alto"}, "algorithm": list{"ES256"},
		"key": list{object{"key-id": "k", "pem": string(text)}},
	}, more)
}

// login makes requests with a token.
func (i issuing) login(claims jwt.MapClaims) func(*http.Request) {
	all := jwt.MapClaims{"iss": "https://idp.example", "aud": "alto", "exp": time.Now().Add(time.Minute).Unix()}
	for k, v := range claims {
		all[k] = v
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodES256, all).SignedString(i.key)
	if err != nil {
		i.Fatal(err)
	}
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+text) }
}

// TestTokens has bearer tokens that stand for a client, for whom the issuer says, and for
// nobody.
func TestTokens(t *testing.T) {
	l, idp := newLab(t), newIssuer(t)
	access := func(more object) object {
		return object{"altoam-access:access": object{"tokens": object{"issuer": list{idp.entry(more)}}}}
	}
	server := with(closedServer(t), access(object{"role-claim": "roles", "required-scope": "alto"}))
	server["auth-client"] = append(server["auth-client"].(list),
		object{"client-id": "carl", "altoam-access:token-auth-client": object{"issuer": "idp", "user": "carl"}},
		object{"client-id": "anyone", "altoam-access:token-auth-client": object{"issuer": "idp"}})
	server["role"] = list{object{"role-name": "inner", "client": list{"carl"}}, object{"role-name": "outer", "client": list{"anyone"}}}
	server["resource"] = append(server["resource"].(list), with(networkMap("known", "campus", nil), object{"accepted-role": list{"outer"}}))
	l.must(l.merge(server))
	for _, x := range []struct {
		name       string
		claims     jwt.MapClaims
		net, known int
	}{
		{"a client", jwt.MapClaims{"sub": "carl", "scope": "alto"}, 200, 200},
		{"any user", jwt.MapClaims{"sub": "dora", "scope": "alto"}, 403, 200},
		{"with a role", jwt.MapClaims{"sub": "dora", "scope": "x alto", "roles": []string{"x", "inner"}}, 200, 200},
		{"with roles in a text", jwt.MapClaims{"sub": "dora", "scope": "alto", "roles": "inner x"}, 200, 200},
		{"with roles in a number", jwt.MapClaims{"sub": "dora", "scope": "alto", "roles": 5}, 401, 401},
		{"without the scope", jwt.MapClaims{"sub": "carl"}, 403, 403},
		{"expired", jwt.MapClaims{"sub": "carl", "scope": "alto", "exp": time.Now().Add(-time.Hour).Unix()}, 401, 401},
		{"of another issuer", jwt.MapClaims{"sub": "carl", "scope": "alto", "iss": "https://x.example"}, 401, 401},
		{"for another audience", jwt.MapClaims{"sub": "carl", "scope": "alto", "aud": "x"}, 401, 401},
	} {
		login := idp.login(x.claims)
		net, _ := l.get("networkmap/net", login)
		if known, _ := l.get("networkmap/known", login); net != x.net || known != x.known {
			t.Errorf("%s: %d and %d, expected %d and %d", x.name, net, known, x.net, x.known)
		}
	}
	challenges := l.challenged("networkmap/net", newIssuer(t).login(jwt.MapClaims{"sub": "carl", "scope": "alto"}))
	if !strings.Contains(strings.Join(challenges, "\n"), `Bearer realm="alto", error="invalid_token"`) {
		t.Errorf("challenges %q", challenges)
	}
	if challenges := l.challenged("networkmap/net"); !strings.Contains(strings.Join(challenges, "\n")+"\n", `Bearer realm="alto"`+"\n") {
		t.Errorf("challenges %q", challenges)
	}
	l.refusal(l.merge(access(object{"key": list{object{"key-id": "k", "pem": "x"}}})), rpcerr.InvalidValue,
		"/altoam-access:access/tokens/issuer[name='idp']/key[key-id='k']/pem", "PEM")
	login := idp.login(jwt.MapClaims{"sub": "carl", "scope": "alto"})
	l.must(l.delete("/ietf-alto:alto/alto-server/auth-client[client-id='anyone']/altoam-access:token-auth-client"))
	if status, _ := l.get("networkmap/known", login); status != 403 {
		t.Errorf("without its client: %d, expected 403", status)
	}
}
