package restconf

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// request is one request being answered.
type request struct {
	*Server
	w       http.ResponseWriter
	r       *http.Request
	user    datastore.User
	session *datastore.Session
	res     resource
	params  parameters
	out     encoding           // of the answer
	takes   bool               // the client accepts YANG data in that encoding
	list    bool               // the answer is in listMediaType
	outcome *datastore.Outcome // of a dry run, else nil
	tried   func()             // ends the dry run; nil where there is none
}

// serve answers a request. What comes before the resource is looked for is done.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	q := &request{Server: s, w: w, r: r}
	q.answer(func() error {
		find, rest, open := s.route(rawPath(r.URL))
		if open {
			return q.resolve(find, rest)
		}
		return q.authenticated(find, rest)
	})
}

// answer answers with what serve does, or with its error.
func (q *request) answer(serve func() error) {
	q.w.Header()["Cache-Control"] = noCache
	q.out, q.takes = negotiate(q.r.Header)
	if err := serve(); err != nil {
		q.fail(err)
	}
}

var noCache = []string{"no-cache"}

// authenticated answers requests of users, each in a Session.
func (q *request) authenticated(find resolver, rest string) error {
	if err := q.authenticate(); err != nil {
		return err
	}
	leave, err := q.begin()
	if err != nil {
		return err
	}
	defer leave()
	q.session = q.store.NewSession(q.user, datastore.Source{Protocol: "restconf", Address: peer(q.r)})
	defer q.session.Close()
	defer q.session.ReleaseBody()
	defer q.session.ReleaseAnswer()
	defer q.endDryRun()
	return q.resolve(find, rest)
}

// peer is the address of the client without its port.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// resolve finds the resource and lets its method answer.
func (q *request) resolve(find resolver, rest string) (err error) {
	if q.res, err = find(q.Server, rest); err != nil {
		return err
	}
	m, ok := q.res.methods[q.r.Method]
	switch {
	case q.r.Method == http.MethodHead:
		m, ok = q.res.methods[http.MethodGet]
	case q.r.Method == http.MethodOptions:
		m, ok = method{do: (*request).options}, true
	}
	if !ok {
		return q.notAllowed()
	}
	if q.params, err = parseQuery(q.r.URL.RawQuery, m.params); err != nil {
		return err
	}
	if !q.acceptable() {
		return q.notAcceptable()
	}
	return m.do(q)
}

// rawPath is the path as the client wrote it. EscapedPath is that only while all
// characters are those that URIs may have, and the double quote of the example in
// RFC 8040 Section 3.5.3 is none.
func rawPath(u *url.URL) string {
	if u.RawPath != "" {
		return u.RawPath
	}
	return u.EscapedPath()
}

func (q *request) notAllowed() error {
	e := rpcerr.NewProtocol(rpcerr.OperationNotSupported, "this resource does not support %s; it supports %s",
		clip(q.r.Method), q.res.methods.allow())
	if path := q.res.path; q.res.operation == nil && several(path) && path.Schema().Config {
		e.Message += fmt.Sprintf("; to edit one entry name it as %s, to create one POST to its parent", keyForm(path.Schema()))
		e.Path = path.String()
	}
	return &statusError{e, http.StatusMethodNotAllowed, http.Header{"Allow": {q.res.methods.allow()}}}
}

// acceptable tells whether the client takes what the answer can be.
func (q *request) acceptable() bool {
	if q.r.Method == http.MethodOptions || q.res.media == anyMedia {
		return true
	}
	if q.res.media != "" {
		return accepts(q.r.Header, q.res.media)
	}
	return q.takes || several(q.res.path) && q.prefersList()
}

// anyMedia marks a resource that chooses its media type itself.
const anyMedia = "*"

func (q *request) notAcceptable() error {
	offer := q.res.media
	if offer == "" {
		offer = strings.Join(mediaTypes, " and ")
		if several(q.res.path) {
			offer += " and " + listMediaType
		}
	}
	e := rpcerr.NewProtocol(rpcerr.InvalidValue, "Accept is %q; this resource offers %s",
		clip(strings.Join(q.r.Header.Values("Accept"), ", ")), offer)
	return &statusError{err: e, code: http.StatusNotAcceptable}
}
