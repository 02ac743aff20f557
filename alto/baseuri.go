package alto

import (
	"net/url"
	"strings"
)

// baseURI is what the URIs of all resources start from.
type baseURI struct {
	origin string // scheme and authority; "": the IRD's URIs are absolute paths
	path   string // decoded, with a slash at both ends
}

// parseBaseURI accepts "", an absolute path, or an http or https URI without
// query and fragment; a slash is added where the last segment would else be lost
// in resolving (RFC 3986 Section 5.2.3).
func parseBaseURI(s string) (baseURI, error) {
	fail := func(reason string) (baseURI, error) {
		return baseURI{}, configError("", FieldBaseURI, s, "%q %s", s, reason)
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return fail("is not a URI")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" || u.User != nil:
		return fail("has more than scheme, host, port and path")
	case u.Scheme == "" && u.Host == "" && (u.Path == "" || strings.HasPrefix(u.Path, "/")):
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
	default:
		return fail("is neither an http or https URI with a host nor an absolute path")
	}
	b := baseURI{path: u.Path}
	if u.Host != "" {
		b.origin = u.Scheme + "://" + u.Host
	}
	if !strings.HasSuffix(b.path, "/") {
		b.path += "/"
	}
	return b, nil
}

// uri returns the URI of a path below the base.
func (b baseURI) uri(path string) string { return b.origin + escapePath(b.path+path) }

// escapePath percent-encodes all but the unreserved characters of RFC 3986
// Section 2.3 and the slash, so ':' and '@' of resource IDs too.
func escapePath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if isAlphanumeric(c) || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// validPath reports whether a path below the base is usable: no empty segment
// and none that a client would resolve away.
func validPath(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}
