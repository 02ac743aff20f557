package restconf

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// pageParams are the query parameters of draft-ietf-netconf-list-pagination-rc-10
// Section 2.3.
var pageParams = []string{"where", "sort-by", "locale", "direction", "cursor", "offset", "limit", "sublist-limit"}

// pageCapabilities are the capability URIs of the draft's Section 3.1.
func pageCapabilities() []string {
	var out []string
	for _, name := range pageParams {
		out = append(out, "urn:ietf:params:restconf:capability:"+name+":1.0")
	}
	slices.Sort(out)
	return out
}

// notPaged refuses a parameter of pages elsewhere.
func notPaged(name string) error {
	e := rpcerr.New(rpcerr.OperationNotSupported, "", "query: %s is for GET and HEAD of a whole list or leaf-list", name)
	return &statusError{err: e, code: http.StatusBadRequest}
}

// badPage is the error of a parameter whose value is wrong.
func badPage(format string, args ...any) error {
	e := badQuery(format, args...)
	e.Type = rpcerr.Application
	return e
}

// paging is the page that a retrieval asks for.
type paging struct {
	query.Page
	cursors bool   // the list has cursors
	locale  string // whose rules texts were sorted by
}

// paging reads the parameters of a page; nil when there are none.
func (q *request) paging() (*paging, error) {
	given := slices.IndexFunc(pageParams, func(name string) bool {
		_, ok := q.params[name]
		return ok && name != "sublist-limit"
	})
	switch {
	case given < 0:
		return nil, nil
	case !several(q.res.path):
		return nil, notPaged(pageParams[given])
	}
	s := q.res.path.Schema()
	p := &paging{cursors: s.Kind == yang.List && len(s.Keys) > 0}
	for _, read := range []func(*paging, *yang.Node) error{q.readWhere, q.readSort, q.readDirection, q.readRange, q.readCursor} {
		if err := read(p, s); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// readWhere reads where; prefixes are names of modules, a name without one is of any.
func (q *request) readWhere(p *paging, s *yang.Node) (err error) {
	text, ok := q.params["where"]
	if !ok || text == "unfiltered" {
		return nil
	}
	p.Where, err = query.CompileWhere(text, query.ModulePrefixes(q.schema, nil), q.store.Validator().Model(), s)
	if err != nil && strings.Contains(text, "+") {
		e := *rpcerr.All(err)[0]
		e.Message += `; "+" is a plus in a URI, a space is %20`
		err = &e
	}
	return pageError(err)
}

// locales are those whose order is that of the characters' numbers.
var locales = []string{"C", "POSIX"}

// readSort reads sort-by and locale.
func (q *request) readSort(p *paging, s *yang.Node) (err error) {
	text, sorts := q.params["sort-by"]
	sorts = sorts && text != "none"
	if sorts {
		if p.SortBy, err = query.ParseSortBy(text, s); err != nil {
			return pageError(err)
		}
		if p.SortBy.Leaf(s).Type.Real.Base == yang.String {
			p.locale = locales[0]
		}
	}
	locale, ok := q.params["locale"]
	switch {
	case !ok:
		return nil
	case !sorts:
		return badPage("locale goes with sort-by")
	case s.OrderedByUser:
		return badPage("locale does not go with a list that is ordered by the user")
	case !slices.Contains(locales, strings.TrimSuffix(locale, ".UTF-8")):
		e := rpcerr.New(rpcerr.InvalidValue, "", "locale is %q; there is %s", clip(locale), strings.Join(locales, " and "))
		return pageError(e.WithApp(query.AppLocale))
	}
	return nil
}

func (q *request) readDirection(p *paging, _ *yang.Node) error {
	switch text, ok := q.params["direction"]; {
	case text == "backwards":
		p.Backwards = true
	case ok && text != "forwards":
		return badPage("direction is %q; expected forwards or backwards", clip(text))
	}
	return nil
}

// readRange reads offset and limit.
func (q *request) readRange(p *paging, _ *yang.Node) (err error) {
	if text, ok := q.params["offset"]; ok {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return badPage("offset is %q; expected 0 to 4294967295", clip(text))
		}
		p.Offset = int(n)
	}
	p.Limit, err = q.params.count("limit")
	return err
}

// count reads a number of entries, 0 for unbounded or none.
func (p parameters) count(name string) (int, error) {
	text, ok := p[name]
	if !ok || text == "unbounded" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		return 0, badPage("%s is %q; expected 1 to 4294967295 or unbounded", name, clip(text))
	}
	return int(n), nil
}

// readCursor reads cursor; an empty one is the first entry.
func (q *request) readCursor(p *paging, s *yang.Node) error {
	text, ok := q.params["cursor"]
	switch {
	case !ok || text == "":
		return nil
	case !p.cursors:
		e := rpcerr.New(rpcerr.OperationNotSupported, "", "query: %s has no keys, so it has no cursors: use offset", s.Path())
		return &statusError{err: e, code: http.StatusNotImplemented}
	case p.Offset > 0:
		return badPage("cursor does not go with offset")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return pageError(query.CursorNotFound())
	}
	p.Cursor = new(string)
	if len(s.Keys) > 1 || string(key) != emptyKey {
		*p.Cursor = string(key)
	}
	return nil
}

// emptyKey is what stands in a cursor for the key of an entry whose only key is
// empty: an empty cursor is no entry.
const emptyKey = "\x00"

// cursor is the cursor of an entry, empty for none.
func cursor(n *tree.Node) *string {
	text := ""
	switch {
	case n != nil && n.Key() == "":
		text = base64.StdEncoding.EncodeToString([]byte(emptyKey))
	case n != nil:
		text = base64.StdEncoding.EncodeToString([]byte(n.Key()))
	}
	return &text
}

// note is what the answer says of the page, nil for nothing.
func (p *paging) note(page *query.Entries) *codec.Page {
	note := codec.Page{Remaining: page.Remaining, Locale: p.locale}
	if p.Limit > 0 && p.cursors {
		note.Next, note.Previous = cursor(page.Next), cursor(page.Previous)
	}
	if note == (codec.Page{}) {
		return nil
	}
	return &note
}

// pageError gives an error of package query the status code that the draft has for it
// (draft-ietf-netconf-list-pagination-rc-10 Sections 2.3.2, 2.3.3 and 2.3.6).
func pageError(err error) error {
	if err == nil {
		return nil
	}
	e := *rpcerr.All(err)[0]
	e.Message = "query: " + e.Message
	switch e.AppTag {
	case query.AppOffsetOutOfRange:
		return &statusError{err: &e, code: http.StatusRequestedRangeNotSatisfiable}
	case query.AppCursorNotFound:
		return &statusError{err: &e, code: http.StatusNotFound}
	case query.AppLocale:
		return &statusError{err: &e, code: http.StatusNotImplemented}
	}
	return &e
}
