package netconf

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// createSubscriptionOp is <create-subscription> (RFC 5277 Section 2.1.1). Events are
// sent from behind the reply on.
func createSubscriptionOp(r *request) (action, error) {
	var f query.EventFilter
	in, err := r.params(map[string]stream{"filter": r.readEventFilter(&f)})
	if err != nil {
		return nil, err
	}
	q := notify.Request{Stream: text(in, "stream")}
	if q.Start, q.Stop, err = r.interval(in); err != nil {
		return nil, err
	}
	return func(context.Context) (*reply, error) {
		if r.subscribed() {
			return nil, rpcerr.NewProtocol(rpcerr.OperationFailed, "the session has a subscription already, which goes on")
		}
		if f != nil {
			q.Filter = r.matcher(f)
		}
		s, err := r.data.Subscribe(q)
		if errors.Is(err, notify.ErrNoStream) {
			return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "there is no event stream %.80q", q.Stream)
		} else if err != nil {
			return nil, err
		}
		r.subscription = s
		return nil, nil
	}, nil
}

// interval returns the parameters startTime and stopTime, zero where absent.
func (r *request) interval(in *tree.Node) (start, stop time.Time, err error) {
	if start, err = dateTime(in, "startTime"); err != nil {
		return start, stop, err
	}
	if stop, err = dateTime(in, "stopTime"); err != nil {
		return start, stop, err
	}
	switch {
	case start.IsZero() && !stop.IsZero():
		err = missingElement("startTime", "stopTime needs startTime")
	case start.After(r.o.Now()):
		err = badElement("startTime", "startTime lies in the future")
	case !stop.IsZero() && !stop.After(start):
		err = badElement("stopTime", "stopTime must be later than startTime")
	}
	return start, stop, err
}

// dateTime is the value of a parameter of type yang:date-and-time.
func dateTime(in *tree.Node, name string) (time.Time, error) {
	value := text(in, name)
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil { // the pattern lets more through than there are days
		return time.Time{}, badElement(name, "%s is no date and time", value)
	}
	return t, nil
}

// readEventFilter returns the stream that reads <filter>, of type subtree or xpath as
// that of <get> (RFC 5277 Section 2.1.1).
func (r *request) readEventFilter(f *query.EventFilter) stream {
	return func(start codec.XMLToken, _ *tree.Node) (err error) {
		if *f != nil {
			return badElement("filter", "a subscription has one filter")
		}
		expression, isXPath, err := r.filterType(start)
		if err != nil {
			return err
		}
		if !isXPath {
			*f, err = query.ParseSubtree(r.x, r.schema)
			return err
		}
		o := yang.XPathOptions{Resolve: r.x.PathResolver(r.schema).ModuleOf, Default: yang.AnyModule}
		if *f, err = query.CompileEventXPath(expression, o, r.store.Validator().Model(), r.o.XPath); err != nil {
			return err
		}
		content, err := r.x.Text()
		if err == nil && strings.TrimSpace(content) != "" {
			err = badElement("filter", "a filter of type xpath must be empty")
		}
		return err
	}
}
