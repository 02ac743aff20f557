package client

import (
	"crypto/md5" // #nosec G501 -- upstream servers that know no other digest (RFC 7616)
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"strings"
	"sync"
)

// nonce is the challenge of HTTP Digest that a client answers at present (RFC 7616
// Section 3.3), and how often it has. It is safe for concurrent use.
type nonce struct {
	mu    sync.Mutex
	given map[string]string // parameters of the challenge; nil: none yet
	count uint32
}

// algorithms are those of RFC 7616 Section 3.3 without sessions; MD5 for servers that
// know no better.
var algorithms = map[string]func() hash.Hash{"SHA-512-256": sha512.New512_256, "SHA-256": sha256.New, "MD5": md5.New}

// take keeps the first challenge of WWW-Authenticate that can be answered, and tells
// whether to ask again: where the credentials sent were refused, only if their nonce is
// to blame.
func (n *nonce) take(challenges []string, sent bool) bool {
	for _, c := range parseChallenges(challenges) {
		algorithm := c.parameters["algorithm"]
		if algorithm == "" {
			algorithm = "MD5"
		}
		if c.scheme != "digest" || c.parameters["nonce"] == "" || !hasToken(c.parameters["qop"], "auth") {
			continue
		}
		c.parameters["algorithm"] = strings.ToUpper(algorithm)
		if algorithms[c.parameters["algorithm"]] == nil {
			continue
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.given, n.count = c.parameters, 0
		return !sent || strings.EqualFold(c.parameters["stale"], "true")
	}
	return false
}

func hasToken(list, token string) bool {
	for element := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(element), token) {
			return true
		}
	}
	return false
}

// authorization answers the challenge for one request, "" where there is none (RFC 7616
// Section 3.4).
func (n *nonce) authorization(user, password, method, target string) string {
	n.mu.Lock()
	given := n.given
	n.count++
	count := fmt.Sprintf("%08x", n.count)
	n.mu.Unlock()
	if given == nil {
		return ""
	}
	digest := func(parts ...string) string {
		h := algorithms[given["algorithm"]]()
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	cnonce := rand.Text()
	response := digest(digest(user, given["realm"], password), given["nonce"], count, cnonce, "auth", digest(method, target))
	b := new(strings.Builder)
	fmt.Fprintf(b, `Digest %s, realm=%s, nonce=%s, uri=%s, algorithm=%s, response="%s", qop=auth, nc=%s, cnonce="%s"`,
		username(user), quoted(given["realm"]), quoted(given["nonce"]), quoted(target), given["algorithm"], response, count, cnonce)
	if opaque, ok := given["opaque"]; ok {
		b.WriteString(", opaque=" + quoted(opaque))
	}
	return b.String()
}

// username is the parameter of that name, in the extended form where it is not ASCII
// (RFC 7616 Section 3.4, RFC 8187 Section 3.2).
func username(name string) string {
	for _, c := range name {
		if c < ' ' || c > '~' {
			return "username*=UTF-8''" + url.PathEscape(name)
		}
	}
	return "username=" + quoted(name)
}

func quoted(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }
