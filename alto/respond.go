package alto

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// response is a whole response, its status final, before anything is written.
type response struct {
	status  int
	header  http.Header
	answer  *answer // nil: no body
	gzip    bool
	clients []string // that the request is from
	limit   Limit    // that was exceeded
}

func status(code int) *response { return &response{status: code, header: make(http.Header)} }

func (r *response) with(key, value string) *response {
	r.header.Set(key, value)
	return r
}

// by notes the clients that the request is from.
func (r *response) by(clients []string) *response {
	r.clients = clients
	return r
}

// through tells which servers the data of n came through.
func (r *response) through(n *served) {
	if n.Via != "" {
		r.header.Set(HeaderPath, n.Via)
	}
}

// respond finds the resource and answers for it; n is nil where no resource is
// meant, as for the root IRD.
func (s *Snapshot) respond(w http.ResponseWriter, r *http.Request, h *hold) (resp *response, n *served) {
	path, ok := strings.CutPrefix(r.URL.Path, s.base.path)
	root := ok && (path == "" || path == s.config.Directory) || r.URL.Path+"/" == s.base.path
	if !root {
		if n = s.at(path); !ok || n == nil {
			return status(http.StatusNotFound), nil
		}
	}
	who, refusal := s.admit(r, n, h.rates)
	if refusal != nil {
		return refusal, n
	}
	q := &query{snapshot: s, roles: who.roles, client: clientOf(r), hold: h}
	defer func() { resp.clients = who.clients }()
	if root {
		resp = s.exchange(w, r, MediaDirectory, "", func() (*answer, *protocolError) { return s.answerDirectory("", q), nil })
		s.invite(r, who, resp)
		return resp, nil
	}
	defer func() { resp.through(n) }()
	resp = s.exchange(w, r, n.media, n.accepts, func() (*answer, *protocolError) {
		if n.answer == nil {
			return n.whole(), nil
		}
		if n.accepts != "" {
			params, e := s.readParameters(w, r, h)
			if e != nil {
				return nil, e
			}
			q.params = params
		}
		return n.answer(q)
	})
	if n.media == MediaDirectory {
		s.invite(r, who, resp)
	}
	return resp, n
}

// admit returns who sent a request, or why it may not use n; it takes from rates, which
// may be nil.
func (s *Snapshot) admit(r *http.Request, n *served, rates *rateBudgets) (who identity, refusal *response) {
	who = s.authenticate(r, n)
	exceeded := rates.take(who.rates)
	switch {
	case exceeded != noLimit:
		refusal = unavailable(exceeded, "1")
	case n == nil || s.accepts(n, who.roles):
		return who, nil
	case who.proven:
		refusal = status(http.StatusForbidden)
	default:
		refusal = status(http.StatusUnauthorized)
		refusal.header["Www-Authenticate"] = s.challenges(r)
	}
	refusal.clients = who.clients
	return who, refusal
}

// authenticate asks who the client is where the answer depends on it, for n or an IRD, or
// where that is always asked. Verifying a password may be slow.
func (s *Snapshot) authenticate(r *http.Request, n *served) identity {
	if s.config.Authenticate == nil {
		return identity{}
	}
	if s.config.Identify {
		return identify(r, s.config.Authenticate)
	}
	if !s.restricted() || n != nil && s.accepts(n, nil) && n.media != MediaDirectory {
		return identity{}
	}
	return identify(r, s.config.Authenticate)
}

// challenges tells a client how it could prove its identity.
func (s *Snapshot) challenges(r *http.Request) []string {
	if s.config.Challenges != nil {
		return s.config.Challenges(r)
	}
	return []string{"Basic realm=" + quoted(s.config.Realm)}
}

// invite tells a client that has not proved who it is that it might see more of a
// directory if it did (RFC 9110 Section 11.6.1): without a challenge it could not use
// HTTP Digest there.
func (s *Snapshot) invite(r *http.Request, who identity, resp *response) {
	if s.config.Authenticate != nil && s.restricted() && !who.proven && resp.status < http.StatusBadRequest {
		resp.header["Www-Authenticate"] = s.challenges(r)
	}
}

// exchange applies the HTTP rules around an answer: method, media types,
// conditions (RFC 9110 Sections 15.5.6, 15.5.7, 15.5.16 and 13.1.2). accepts is
// the media type of the parameters, "" for a resource that answers GET; media is ""
// where a success has no body, and make then returns nil.
func (s *Snapshot) exchange(w http.ResponseWriter, r *http.Request, media, accepts string, make func() (*answer, *protocolError)) *response {
	allow := "GET, HEAD, OPTIONS"
	if accepts != "" {
		allow = "POST, OPTIONS"
	}
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case r.Method == http.MethodOptions:
		return status(http.StatusNoContent).with("Allow", allow)
	case get != (accepts == "") || !get && r.Method != http.MethodPost:
		return status(http.StatusMethodNotAllowed).with("Allow", allow)
	case media != "" && !acceptable(r.Header, media):
		return status(http.StatusNotAcceptable)
	case accepts != "" && !contentTypeIs(r.Header, accepts):
		return status(http.StatusUnsupportedMediaType).with("Accept", accepts)
	case accepts != "" && !slices.Contains([]string{"", "identity"}, r.Header.Get("Content-Encoding")):
		return status(http.StatusUnsupportedMediaType).with("Accept-Encoding", "identity")
	}
	a, e := make()
	if e != nil {
		return refusal(e)
	}
	if a == nil {
		return status(http.StatusNoContent)
	}
	resp := status(http.StatusOK)
	resp.answer = a
	resp.gzip = a.size() >= minCompressed && acceptsGzip(r.Header)
	resp.header.Set("Vary", "Accept, Accept-Encoding")
	if a.private {
		resp.header.Set("Vary", "Accept, Accept-Encoding, Authorization")
	}
	if a.etag != "" {
		resp.header.Set("ETag", `"`+a.etag+`"`)
		if resp.gzip {
			resp.header.Set("ETag", `"`+a.etag+gzipSuffix+`"`)
		}
		resp.header.Set("Cache-Control", "no-cache")
		if a.private {
			resp.header.Set("Cache-Control", "private, no-cache")
		}
		if noneMatch(r.Header, a.etag) {
			resp.status, resp.answer = http.StatusNotModified, nil
		}
	}
	return resp
}

// refusal answers with an error.
func refusal(e *protocolError) *response {
	resp := status(e.status)
	if e.status == http.StatusServiceUnavailable || e.status == http.StatusTooManyRequests {
		resp.header.Set("Retry-After", "60")
	}
	if resp.limit = e.limit; e.code != "" {
		resp.answer = &answer{media: MediaError, body: e.encoded()}
	}
	return resp
}

// readParameters reads the body, within the limits, as a JSON object.
func (s *Snapshot) readParameters(w http.ResponseWriter, r *http.Request, h *hold) (parameters, *protocolError) {
	reader := &heldBody{Reader: http.MaxBytesReader(w, r.Body, s.config.MaxBody), hold: h}
	body, err := io.ReadAll(reader)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return parameters{}, &protocolError{status: http.StatusRequestEntityTooLarge, limit: LimitBody}
	}
	if reader.full {
		return parameters{}, noMemory()
	}
	if err != nil {
		return parameters{}, &protocolError{status: http.StatusBadRequest}
	}
	return parseParameters(body)
}

// clientOf returns the address of the connection, the zero Addr where there is none.
func clientOf(r *http.Request) netip.Addr {
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return client.Addr().Unmap().WithZone("")
}

// quoted writes s as an HTTP quoted-string.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
