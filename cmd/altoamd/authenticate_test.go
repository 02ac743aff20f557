package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ask sends a request with that header Authorization, "" for none.
func (s *started) ask(path, authorization string) (status int, challenges []string, text string) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, "https://"+s.Restconf+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	a, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.StatusCode, a.Header.Values("WWW-Authenticate"), string(body)
}

func TestBearerTokens(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	if err != nil {
		t.Fatal(err)
	}
	token := func(expires time.Duration, scope string) string {
		claims := jwt.MapClaims{"iss": "id", "aud": "altoam", "sub": "carol", "scope": scope, "exp": time.Now().Add(expires).Unix()}
		s, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims).SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + s
	}
	const basic, bearer = `Basic realm="altoam", charset="UTF-8"`, `Bearer realm="altoam"`
	s := start(t, runOptions{DataDir: t.TempDir()})
	defer s.end()
	want := func(name, authorization string, status int, text string, challenges ...string) {
		t.Helper()
		code, got, body := s.ask("/restconf", authorization)
		if code != status || strings.Join(got, "|") != strings.Join(challenges, "|") || !strings.Contains(body, text) {
			t.Errorf("%s: %d %q %s", name, code, got, body)
		}
	}
	want("no issuer yet", token(time.Minute, "write"), 401, "user name", basic)
	if code, text := s.do(http.MethodPut, "/restconf/data/altoam-restconf:restconf-tokens", "x", `{"altoam-restconf:restconf-tokens":{"issuer":[{
		"name":"id","issuer":"id","audience":["altoam"],"algorithm":["EdDSA"],"required-scope":"write","key":[{"key-id":"1","pem":`+string(text)+`}]}]}}`); code != 201 {
		t.Fatal(code, text)
	}
	want("a token", token(time.Minute, "write"), 200, "")
	want("nothing", "", 401, "user name", basic, bearer)
	want("a wrong password", "Basic YTpi", 401, "user name", basic, bearer)
	want("another scheme", "Digest x", 401, "user name", basic, bearer)
	want("expired", token(-time.Minute, "write"), 401, "the token has expired", basic, bearer+`, error="invalid_token", error_description="the token has expired"`)
	want("rubbish", "Bearer x", 401, "the token is not valid", basic, bearer+`, error="invalid_token", error_description="the token is not valid"`)
	want("out of scope", token(time.Minute, "read"), 403, "the token lacks a scope: write",
		bearer+`, error="insufficient_scope", error_description="the token lacks a scope", scope="write"`)
	if code, text := s.do(http.MethodGet, "/restconf", "x", ""); code != 200 {
		t.Errorf("Basic besides: %d %s", code, text)
	}
}

// TestGroupsOfTokens: the groups that a token names count as those of access control, as
// far as external groups do.
func TestGroupsOfTokens(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	if err != nil {
		t.Fatal(err)
	}
	token := func(groups ...string) string {
		claims := jwt.MapClaims{"iss": "id", "aud": "altoam", "sub": "carol", "groups": groups, "exp": time.Now().Add(time.Minute).Unix()}
		s, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims).SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + s
	}
	s := start(t, runOptions{DataDir: t.TempDir()})
	defer s.end()
	issuer := func(more string) {
		t.Helper()
		if code, text := s.do(http.MethodPut, "/restconf/data/altoam-restconf:restconf-tokens", "x", `{"altoam-restconf:restconf-tokens":{"issuer":[{
			"name":"id","issuer":"id","audience":["altoam"],"algorithm":["EdDSA"],`+more+`"key":[{"key-id":"1","pem":`+string(text)+`}]}]}}`); code > 204 {
			t.Fatal(code, text)
		}
	}
	want := func(name string, status int, groups ...string) {
		t.Helper()
		if code, _, text := s.ask("/restconf/data/ietf-netconf-acm:nacm", token(groups...)); code != status {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
	issuer("")
	want("no claim is configured", 404, "admin")
	issuer(`"groups-claim":"groups",`)
	want("a group that may", 200, "admin")
	want("among others", 200, "some", "admin")
	want("another group", 404, "some")
	want("no group", 404)
	if code, text := s.do(http.MethodPatch, "/restconf/data/ietf-netconf-acm:nacm", "x", `{"ietf-netconf-acm:nacm":{"enable-external-groups":false}}`); code != 204 {
		t.Fatal(code, text)
	}
	want("external groups are off", 404, "admin")
}
