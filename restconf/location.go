package restconf

import (
	"net/http"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// baseURL is scheme, host and API root as the client of r sees them.
func (s *Server) baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + s.o.Root
}

// location is the URL of the data resource at path.
func (s *Server) location(r *http.Request, v view, path tree.Path) string {
	return string(appendPath([]byte(s.baseURL(r)+v.root()), path))
}

// appendPath appends the api-path of a data resource: what parsePath reads.
func appendPath(dst []byte, path tree.Path) []byte {
	var module *yang.Module
	for _, st := range path {
		dst = append(dst, '/')
		if st.Schema.Module != module {
			module = st.Schema.Module
			dst = append(append(dst, module.Name...), ':')
		}
		dst = append(dst, st.Schema.Name...)
		for i, v := range st.Keys {
			separator := byte(',')
			if i == 0 {
				separator = '='
			}
			dst = appendEscaped(append(dst, separator), v.String())
		}
	}
	return dst
}

// appendEscaped percent-encodes all but the unreserved characters (RFC 3986
// Section 2.3).
func appendEscaped(dst []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}
