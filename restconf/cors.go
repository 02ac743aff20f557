package restconf

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// cors says which web pages of other origins may use the server (WHATWG Fetch
// Standard, CORS protocol): none as long as it is zero.
type cors struct {
	all         bool
	origins     map[string]bool
	credentials bool
	maxAge      string // seconds
}

// What pages need to use all of RESTCONF.
var (
	corsMethods = strings.Join([]string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}, ", ")
	corsRequest = strings.Join([]string{
		"Authorization", "Accept", "Content-Type", "Content-Encoding", "If-Match", "If-None-Match", "If-Modified-Since",
		"If-Unmodified-Since", "Last-Event-ID", "Cache-Control", headerComment, headerLabel, headerBase,
	}, ", ")
	corsResponse = strings.Join([]string{
		"ETag", "Last-Modified", "Location", "Retry-After", "Allow", "Accept-Patch", "WWW-Authenticate", headerCommit,
	}, ", ")
)

// readCORS reads restconf-cors of a configuration.
func readCORS(t *tree.Tree, container *yang.Node) cors {
	c := cors{origins: map[string]bool{}}
	n := t.Root().Child(container)
	if n == nil {
		return c
	}
	for e := range n.Entries(container.Child(policyModule, "origin")) {
		c.origins[e.Value().String()] = true
	}
	c.all = c.origins["*"]
	c.credentials, _ = leafOf(t, container, "credentials").Bool()
	age, _ := leafOf(t, container, "max-age").Uint()
	c.maxAge = strconv.FormatUint(age, 10)
	return c
}

// on tells whether any page of another origin may use the server.
func (c *cors) on() bool { return len(c.origins) > 0 }

// allows tells whether pages of the origin may use the server.
func (c *cors) allows(origin string) bool { return origin != "" && (c.all || c.origins[origin]) }

// mark tells the browser whether the page may read the answer.
func (c *cors) mark(h http.Header, origin string) {
	if !c.on() {
		return
	}
	if !c.all {
		h.Add("Vary", "Origin") // with and without one: answers may be kept for others
	}
	if !c.allows(origin) {
		return
	}
	h.Set("Access-Control-Expose-Headers", corsResponse)
	if c.all {
		h.Set("Access-Control-Allow-Origin", "*")
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if c.credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}

// preflight answers the question of a browser whether a page may send a request: it
// has no credentials. ok is false for all other requests, and those of pages that may
// not.
func (c *cors) preflight(w http.ResponseWriter, r *http.Request) (ok bool) {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || !c.allows(r.Header.Get("Origin")) {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	h.Del("Access-Control-Expose-Headers")
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsRequest)
	h.Set("Access-Control-Max-Age", c.maxAge)
	w.WriteHeader(http.StatusNoContent)
	return true
}

// foreign refuses a request that could change something and that a browser sends for a
// page of an origin that may not: it might carry a remembered password or client
// certificate, and before a POST that a form could send no browser asks.
func (s *Server) foreign(r *http.Request, c *cors) error {
	asked := c.credentials || r.Method != http.MethodPost || strings.HasPrefix(r.Header.Get("Content-Type"), "application/yang-")
	switch {
	case s.sameOrigin.Check(r) == nil || c.allows(r.Header.Get("Origin")) && asked:
		return nil
	case c.allows(r.Header.Get("Origin")):
		return rpcerr.NewProtocol(rpcerr.AccessDenied, "a page of another origin must send Content-Type %s, also without a message body", inJSON.mediaType())
	}
	return rpcerr.NewProtocol(rpcerr.AccessDenied, "pages of another origin may not send this; restconf-cors of altoam-restconf says which may")
}
