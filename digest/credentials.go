package digest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Credentials are those of a request. They prove nothing yet.
type Credentials struct {
	Username  string
	realm     string
	nonce     string
	uri       string
	algorithm string
	response  string
	cnonce    string
	nc        string // eight hexadecimal digits
}

// Of returns the Digest credentials of a request's header. malformed tells that there are
// some that this server could never accept.
func Of(h http.Header) (c *Credentials, malformed bool) {
	scheme, params, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return nil, false
	}
	c = parse(params)
	return c, c == nil
}

// parse reads the parameters of RFC 7616 Section 3.4, nil where they are not those that
// the challenges ask for.
func parse(text string) *Credentials {
	p, ok := parameters(text)
	if !ok {
		return nil
	}
	c := &Credentials{
		Username: p["username"], realm: p["realm"], nonce: p["nonce"], uri: p["uri"], algorithm: p["algorithm"],
		response: strings.ToLower(p["response"]), cnonce: p["cnonce"], nc: p["nc"],
	}
	if i := slices.IndexFunc(algorithms, func(a string) bool { return strings.EqualFold(a, c.algorithm) }); i >= 0 {
		c.algorithm = algorithms[i]
	} else {
		return nil
	}
	if extended, given := p["username*"]; given { // RFC 8187 Section 3.2
		charset, rest, _ := strings.Cut(extended, "'")
		_, encoded, _ := strings.Cut(rest, "'")
		name, err := url.PathUnescape(encoded)
		if err != nil || !strings.EqualFold(charset, "UTF-8") || !utf8.ValidString(name) || p["username"] != "" {
			return nil
		}
		c.Username = name
	}
	if _, err := c.count(); err != nil || c.Username == "" || c.nonce == "" || c.cnonce == "" || p["qop"] != "auth" || strings.EqualFold(p["userhash"], "true") {
		return nil
	}
	return c
}

// count is how often the client has used the nonce, at least 1.
func (c *Credentials) count() (uint32, error) {
	n, err := strconv.ParseUint(c.nc, 16, 32)
	if err == nil && (len(c.nc) != 8 || n == 0) {
		err = strconv.ErrSyntax
	}
	return uint32(n), err
}

// parameters reads auth-params (RFC 9110 Section 11.2), none twice.
func parameters(text string) (map[string]string, bool) {
	const most = 32
	found := make(map[string]string)
	for {
		text = strings.TrimLeft(text, ", \t")
		if text == "" {
			return found, true
		}
		name, rest, ok := strings.Cut(text, "=")
		name = strings.ToLower(strings.TrimRight(name, " \t"))
		if _, twice := found[name]; !ok || twice || name == "" || len(found) == most || strings.ContainsAny(name, " \t,\"") {
			return nil, false
		}
		var value string
		if value, text, ok = parameterValue(strings.TrimLeft(rest, " \t")); !ok {
			return nil, false
		}
		found[name] = value
	}
}

// parameterValue reads a token or a quoted-string (RFC 9110 Sections 5.6.2 and 5.6.4)
// up to the next comma.
func parameterValue(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ",")
		value = strings.TrimRight(value, " \t")
		return value, rest, value != "" && !strings.ContainsAny(value, " \t\"")
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			rest = strings.TrimLeft(text[i+1:], " \t")
			return b.String(), rest, rest == "" || rest[0] == ','
		case '\\':
			if i++; i == len(text) {
				return "", "", false
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}
