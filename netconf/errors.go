package netconf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// errorWriter writes errors as <rpc-error> elements (RFC 6241 Section 4.3).
type errorWriter struct {
	w      io.Writer
	schema *yang.Schema
	prefix string // of the NETCONF namespace, with a colon
	log    *slog.Logger
}

// write writes every error in err, in order. Causes go to the log only.
func (e *errorWriter) write(err error) error {
	var b bytes.Buffer
	for _, x := range rpcerr.All(err) {
		switch {
		case x.Reason == rpcerr.Internal:
			e.log.Warn("NETCONF request failed", "error", x)
		case x.Err != nil:
			e.log.Info("NETCONF request refused", "error", x)
		}
		e.one(&b, x)
	}
	_, err = b.WriteTo(e.w)
	return err
}

// one writes one error, its elements in the order of the schema in RFC 6241
// Appendix B.
func (e *errorWriter) one(b *bytes.Buffer, x *rpcerr.Error) {
	kind := x.Type
	if kind == "" {
		kind = rpcerr.Application
	}
	e.start(b, "rpc-error", "")
	e.leaf(b, "error-type", "", string(kind))
	e.leaf(b, "error-tag", "", string(x.Tag))
	e.leaf(b, "error-severity", "", "error")
	if x.AppTag != "" {
		e.leaf(b, "error-app-tag", "", x.AppTag)
	}
	if x.Path != "" {
		text, attrs := e.path(x.Path)
		e.leaf(b, "error-path", attrs, text)
	}
	if x.Message != "" {
		e.leaf(b, "error-message", ` xml:lang="en"`, x.Message)
	}
	if len(x.Info) > 0 {
		e.start(b, "error-info", "")
		for _, i := range x.Info {
			e.info(b, i)
		}
		e.end(b, "error-info")
	}
	e.end(b, "rpc-error")
}

func (e *errorWriter) info(b *bytes.Buffer, i rpcerr.Info) {
	if i.Module == "" {
		e.leaf(b, i.Name, "", i.Value)
		return
	}
	space, value, attrs := i.Module, i.Value, ""
	if m := e.schema.Module(i.Module); m != nil {
		space = m.Namespace
	} else if i.Module == "yang" {
		space = nsYang
	}
	if i.Name == "non-unique" || i.Name == "missing-choice" && strings.HasPrefix(value, "/") {
		value, attrs = e.path(value)
	}
	fmt.Fprintf(b, "<%s xmlns=%q%s>", i.Name, space, attrs)
	escape(b, value)
	fmt.Fprintf(b, "</%s>", i.Name)
}

// path turns the path of an error into one with prefixes and their
// declarations. A path into the input of an RPC is one from the <rpc> element.
func (e *errorWriter) path(path string) (text, attrs string) {
	if e.isInput(path) {
		path = "/" + baseModule + ":rpc" + path
	}
	text, xmlns := codec.XMLPath(path, e.schema)
	var b bytes.Buffer
	for _, prefix := range slices.Sorted(maps.Keys(xmlns)) {
		appendAttr(&b, "xmlns:"+prefix, xmlns[prefix])
	}
	return text, b.String()
}

// isInput tells whether the first step of path is an RPC.
func (e *errorWriter) isInput(path string) bool {
	step, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	step, _, _ = strings.Cut(step, "[")
	module, name, _ := strings.Cut(step, ":")
	return e.schema.RPC(module, name) != nil && e.schema.Root.Child(module, name) == nil
}

func (e *errorWriter) start(b *bytes.Buffer, name, attrs string) {
	b.WriteString("<" + e.prefix + name + attrs + ">")
}

func (e *errorWriter) end(b *bytes.Buffer, name string) {
	b.WriteString("</" + e.prefix + name + ">")
}

func (e *errorWriter) leaf(b *bytes.Buffer, name, attrs, text string) {
	e.start(b, name, attrs)
	escape(b, text)
	e.end(b, name)
}

// isMalformed tells a message that is not what RFC 6241 Section 3 wants.
func isMalformed(err error) bool { return isTag(err, rpcerr.MalformedMessage) }

func isTag(err error, tag rpcerr.Tag) bool {
	var e *rpcerr.Error
	return errors.As(err, &e) && e.Tag == tag
}

func malformed(format string, args ...any) error {
	return &rpcerr.Error{Type: rpcerr.RPC, Tag: rpcerr.MalformedMessage, Message: fmt.Sprintf(format, args...)}
}

func unexpectedText(text string) error {
	const most = 40
	if len(text) > most {
		text = text[:most]
	}
	return malformed("text %q stands where only elements may", text)
}

// ofProtocol makes errors about an operation's parameters errors of the protocol
// layer; those of reading the message stay what they are.
func ofProtocol(err error) error {
	var e *rpcerr.Error
	if !errors.As(err, &e) || e.Type != rpcerr.Application && e.Type != "" {
		return err
	}
	c := *e
	c.Type = rpcerr.Protocol
	return &c
}

// badElement and missingElement are errors of the protocol layer with the
// error-info of RFC 6241 Appendix A.
func badElement(name, format string, args ...any) error {
	return elementError(rpcerr.BadElement, name, format, args...)
}

func missingElement(name, format string, args ...any) error {
	return elementError(rpcerr.MissingElement, name, format, args...)
}

func elementError(tag rpcerr.Tag, name, format string, args ...any) error {
	e := rpcerr.NewProtocol(tag, format, args...)
	e.Info = []rpcerr.Info{{Name: "bad-element", Value: name}}
	return e
}

// attributeError is an error of the protocol layer about an attribute of element.
func attributeError(tag rpcerr.Tag, attribute, element, format string, args ...any) error {
	e := rpcerr.NewProtocol(tag, format, args...)
	e.Info = []rpcerr.Info{{Name: "bad-attribute", Value: attribute}, {Name: "bad-element", Value: element}}
	return e
}
