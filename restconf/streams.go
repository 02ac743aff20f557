package restconf

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/xpath"
)

// eventMedia is the media type of event streams (RFC 8040 Section 6.3).
const eventMedia = "text/event-stream"

// streamParams are the parameters of subscriptions (RFC 8040 Sections 4.8.4, 4.8.7
// and 4.8.8).
var streamParams = []string{"filter", "start-time", "stop-time"}

// access are the names of the encodings in the URLs of event streams and in
// ietf-restconf-monitoring.
var access = [...]string{inJSON: "json", inXML: "xml"}

// streamPath is the path of an event stream behind {+restconf}.
func streamPath(name string, e encoding) string {
	return "/streams/" + url.PathEscape(name) + "/" + access[e]
}

// streamResource resolves {+restconf}/streams/NAME/ENCODING (RFC 8040 Section 3.8).
func streamResource(s *Server, rest string) (resource, error) {
	for _, stream := range s.store.Events().Streams() {
		for e := range access {
			if rest != strings.TrimPrefix(streamPath(stream.Name, encoding(e)), "/streams") {
				continue
			}
			get := func(q *request) error { return q.subscribe(stream.Name, encoding(e)) }
			return resource{media: eventMedia, methods: methods{http.MethodGet: {get, streamParams}}}, nil
		}
	}
	return resource{}, rpcerr.NewProtocol(rpcerr.InvalidValue, "there is no such event stream; ietf-restconf-monitoring lists them").
		WithReason(rpcerr.NoSuchSchema)
}

// subscribe answers with the events of a stream.
func (q *request) subscribe(stream string, e encoding) error {
	if err := q.permits("notifications", "create-subscription"); err != nil {
		return err
	}
	r, err := q.subscription(stream)
	if err != nil {
		return err
	}
	if q.r.Method == http.MethodHead {
		q.w.Header().Set("Content-Type", eventMedia)
		q.w.WriteHeader(http.StatusOK)
		return nil
	}
	leave, err := q.openStream()
	if err != nil {
		return err
	}
	defer leave()
	sub, err := q.session.Subscribe(r)
	if err != nil {
		return err
	}
	defer sub.Close()
	q.deliver(sub, e)
	return nil
}

// subscription reads the parameters. Where a client resumes, by Last-Event-ID, what it
// has seen goes before start-time.
func (q *request) subscription(stream string) (r notify.Request, err error) {
	r.Stream = stream
	if r.Start, r.Stop, err = q.interval(); err != nil {
		return r, err
	}
	if text, ok := q.params["filter"]; ok {
		f, err := query.CompileEventXPath(text, query.ModulePrefixes(q.schema, nil), q.store.Validator().Model(), xpath.Limits{})
		if err != nil {
			return r, badQuery("filter: %s", strings.TrimPrefix(rpcerr.All(err)[0].Message, "XPath filter: "))
		}
		r.Filter = q.matcher(f)
	}
	if ids := q.r.Header.Values("Last-Event-ID"); len(ids) > 0 {
		if r.After, err = strconv.ParseUint(ids[0], 10, 63); err != nil || len(ids) > 1 {
			return r, badHeader("Last-Event-ID: %q is no id of an event", clip(strings.Join(ids, ", ")))
		}
		if r.After > 0 {
			r.Start = time.Time{}
		}
	}
	return r, nil
}

// matcher is the filter of a subscription. An event that an expression cannot judge
// within its limits is not wanted.
func (q *request) matcher(f query.EventFilter) func(*notify.Event) bool {
	return func(e *notify.Event) bool {
		ok, err := f.Matches(context.Background(), e.Path, e.Tree)
		if err != nil {
			q.log.Info("the filter of a subscription fails", "event", e.Node().QName(), "error", err)
		}
		return ok && err == nil
	}
}

// interval reads start-time and stop-time, zero where absent.
func (q *request) interval() (start, stop time.Time, err error) {
	if start, err = q.params.time("start-time"); err != nil {
		return start, stop, err
	}
	if stop, err = q.params.time("stop-time"); err != nil {
		return start, stop, err
	}
	switch {
	case start.IsZero() && !stop.IsZero():
		err = badQuery("stop-time needs start-time")
	case start.After(q.o.Now()):
		err = badQuery("start-time lies in the future")
	case !stop.IsZero() && !stop.After(start):
		err = badQuery("stop-time must be later than start-time")
	}
	return start, stop, err
}

// time is the value of a parameter of type yang:date-and-time.
func (p parameters) time(name string) (time.Time, error) {
	text, ok := p[name]
	if !ok {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.IsZero() {
		return t, badQuery("%s is %q; expected a date and time like 2026-11-22T20:00:00Z", name, clip(text))
	}
	return t, nil
}
