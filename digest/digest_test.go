package digest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The user of RFC 7616 Section 3.9.1.
const (
	realm    = "http-auth@example.org"
	rfcNonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
	rfcReply = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
)

func secret(t testing.TB, username, realm, password string) Secret {
	t.Helper()
	s, err := New(username, realm, password)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sent is a request with an Authorization header.
func sent(method, target, authorization string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", authorization)
	return r
}

// rfcHeader is the header of RFC 7616 Section 3.9.1, with parameters replaced.
func rfcHeader(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(`Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, ` +
		`nonce="` + rfcNonce + `", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="` + rfcReply + `", ` +
		`opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`)
}

// TestMatch has the example of RFC 7616 Section 3.9.1, and what is not quite it.
func TestMatch(t *testing.T) {
	const page = "/dir/index.html"
	for _, x := range []struct {
		name, method, target, header string
		read, match                  bool
	}{
		{"the example", "GET", page, rfcHeader(), true, true},
		{"without spaces", "GET", page, rfcHeader(", ", ","), true, true},
		{"with empty elements", "GET", page, rfcHeader(", ", " , , "), true, true},
		{"in capitals", "GET", page, rfcHeader("username", "USERNAME", "Digest", "DIGEST", "SHA-256", "sha-256"), true, true},
		{"with an escape", "GET", page, rfcHeader("Mufasa", `Mu\fasa`), true, true},
		{"an absolute URI", "GET", "http://www.example.org" + page, rfcHeader(), true, true},
		{"another method", "POST", page, rfcHeader(), true, false},
		{"another resource", "GET", "/dir/", rfcHeader(), true, false},
		{"with a query", "GET", page + "?a", rfcHeader(), true, false},
		{"another user", "GET", page, rfcHeader("Mufasa", "Scar"), true, false},
		{"another realm", "GET", page, rfcHeader("@example.org", "@example.com"), true, false},
		{"another response", "GET", page, rfcHeader("6cb6c1", "6cb6c2"), true, false},
		{"a short response", "GET", page, rfcHeader("6cb6c1", ""), true, false},
		{"another count", "GET", page, rfcHeader("00000001", "00000002"), true, false},
		{"another algorithm", "GET", page, rfcHeader("SHA-256", "SHA-512-256"), true, false},
		{"MD5", "GET", page, rfcHeader("SHA-256", "MD5"), false, false},
		{"a session", "GET", page, rfcHeader("SHA-256", "SHA-256-sess"), false, false},
		{"no algorithm", "GET", page, rfcHeader("algorithm=SHA-256, ", ""), false, false},
		{"the body too", "GET", page, rfcHeader("qop=auth", "qop=auth-int"), false, false},
		{"no qop", "GET", page, rfcHeader("qop=auth, ", ""), false, false},
		{"a short count", "GET", page, rfcHeader("00000001", "1"), false, false},
		{"a count of none", "GET", page, rfcHeader("00000001", "00000000"), false, false},
		{"no nonce", "GET", page, rfcHeader(rfcNonce, ""), false, false},
		{"a name twice", "GET", page, rfcHeader("qop=auth", `username="Scar", qop=auth`), false, false},
		{"a hashed name", "GET", page, rfcHeader("qop=auth", "qop=auth, userhash=true"), false, false},
		{"an open quote", "GET", page, rfcHeader(`", opaque="`, ``), true, false},
		{"no end", "GET", page, `Digest username="Mufasa`, false, false},
		{"nothing", "GET", page, `Digest`, false, false},
		{"nonsense", "GET", page, `Digest = , "`, false, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := sent(x.method, x.target, x.header)
			c, malformed := Of(r.Header)
			if (c != nil) != x.read || malformed == x.read {
				t.Fatalf("read %v, malformed %t", c, malformed)
			}
			if c != nil && c.Match(r, realm, secret(t, "Mufasa", realm, "Circle of Life")) != x.match {
				t.Errorf("match %t", !x.match)
			}
			if c != nil && c.Match(r, realm, secret(t, "Mufasa", realm, "Circle of Death")) {
				t.Error("it matches with another password")
			}
		})
	}
	if c, malformed := Of(http.Header{"Authorization": {"Basic YTpi"}}); c != nil || malformed {
		t.Errorf("Basic: %v, %t", c, malformed)
	}
}

// TestNames has the user of RFC 7616 Section 3.9.2. Its response there is no SHA-512-256
// (RFC erratum 4897 has the right one).
func TestNames(t *testing.T) {
	const header = `Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256, ` +
		`nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc=00000001, cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop=auth, ` +
		`response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", userhash=false`
	for text, want := range map[string]bool{
		header: true,
		strings.Replace(header, "UTF-8''", "utf-8'en'", 1):                                           true,
		strings.Replace(header, "UTF-8''", "ISO-8859-1''", 1):                                        false,
		strings.Replace(header, "%20", "%2", 1):                                                      false,
		strings.Replace(header, "%C3%A4", "%C3", 1):                                                  false,
		strings.Replace(header, "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe", `username="Jäsøn Doe"`, 1): true,
		header + `, username="Jäsøn Doe"`:                                                            false,
	} {
		r := sent("GET", "/doe.json", text)
		c, _ := Of(r.Header)
		if got := c != nil && c.Match(r, "api@example.org", secret(t, "Jäsøn Doe", "api@example.org", "Secret, or not?")); got != want {
			t.Errorf("%s\nmatches: %t, expected %t", text, got, want)
		}
	}
}

