package restconf

import (
	"net/http"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// vary is what of a request all answers depend on; it must not be changed.
var vary = []string{"Accept, Accept-Encoding"}

// enter does what comes before the resource of a request is looked for. It tells whether
// the request is to be answered still.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) bool {
	p, h := s.policy.Load(), w.Header()
	h["Vary"] = vary
	p.cors.mark(h, r.Header.Get("Origin"))
	err := s.admit(r, &p.limits)
	if err == nil {
		err = s.suits(r, p)
	}
	if err == nil {
		return !p.cors.preflight(w, r)
	}
	q := &request{Server: s, w: w, r: r}
	q.answer(func() error { return err })
	return false
}

// suits refuses what no resource takes.
func (s *Server) suits(r *http.Request, p *policy) error {
	if err := s.foreign(r, &p.cors); err != nil {
		return err
	}
	if _, ok := wishes(r.Header); !ok {
		e := rpcerr.NewProtocol(rpcerr.InvalidValue, "Accept-Encoding is %q; this server offers %s and what is not encoded",
			clip(strings.Join(r.Header.Values("Accept-Encoding"), ", ")), codingNames())
		return &statusError{err: e, code: http.StatusNotAcceptable}
	}
	return nil
}
