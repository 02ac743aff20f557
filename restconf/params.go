package restconf

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// parameters are the query parameters of a request (RFC 8040 Section 4.8).
type parameters map[string]string

// known are the query parameters of RFC 8040 Section 4.8 and RFC 8527 Section 3.2.2,
// and ours; those of pages are apart.
var known = []string{"content", "depth", dryRunParam, "fields", "filter", "insert", "point", "start-time", "stop-time", "with-defaults", "with-origin"}

// parseQuery reads the query of a URI; only the allowed parameters may stand
// there, each once. Unlike in HTML forms, "+" and ";" stand for themselves.
func parseQuery(raw string, allowed []string) (parameters, error) {
	out := parameters{}
	for item := range strings.SplitSeq(raw, "&") {
		if item == "" {
			continue
		}
		name, text, _ := strings.Cut(item, "=")
		name, err := url.PathUnescape(name)
		value, err2 := url.PathUnescape(text)
		_, twice := out[name]
		switch {
		case err != nil || err2 != nil || !utf8.ValidString(name) || !utf8.ValidString(value):
			return nil, badQuery("%q is not percent-encoded correctly", clip(item))
		case twice:
			return nil, badQuery("%s is given twice", name)
		case slices.Contains(allowed, name):
			out[name] = value
		case slices.Contains(known, name):
			return nil, badQuery("%s is not supported for this method on this resource", name)
		case slices.Contains(pageParams, name):
			return nil, notPaged(name)
		default:
			return nil, badQuery("there is no parameter %q", clip(name))
		}
	}
	return out, nil
}

func badQuery(format string, args ...any) *rpcerr.Error {
	e := rpcerr.NewProtocol(rpcerr.InvalidValue, format, args...)
	e.Message = "query: " + e.Message
	return e
}

// reading is what the parameters of a retrieval ask for.
type reading struct {
	content query.Content
	depth   int           // 0 for all
	fields  *query.Fields // nil for all
	mode    query.Mode    // with-defaults
	asked   bool          // with-defaults was given
	origin  bool          // with-origin
	sublist int           // sublist-limit, 0 for none
}

// readParams are the parameters of retrievals, apiParams those of the API resource.
var (
	apiParams  = []string{"depth", "fields"}
	readParams = slices.Concat([]string{"content", "with-defaults"}, apiParams, pageParams)
)

// reading reads the parameters of a retrieval.
func (p parameters) reading() (r reading, err error) {
	if text, ok := p["content"]; ok {
		i := slices.Index([]string{"all", "config", "nonconfig"}, text)
		if i < 0 {
			return r, badQuery("content is %q; expected config, nonconfig or all", clip(text))
		}
		r.content = []query.Content{query.All, query.Config, query.NonConfig}[i]
	}
	if text, ok := p["depth"]; ok && text != "unbounded" {
		r.depth, err = strconv.Atoi(text)
		if err != nil || r.depth < 1 || r.depth > 65535 || text[0] == '+' {
			return r, badQuery("depth is %q; expected 1 to 65535 or unbounded", clip(text))
		}
	}
	if text, ok := p["fields"]; ok {
		if r.fields, err = query.ParseFields(text); err != nil {
			return r, err
		}
		r.fields.Depth = r.depth
	}
	if text, ok := p["with-defaults"]; ok {
		if r.mode, r.asked = query.ParseMode(text); !r.asked {
			return r, badQuery("with-defaults is %q; expected report-all, report-all-tagged, trim or explicit", clip(text))
		}
	}
	if text, ok := p["with-origin"]; ok {
		if r.origin = text == ""; !r.origin {
			return r, badQuery("with-origin is %q; it takes no value", clip(text))
		}
	}
	r.sublist, err = p.count("sublist-limit")
	return r, err
}

// inUse makes of the mode what it means for operational (RFC 8527 Section 3.2.1).
func (r *reading) inUse() {
	switch r.mode {
	case query.Explicit:
		r.mode = query.ReportAll
	case query.ReportAllTagged:
		r.mode = query.ReportInUseTagged
	}
}

// editParams are the parameters of edits, insertParams those of creating and replacing.
var (
	editParams   = []string{dryRunParam}
	insertParams = append([]string{"insert", "point"}, editParams...)
)

// insert reads insert and point (RFC 8040 Sections 4.8.5 and 4.8.6); nil when
// there are none.
func (q *request) insert() (*edit.Insert, error) {
	text, given := q.params["insert"]
	point, pointed := q.params["point"]
	i := slices.Index([]string{"last", "first", "before", "after"}, text)
	switch {
	case !given && !pointed:
		return nil, nil
	case given && i < 0:
		return nil, badQuery("insert is %q; expected first, last, before or after", clip(text))
	case pointed != (i >= 2):
		return nil, badQuery("point goes with insert=before and insert=after, which need it")
	}
	at := &edit.Insert{Where: []tree.Where{tree.Last, tree.First, tree.Before, tree.After}[i]}
	if !pointed {
		return at, nil
	}
	path, action, err := parsePath(q.schema, strings.TrimPrefix(point, q.o.Root+q.res.view.root()))
	if err != nil {
		e := rpcerr.All(err)[0]
		return nil, badQuery("point: %s", e.Message)
	}
	if action != nil || len(path) == 0 {
		return nil, badQuery("point must be the path of an entry")
	}
	at.Point = path
	return at, nil
}
