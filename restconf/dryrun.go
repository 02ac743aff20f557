package restconf

import (
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
)

// dryRunParam is the query parameter of edits of running that are to be tried only. It
// is ours, hence announced by a capability (RFC 8040 Section 4.8).
const (
	dryRunParam      = "dry-run"
	dryRunCapability = "urn:altoam:restconf:capability:dry-run:1.0"
)

// dryRun is where the outcome of the edit goes if it is to be tried only, else nil.
func (q *request) dryRun() (*datastore.Outcome, error) {
	text, asked := q.params[dryRunParam]
	switch {
	case !asked:
		return nil, nil
	case text != "":
		return nil, badQuery("dry-run is %q; it takes no value", clip(text))
	case q.o.Report == nil:
		return nil, badQuery("dry-run is not supported: the server does not implement the module %s", historyModule)
	case q.res.view.edits() != datastore.Running:
		return nil, badQuery("dry-run is for edits of running: an edit of %s can be discarded", q.res.view.edits())
	}
	return &datastore.Outcome{}, nil
}

// made answers an edit that was made with that status code and no body, and one that
// was tried with what it would do.
func (q *request) made(code int) error {
	if q.outcome == nil {
		q.w.WriteHeader(code)
		return nil
	}
	out, err := q.o.Report(q.r.Context(), q.session, q.outcome)
	q.endDryRun()
	if err != nil {
		return err
	}
	return q.sendTree(out.Schema().Module, "output", out, codec.EncodeOptions{})
}

// startDryRun waits for the turn of a dry run; endDryRun is called when its outcome is
// told.
func (q *request) startDryRun() (err error) {
	q.tried, err = q.session.StartDryRun(q.r.Context())
	return err
}

// endDryRun gives up the outcome. Without a dry run, and again, it does nothing.
func (q *request) endDryRun() {
	if q.tried != nil {
		q.tried()
		q.outcome = &datastore.Outcome{}
	}
}
