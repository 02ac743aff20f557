package alto

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// updatesGraphSegment is that of the path of a view below which its edges are (RFC 9569
// Section 4.2).
const updatesGraphSegment = "/ug"

// poll is a request that waits for an update to come.
type poll struct {
	view    *tipsView
	news    <-chan struct{}
	service TIPS
	clients []string // that the request is from
}

// edgeError refuses a request for an update item (RFC 9569 Section 7.2).
func edgeError(status int, field string, seq int) *protocolError {
	e := invalidValue(field, strconv.Itoa(seq))
	e.status = status
	return e
}

// noSuchView refuses a request for a view that there is not, or no longer.
func noSuchView(token string) *protocolError {
	e := invalidValue("tips-view-uri", token)
	e.status = http.StatusNotFound
	return e
}

// belowTIPS splits the path of a request for a view or an edge of one: the service, the
// view's token, and what follows the updates graph's segment. n is nil where it is none.
func (s *Snapshot) belowTIPS(path string) (n *served, token, rest string) {
	i := strings.LastIndex(path, updatesGraphSegment)
	if i < 0 {
		return nil, "", ""
	}
	below, ok := strings.CutPrefix(path[:i], s.base.path)
	slash := strings.LastIndexByte(below, '/')
	if rest = path[i+len(updatesGraphSegment):]; !ok || slash < 0 || rest != "" && rest[0] != '/' || s.at(path[len(s.base.path):]) != nil {
		return nil, "", ""
	}
	if n = s.at(below[:slash]); n == nil || n.media != MediaTIPS {
		return nil, "", ""
	}
	return n, below[slash+1:], rest
}

// pull answers a request for an edge of a view of service n, or for the next one to take.
func (s *Server) pull(snapshot *Snapshot, n *served, token, rest string, w http.ResponseWriter, r *http.Request, h *hold) (*response, *served) {
	who, refused := snapshot.admit(r, n, h.rates)
	if refused != nil {
		return refused, n
	}
	service := n.Service.(TIPS).withDefaults()
	find := func() (*tipsView, *protocolError) {
		if v := s.views.at(n.ID, token, s.sinceStart(), service.IdleTimeout); v != nil {
			return v, nil
		}
		return nil, noSuchView(token)
	}
	var resp *response
	if rest == "" {
		resp = snapshot.exchange(w, r, MediaMergePatch, MediaTIPSParams, func() (*answer, *protocolError) {
			v, e := find()
			if e != nil {
				return nil, e
			}
			params, e := snapshot.readParameters(w, r, h)
			if e != nil {
				return nil, e
			}
			return v.nextEdge(params)
		})
	} else {
		resp = snapshot.exchange(w, r, "", "", func() (*answer, *protocolError) {
			v, e := find()
			if e != nil {
				return nil, e
			}
			return v.pull(rest, service, r.Header)
		})
	}
	resp.clients = who.clients
	if resp.answer != nil {
		resp.header.Set("Cache-Control", "no-store")
		resp.through(n)
		if resp.answer.polls != nil {
			resp.answer.polls.clients = who.clients
		}
	}
	return resp, n
}

// pull answers for the edge that path, "/FROM/TO", names.
func (v *tipsView) pull(path string, service TIPS, h http.Header) (*answer, *protocolError) {
	e, ok := readEdge(path)
	if !ok {
		wrong := invalidValue("seq-i", path[1:])
		wrong.status = http.StatusNotFound
		return nil, wrong
	}
	item, news, refusal := v.look(e, service.PollAhead)
	if item == nil {
		v.extend()
		item, news, refusal = v.look(e, service.PollAhead)
	}
	switch {
	case refusal != nil:
		return nil, refusal
	case item == nil:
		return &answer{polls: &poll{view: v, news: news, service: service}}, nil
	case !acceptable(h, item.media):
		wrong := invalidValue("media-type", item.media)
		wrong.status = http.StatusUnsupportedMediaType
		return nil, wrong
	}
	return item.answer(), nil
}

