package restconf

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// statusOfReason and statusOfTag are the status codes of errors (RFC 8040 Section
// 7); a reason goes before the tag.
var (
	statusOfReason = map[rpcerr.Reason]int{
		rpcerr.NoSuchResource:  http.StatusNotFound,
		rpcerr.NoSuchSchema:    http.StatusNotFound,
		rpcerr.Conflict:        http.StatusConflict,
		rpcerr.Precondition:    http.StatusPreconditionFailed,
		rpcerr.Internal:        http.StatusInternalServerError,
		rpcerr.NotAuthentic:    http.StatusUnauthorized,
		rpcerr.MethodForbidden: http.StatusMethodNotAllowed,
	}
	statusOfTag = map[rpcerr.Tag]int{
		rpcerr.InUse:                 http.StatusConflict,
		rpcerr.InvalidValue:          http.StatusBadRequest,
		rpcerr.TooBig:                http.StatusRequestEntityTooLarge,
		rpcerr.MissingAttribute:      http.StatusBadRequest,
		rpcerr.BadAttribute:          http.StatusBadRequest,
		rpcerr.UnknownAttribute:      http.StatusBadRequest,
		rpcerr.MissingElement:        http.StatusBadRequest,
		rpcerr.BadElement:            http.StatusBadRequest,
		rpcerr.UnknownElement:        http.StatusBadRequest,
		rpcerr.UnknownNamespace:      http.StatusBadRequest,
		rpcerr.AccessDenied:          http.StatusForbidden,
		rpcerr.LockDenied:            http.StatusConflict,
		rpcerr.ResourceDenied:        http.StatusConflict,
		rpcerr.RollbackFailed:        http.StatusInternalServerError,
		rpcerr.DataExists:            http.StatusConflict,
		rpcerr.DataMissing:           http.StatusConflict,
		rpcerr.OperationNotSupported: http.StatusNotImplemented,
		rpcerr.OperationFailed:       http.StatusInternalServerError,
		rpcerr.MalformedMessage:      http.StatusBadRequest,
	}
)

// status is the status code of an error. operation-failed is 412 where it is
// about data, such as a must that does not hold, and 500 where it is about the
// server.
func status(e *rpcerr.Error) int {
	if code, ok := statusOfReason[e.Reason]; ok {
		return code
	}
	if e.Tag == rpcerr.OperationFailed && e.Path != "" {
		return http.StatusPreconditionFailed
	}
	if code, ok := statusOfTag[e.Tag]; ok {
		return code
	}
	return http.StatusInternalServerError
}

// statusError is an error whose status code is HTTP's own affair, with header
// fields that go with it.
type statusError struct {
	err    *rpcerr.Error
	code   int
	header http.Header
}

// Error implements error.
func (e *statusError) Error() string { return e.err.Error() }

// Unwrap returns the error without its code.
func (e *statusError) Unwrap() error { return e.err }

func unsupportedMedia(format string, args ...any) error {
	return &statusError{err: rpcerr.NewProtocol(rpcerr.InvalidValue, format, args...), code: http.StatusUnsupportedMediaType}
}

// fail answers with an error.
func (q *request) fail(err error) {
	errs := rpcerr.All(err)
	for i, e := range errs {
		if e.Reason == rpcerr.Internal || e.Err != nil && busyOf(e) == nil {
			what := "RESTCONF request failed"
			if q.user.Name == "" {
				what = "RESTCONF request refused"
			}
			q.log.Warn(what, "method", q.r.Method, "path", shorten(q.r.URL.Path, 200), "user", q.user.Name, "error", e)
		}
		errs[i] = q.present(e)
	}
	code, header := status(errs[0]), q.w.Header()
	var se *statusError
	if errors.As(err, &se) {
		code = se.code
		maps.Copy(header, se.header)
	}
	if busy := busyOf(err); busy != nil {
		code = http.StatusServiceUnavailable
		if busy.User {
			code = http.StatusTooManyRequests
		}
		header.Set("Retry-After", "1")
	}
	if code == http.StatusUnauthorized && header.Get("WWW-Authenticate") == "" {
		header.Set("WWW-Authenticate", `Basic realm="altoam", charset="UTF-8"`)
	}
	header.Set("Content-Type", q.out.mediaType())
	q.w.WriteHeader(code)
	if _, err := q.w.Write(q.errorBody(errs)); err != nil {
		q.log.Debug("the client did not take an error", "error", err)
	}
}

// busyOf is what others take that a request was refused for, which is not to fill the log;
// nil for other errors.
func busyOf(err error) *datastore.Busy {
	var busy *datastore.Busy
	errors.As(err, &busy)
	return busy
}

