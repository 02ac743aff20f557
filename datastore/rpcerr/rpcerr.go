// Package rpcerr holds the one structured error that every layer of altoam
// reports: it carries what NETCONF's rpc-error (RFC 6241 Section 4.3) and
// RESTCONF's errors container (RFC 8040 Section 7.1) need. It is made where the
// cause is known and passed on unchanged; several at once travel in a List.
package rpcerr

import (
	"errors"
	"fmt"
	"strings"
)

// Type is the layer an error belongs to (RFC 6241 Section 4.3).
type Type string

// The error types.
const (
	Transport   Type = "transport"
	RPC         Type = "rpc"
	Protocol    Type = "protocol"
	Application Type = "application"
)

// Tag is an error-tag of RFC 6241 Appendix A.
type Tag string

// The error tags.
const (
	InUse                 Tag = "in-use"
	InvalidValue          Tag = "invalid-value"
	TooBig                Tag = "too-big"
	MissingAttribute      Tag = "missing-attribute"
	BadAttribute          Tag = "bad-attribute"
	UnknownAttribute      Tag = "unknown-attribute"
	MissingElement        Tag = "missing-element"
	BadElement            Tag = "bad-element"
	UnknownElement        Tag = "unknown-element"
	UnknownNamespace      Tag = "unknown-namespace"
	AccessDenied          Tag = "access-denied"
	LockDenied            Tag = "lock-denied"
	ResourceDenied        Tag = "resource-denied"
	RollbackFailed        Tag = "rollback-failed"
	DataExists            Tag = "data-exists"
	DataMissing           Tag = "data-missing"
	OperationNotSupported Tag = "operation-not-supported"
	OperationFailed       Tag = "operation-failed"
	MalformedMessage      Tag = "malformed-message"
)

// The error-app-tags of RFC 7950 Section 15.
const (
	AppNotUnique        = "data-not-unique"
	AppTooMany          = "too-many-elements"
	AppTooFew           = "too-few-elements"
	AppMust             = "must-violation"
	AppInstanceRequired = "instance-required"
	AppMissingChoice    = "missing-choice"
	AppMissingInstance  = "missing-instance"
)

// Reason tells protocols apart what one tag mixes, so that a status code never
// has to be read out of a message text.
type Reason uint8

// The reasons. None is the ordinary case.
const (
	None            Reason = iota
	NoSuchResource         // the addressed data node does not exist (RESTCONF 404)
	NoSuchSchema           // the path names no schema node (RESTCONF 404)
	Conflict               // the edit collides with another writer (RESTCONF 409)
	Precondition           // a conditional request failed (RESTCONF 412)
	Internal               // a fault of this program; the message is generic
	NotAuthentic           // credentials missing or wrong (RESTCONF 401)
	MethodForbidden        // the resource does not allow the method (RESTCONF 405)
)

// Error is one error. The zero Type means Application.
type Error struct {
	Type    Type
	Tag     Tag
	AppTag  string
	Path    string // instance-identifier with module names (RFC 7951 Section 6.11), "" where no node is concerned
	Message string // one sentence: which node, which rule, what was expected
	Info    []Info // error-info, in order
	Reason  Reason
	Err     error // cause, logged and never sent
}

// Info is one element of error-info. Names without Module are of the NETCONF
// base namespace (bad-attribute, bad-element, bad-namespace, session-id, ok-element …).
type Info struct {
	Module, Name, Value string
}

// Error renders tag, path and message in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Tag))
	if e.AppTag != "" {
		b.WriteString(" (" + e.AppTag + ")")
	}
	if e.Path != "" {
		b.WriteString(" at " + e.Path)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil && !strings.Contains(e.Message, e.Err.Error()) {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// At returns a copy of e with the path set.
func (e *Error) At(path string) *Error {
	c := *e
	c.Path = path
	return &c
}

// WithApp returns a copy of e with the app-tag set.
func (e *Error) WithApp(tag string) *Error {
	c := *e
	c.AppTag = tag
	return &c
}

// WithReason returns a copy of e with the reason set.
func (e *Error) WithReason(r Reason) *Error {
	c := *e
	c.Reason = r
	return &c
}

// New makes an application error with a formatted message.
func New(tag Tag, path, format string, args ...any) *Error {
	return &Error{Type: Application, Tag: tag, Path: path, Message: fmt.Sprintf(format, args...)}
}

// NewProtocol makes a protocol error with a formatted message.
func NewProtocol(tag Tag, format string, args ...any) *Error {
	return &Error{Type: Protocol, Tag: tag, Message: fmt.Sprintf(format, args...)}
}

// List is several errors of one operation, never empty.
type List []*Error

// Error joins the lines.
func (l List) Error() string {
	s := make([]string, len(l))
	for i, e := range l {
		s[i] = e.Error()
	}
	return strings.Join(s, "; ")
}

// Unwrap returns the errors for errors.Is and errors.As.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// Join makes one error of l: nil, the only one, or a List.
func Join(l []*Error) error {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return l[0]
	}
	return List(l)
}

// All returns every Error in err. What holds none becomes one operation-failed
// with a generic message and err as its cause: nothing internal reaches a client.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	var l List
	if errors.As(err, &l) {
		return l
	}
	var e *Error
	if errors.As(err, &e) {
		return []*Error{e}
	}
	return []*Error{{
		Type: Application, Tag: OperationFailed, Reason: Internal, Err: err,
		Message: "internal error; the agent's log has the cause",
	}}
}
