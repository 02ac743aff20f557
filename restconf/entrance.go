package restconf

import (
	"net/http"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// vary is what of a request all answers depend on; it must not be changed.
var vary = []string{"Accept, Accept-Encoding"}

// enter does what comes before the resource of a request is looked for. It tells whether
// the request is to be answered still, and then the caller calls leave afterwards.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) (leave func(), ok bool) {
	p, h := s.policy.Load(), w.Header()
	h["Vary"] = vary
	p.cors.mark(h, r.Header.Get("Origin"))
	leave, err := s.admit(r, &p.limits)
	if err == nil {
		if err = s.suits(r, p); err == nil {
			if !p.cors.preflight(w, r) {
				return leave, true
			}
			leave()
			return nil, false
		}
		leave()
	}
	q := &request{Server: s, w: w, r: r}
	q.answer(func() error { return err })
	return nil, false
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
