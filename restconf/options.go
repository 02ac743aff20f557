package restconf

import (
	"net/http"
	"strings"
)

// options answers OPTIONS (RFC 8040 Section 4.1) from the schema: whether there is
// an instance does not matter.
func (q *request) options() error {
	h := q.w.Header()
	h.Set("Allow", q.res.methods.allow())
	if _, ok := q.res.methods[http.MethodPatch]; ok {
		h.Set("Accept-Patch", strings.Join(q.patchTypes(), ", "))
	}
	h.Set("Content-Length", "0")
	q.w.WriteHeader(http.StatusOK)
	return nil
}