// client makes the header of a request as a client does.
func client(s Secret, realm, algorithm, nonce string, count int, method, uri string) string {
	nc := fmt.Sprintf("%08x", count)
	response := hash(algorithm, s.ha1[algorithm], nonce, nc, "c", "auth", hash(algorithm, method, uri))
	return fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=%s, nc=%s, cnonce="c", qop=auth, response="%s"`,
		s.Username, realm, nonce, uri, algorithm, nc, response)
}

// nonceOf takes the nonce out of a challenge.
func nonceOf(challenge string) string {
	_, rest, _ := strings.Cut(challenge, `nonce="`)
	nonce, _, _ := strings.Cut(rest, `"`)
	return nonce
}

// TestServer follows clients through nonces: replayed, of others, and too old.
func TestServer(t *testing.T) {
	now := time.Unix(1e9, 0)
	server := NewServer(func() time.Time { return now })
	s := secret(t, "u", realm, "p")
	challenges := server.Challenges(realm, false)
	if len(challenges) != 2 || !strings.Contains(challenges[0], "algorithm=SHA-256,") || !strings.Contains(challenges[1], "algorithm=SHA-512-256,") ||
		strings.Contains(challenges[0], "stale") || !strings.HasSuffix(server.Challenges(realm, true)[0], ", stale=true") {
		t.Fatalf("challenges %q", challenges)
	}
	nonce, other := nonceOf(challenges[0]), nonceOf(NewServer(func() time.Time { return now }).Challenges(realm, false)[0])
	for i, x := range []struct {
		after     time.Duration
		algorithm string
		nonce     string
		count     int
		want      bool
	}{
		{0, SHA256, nonce, 1, true},
		{0, SHA256, nonce, 1, false},
		{0, SHA512256, nonce, 2, true},
		{0, SHA256, nonce, 100, true},
		{0, SHA256, nonce, 99, true},
		{0, SHA256, nonce, 99, false},
		{0, SHA256, nonce, 37, true},
		{0, SHA256, nonce, 36, false},
		{0, SHA256, other, 1, false},
		{0, SHA256, "x", 1, false},
		{nonceLifetime - 1, SHA256, nonce, 101, true},
		{1, SHA256, nonce, 102, false},
	} {
		now = now.Add(x.after)
		r := sent("GET", "/a", client(s, realm, x.algorithm, x.nonce, x.count, "GET", "/a"))
		c, _ := Of(r.Header)
		if c == nil || !c.Match(r, realm, s) {
			t.Fatalf("%d: does not match", i)
		}
		if got := server.Verify(c, r, realm, s); got != x.want {
			t.Errorf("%d: verified %t, expected %t", i, got, x.want)
		}
	}
}

// TestNonces demands that no nonce can be used twice, however many are, in little memory.
func TestNonces(t *testing.T) {
	now := time.Unix(1e9, 0)
	n := newNonces(func() time.Time { return now })
	var used []string
	for range 3 * mostUsed {
		now = now.Add(time.Microsecond)
		nonce := n.next()
		if !n.take(nonce, 1) {
			t.Fatal("a new nonce is refused")
		}
		used = append(used, nonce)
	}
	if len(n.used) > mostUsed {
		t.Errorf("%d nonces are remembered", len(n.used))
	}
	for _, nonce := range used {
		if n.take(nonce, 1) {
			t.Fatal("a nonce was used twice")
		}
	}
	now = now.Add(nonceLifetime)
	for range mostUsed {
		n.take(n.next(), 1)
	}
	if now = now.Add(nonceLifetime); !n.take(n.next(), 1) || len(n.used) != 1 {
		t.Errorf("%d nonces that are too old are remembered", len(n.used)-1)
	}
}

// TestWindow demands that no count is taken twice, and that those in order all are.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		seen := map[uint32]bool{}
		highest := uint32(0)
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			count := uint32(rapid.IntRange(max(1, int(highest)-80), int(highest)+80).Draw(t, "count"))
			took := w.take(count)
			if took && seen[count] || !took && !seen[count] && count+64 > highest {
				t.Fatalf("count %d of %d: taken %t, seen %t", count, highest, took, seen[count])
			}
			seen[count] = seen[count] || took
			highest = max(highest, count)
		}
	})
}

// TestSecret demands that what is kept can be read again, and nothing else.
func TestSecret(t *testing.T) {
	s := secret(t, "ann", "alto", "p:w")
	if got, err := Parse(s.String()); err != nil || got.String() != s.String() {
		t.Errorf("%s: %v", got, err)
	}
	if strings.Contains(s.String(), "p:w") {
		t.Error("the password is kept")
	}
	for _, text := range []string{"", "ann", s.String() + ":", s.String()[1:][2:], strings.ToUpper(s.String()), s.String()[:len(s.String())-1], strings.Repeat("a", 513) + s.String()[3:]} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is read as %q", text, got)
		}
	}
	for _, x := range [][2]string{{"", "p"}, {"a:b", "p"}, {"a\n", "p"}, {"a", strings.Repeat("p", 513)}, {"a", "\xff"}} {
		if _, err := New(x[0], "alto", x[1]); err == nil || strings.Contains(err.Error(), "ppp") {
			t.Errorf("%q: %v, expected an error without the password", x[0], err)
		}
	}
}

// FuzzCredentials demands that no header is the cause of a panic, or matches.
func FuzzCredentials(f *testing.F) {
	f.Add(rfcHeader("6cb6c1", "6cb6c2"))
	f.Add(`Digest username*=UTF-8''a%20b, nc=00000001, cnonce=c, nonce=n, qop=auth, algorithm=SHA-512-256`)
	f.Add(`Digest a="\`)
	f.Add(`Digest a=b c`)
	s := secret(f, "Mufasa", realm, "another password")
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "/dir/index.html", nil)
		r.Header.Set("Authorization", header)
		c, malformed := Of(r.Header)
		if c != nil && (malformed || c.Match(r, realm, s)) {
			t.Errorf("%q: malformed %t", header, malformed)
		}
	})
}