// present makes e what RFC 8040 says of its status: the tag that goes with it,
// and a path into the input of an RPC from the input (RFC 8040 Section 3.6.3).
func (q *request) present(e *rpcerr.Error) *rpcerr.Error {
	c := *e
	switch c.Reason {
	case rpcerr.NoSuchResource, rpcerr.NoSuchSchema:
		c.Tag = rpcerr.InvalidValue
	case rpcerr.MethodForbidden:
		c.Tag = rpcerr.OperationNotSupported
	}
	if c.Type == "" {
		c.Type = rpcerr.Application
	}
	if c.Path == "/" {
		c.Path = ""
	}
	if op := q.res.operation; op != nil && op.Kind == yang.RPC {
		if rest, ok := strings.CutPrefix(c.Path, "/"+op.QName()); ok {
			c.Path = "/" + op.Module.Name + ":input" + rest
		}
	}
	return &c
}

// errorBody is the errors container (RFC 8040 Section 7.1).
func (q *request) errorBody(errs []*rpcerr.Error) []byte {
	if q.out == inXML {
		var b bytes.Buffer
		q.errorXML(&b, q.own.Namespace, errs)
		b.WriteByte('\n')
		return b.Bytes()
	}
	return marshal(map[string]errorList{restconfModule + ":errors": listErrors(errs)})
}

// errorList is the container errors in JSON.
type errorList struct {
	Error []jsonError `json:"error"`
}

type jsonError struct {
	Type    rpcerr.Type    `json:"error-type"`
	Tag     rpcerr.Tag     `json:"error-tag"`
	AppTag  string         `json:"error-app-tag,omitempty"`
	Path    string         `json:"error-path,omitempty"`
	Message string         `json:"error-message,omitempty"`
	Info    map[string]any `json:"error-info,omitempty"`
}

func listErrors(errs []*rpcerr.Error) (out errorList) {
	for _, e := range errs {
		out.Error = append(out.Error, jsonError{e.Type, e.Tag, e.AppTag, e.Path, e.Message, infoJSON(e.Info)})
	}
	return out
}

// marshal returns v, which holds strings and numbers, as a line of JSON.
func marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// infoJSON is the members of error-info; a name that occurs again makes an array.
func infoJSON(info []rpcerr.Info) map[string]any {
	out := map[string]any{}
	for _, i := range info {
		name, value := i.Module+":"+i.Name, any(i.Value)
		if i.Module == "" {
			name = "ietf-netconf:" + i.Name
		}
		if id, err := strconv.ParseUint(i.Value, 10, 32); err == nil && i.Name == "session-id" {
			value = id
		}
		switch old := out[name].(type) {
		case nil:
			out[name] = value
		case []any:
			out[name] = append(old, value)
		default:
			out[name] = []any{old, value}
		}
	}
	return out
}

// The namespaces of error-info that no module has to be loaded for.
const (
	nsNetconf = "urn:ietf:params:xml:ns:netconf:base:1.0"
	nsYang    = "urn:ietf:params:xml:ns:yang:1"
)

// errorXML writes the container errors of that namespace.
func (q *request) errorXML(b *bytes.Buffer, namespace string, errs []*rpcerr.Error) {
	b.WriteString(`<errors xmlns="` + namespace + `">`)
	for _, e := range errs {
		b.WriteString("<error>")
		element(b, "error-type", "", string(e.Type))
		element(b, "error-tag", "", string(e.Tag))
		if e.AppTag != "" {
			element(b, "error-app-tag", "", e.AppTag)
		}
		if e.Path != "" {
			text, xmlns := codec.XMLPath(e.Path, q.schema)
			element(b, "error-path", declarations(xmlns), text)
		}
		if e.Message != "" {
			element(b, "error-message", "", e.Message)
		}
		if len(e.Info) > 0 {
			b.WriteString("<error-info>")
			for _, i := range e.Info {
				element(b, i.Name, ` xmlns="`+q.infoNamespace(i)+`"`, i.Value)
			}
			b.WriteString("</error-info>")
		}
		b.WriteString("</error>")
	}
	b.WriteString("</errors>")
}

func (q *request) infoNamespace(i rpcerr.Info) string {
	switch m := q.schema.Module(i.Module); {
	case i.Module == "":
		return nsNetconf
	case i.Module == "yang":
		return nsYang
	case m != nil:
		return m.Namespace
	}
	return i.Module
}

func declarations(xmlns map[string]string) string {
	var b bytes.Buffer
	for _, prefix := range slices.Sorted(maps.Keys(xmlns)) {
		b.WriteString(strings.TrimSuffix(" xmlns:"+prefix, ":") + `="`)
		escape(&b, xmlns[prefix])
		b.WriteByte('"')
	}
	return b.String()
}

func element(b *bytes.Buffer, name, attrs, text string) {
	b.WriteString("<" + name + attrs + ">")
	escape(b, text)
	b.WriteString("</" + name + ">")
}

func escape(b *bytes.Buffer, text string) {
	_ = xml.EscapeText(b, []byte(text)) // a bytes.Buffer takes everything
}
