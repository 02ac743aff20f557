package client

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/altoam/altoam/digest"
	"github.com/google/go-cmp/cmp"
)

// digestServer demands HTTP Digest, or shows everyone the directory and who asks the
// network map too.
func digestServer(t *testing.T, public bool) (directory string, asked *atomic.Int32, restart func()) {
	secret, err := digest.New(`Jäsøn "Doe"`, "alto", "pass:word")
	must(t, err)
	var server atomic.Pointer[digest.Server]
	restart = func() { server.Store(digest.NewServer(time.Now)) }
	restart()
	asked = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		c, _ := digest.Of(r.Header)
		proven := c != nil && server.Load().Verify(c, r, "alto", secret)
		if !proven {
			w.Header()["Www-Authenticate"] = server.Load().Challenges("alto", c != nil && c.Match(r, "alto", secret))
		}
		w.Header().Set("Content-Type", mediaDirectory)
		switch {
		case proven:
			_, _ = w.Write([]byte(`{"resources":{"net":{"uri":"net?a=b","media-type":"application/alto-networkmap+json"}}}`))
		case public:
			_, _ = w.Write([]byte(`{"resources":{}}`))
		default:
			w.WriteHeader(401)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/directory?x=y", asked, restart
}

// TestDigest: a challenge is answered, whether it comes with a refusal or with what
// everyone sees, then each request at once; a nonce that is not good any more is
// replaced, and a wrong password is no endless game.
func TestDigest(t *testing.T) {
	for _, public := range []bool{false, true} {
		uri, asked, restart := digestServer(t, public)
		c := &Client{HTTP: http.DefaultClient, User: `Jäsøn "Doe"`, Password: "pass:word", Digest: true}
		for i, want := range []int32{2, 3, 4, 6} {
			if i == 3 {
				restart()
			}
			d, err := c.Directory(t.Context(), uri)
			must(t, err)
			if len(d.Entries) != 1 || asked.Load() != want {
				t.Errorf("public %v: %d entries after %d requests, want %d", public, len(d.Entries), asked.Load(), want)
			}
		}
		asked.Store(0)
		c = &Client{HTTP: http.DefaultClient, User: `Jäsøn "Doe"`, Password: "wrong", Digest: true}
		if d, err := c.Directory(t.Context(), uri); (err == nil) != public || public && len(d.Entries) != 0 || asked.Load() != 2 {
			t.Errorf("public %v, wrong password: %v, %d requests", public, err, asked.Load())
		}
	}
}

// TestDigestNeverBasic: a server that knows no Digest does not get the password.
func TestDigestNeverBasic(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("there is an authorization")
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x", Digest realm="x", nonce="n", qop="auth-int"`)
		w.WriteHeader(401)
	}))
	defer s.Close()
	if _, err := (&Client{HTTP: s.Client(), User: "a", Password: "b", Digest: true}).Directory(t.Context(), s.URL); err == nil {
		t.Error("no error")
	}
}

// TestBearer: a token comes with every request and goes before a user.
func TestBearer(t *testing.T) {
	uri := serve(t, good(), func(r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer secret" {
			t.Errorf("%s: %q", r.URL, got)
		}
	})
	if _, err := (&Client{HTTP: http.DefaultClient, User: "ann", Token: "secret"}).Walk(t.Context(), uri, local); err != nil {
		t.Fatal(err)
	}
}

// TestOrigin: password and token go to no other server than the directory's.
func TestOrigin(t *testing.T) {
	for origin, want := range map[string]bool{"http://a:1/x": true, "http://a:2/x": false, "https://a:1/x": false} {
		at, err := url.Parse(origin)
		must(t, err)
		to, err := url.Parse("http://a:1/y")
		must(t, err)
		for _, c := range []*Client{{User: "ann"}, {Token: "tok"}} {
			c.Origin = at
			if got, err := c.authorization(Request{Entry: Entry{URI: to}}); err != nil || (got != "") != want {
				t.Errorf("from %s to %s: %q, %v", origin, to, got, err)
			}
		}
	}
}

// TestChallenges reads WWW-Authenticate (RFC 9110 Section 11.6.1): several challenges in one
// header, quoted values, and what is not well-formed.
func TestChallenges(t *testing.T) {
	for text, want := range map[string]string{
		`Basic realm="a\"b"`: `basic realm=a"b`,
		`Digest realm="x, y", qop="auth, auth-int", nonce=n, stale=TRUE, Basic realm=z`: `digest nonce=n qop=auth, auth-int realm=x, y stale=TRUE|basic realm=z`,
		`Negotiate, Basic realm="a"`:  `negotiate|basic realm=a`,
		`NTLM abc==, Basic realm = a`: `ntlm|abc|basic realm=a`,
		`Digest realm="unfinished`:    `digest`,
		`"odd"`:                       ``,
		``:                            ``,
	} {
		var got []string
		for _, c := range parseChallenges([]string{text}) {
			var parameters []string
			for name, value := range c.parameters {
				parameters = append(parameters, " "+name+"="+value)
			}
			slices.Sort(parameters)
			got = append(got, c.scheme+strings.Join(parameters, ""))
		}
		if diff := cmp.Diff(want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

// FuzzChallenges reads any header without a panic and in finite time.
func FuzzChallenges(f *testing.F) {
	f.Add(`Digest realm="x, y", qop="auth", nonce=n, Basic realm=z`)
	f.Add(`a=b, NTLM abc==`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range parseChallenges([]string{text}) {
			if c.scheme == "" || c.parameters == nil {
				t.Errorf("%q: %v", text, c)
			}
		}
	})
}
