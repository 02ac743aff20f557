package restconf

import (
	"net/http"

	"github.com/altoam/altoam/datastore/tree"
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
	return string(path.AppendURI([]byte(s.baseURL(r) + v.root())))
}