// readEdge reads "/FROM/TO", two numbers without leading zeros.
func readEdge(path string) (e edge, ok bool) {
	from, to, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if e.from, ok = readSequence(from); ok {
		e.to, ok = readSequence(to)
	}
	return e, ok
}

// readSequence reads a sequence number of at most 15 digits, which a JSON number holds.
func readSequence(text string) (n int, ok bool) {
	v, err := strconv.ParseUint(text, 10, 63)
	return int(v), err == nil && len(text) <= 15 && strconv.FormatUint(v, 10) == text
}

// nextEdge answers a request for the next edge to take (RFC 9569 Section 7.4).
func (v *tipsView) nextEdge(params parameters) (*answer, *protocolError) {
	tag, e := readNextEdge(v.key.resource, params)
	if e != nil {
		return nil, e
	}
	v.extend()
	summary, ok := v.summary(tag)
	if !ok {
		return nil, noSuchView(v.token)
	}
	return &answer{media: MediaMergePatch, body: append(append([]byte(`{"tips-view-summary":`), summary...), '}')}, nil
}

// openTIPS answers a request to open a view (RFC 9569 Section 6.2), which the service n of e
// has read. resp is a success without a body.
func (s *Server) openTIPS(e *epoch, n *served, resp *response, r *http.Request) *response {
	wanted := resp.answer.views
	v, failure := s.openView(e, n, wanted)
	if failure != nil {
		return refusal(failure)
	}
	v.extend()
	summary, ok := v.summary(wanted.tag)
	if !ok {
		return unavailable(noLimit, "1") // it has ended while it was opened
	}
	b := appendString([]byte(`{"tips-view-uri":`), viewURI(e.snapshot.base, r, n.path()+"/"+v.token))
	b = append(append(b, `,"tips-view-summary":`...), summary...)
	resp.answer = &answer{media: MediaTIPS, body: append(b, '}')}
	resp.header.Set("Cache-Control", "no-store")
	return resp
}

// viewURI returns an absolute URI, as a client wants it: with the host that it has asked
// where the base URI has none.
func viewURI(base baseURI, r *http.Request, path string) string {
	if base.origin == "" {
		base.origin = "http://" + r.Host
		if r.TLS != nil {
			base.origin = "https://" + r.Host
		}
	}
	return base.uri(path)
}

// clientGone is the status that a request counts with which the client gave up.
const clientGone = 499

// await answers a request that waits, once there is something to answer it with, from the
// epoch of then; began is when that was.
func (s *Server) await(p *poll, w http.ResponseWriter, r *http.Request, h *hold) (e *epoch, resp *response, n *served, began time.Duration) {
	done := func(resp *response) (*epoch, *response, *served, time.Duration) {
		e := s.epoch.Load()
		return e, resp.by(p.clients), e.snapshot.byID.At(p.view.key.service), s.sinceStart()
	}
	if !s.views.enter(p.view, p.service.MaxWaiting) {
		return done(refusal(&protocolError{status: http.StatusTooManyRequests, limit: LimitPolls}))
	}
	defer func() { s.views.leave(p.view, s.sinceStart()) }()
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // that of the request would end the waiting
	_ = control.SetWriteDeadline(time.Now().Add(p.service.PollTimeout + answerTimeout))
	timeout := time.NewTimer(p.service.PollTimeout)
	defer timeout.Stop()
	for {
		select {
		case <-p.news:
		case <-timeout.C:
			return done(status(http.StatusTooEarly))
		case <-drainingOf(r.Context()):
			return done(unavailable(noLimit, "1"))
		case <-r.Context().Done():
			return done(status(clientGone))
		}
		e, began = s.epoch.Load(), s.sinceStart()
		h.rates = nil // it has taken from them
		if resp, n = s.respond(e, w, r, h); resp.answer == nil || resp.answer.polls == nil {
			return e, resp, n, began
		}
		p = resp.answer.polls
	}
}
