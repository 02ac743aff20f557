package netconf

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// URLs are the places that a <url> may name (RFC 6241 Section 8.8): files in one
// folder and what HTTPS servers hold.
type URLs struct {
	// Dir is the folder that file URLs lie in: file:///a/b.xml is a/b.xml in it. It
	// must exist. No file outside is read or written, whatever links there are.
	Dir string
	// Roots are the authorities whose HTTPS servers are trusted; nil for the system's.
	Roots *x509.CertPool
	// MaxSize bounds what is read, in bytes. Default that of a message.
	MaxSize int64
	// Timeout bounds one transfer over HTTPS. Default one minute.
	Timeout time.Duration
}

func (l *URLs) withDefaults(size int64) *URLs {
	c := *l
	if c.MaxSize == 0 {
		c.MaxSize = size
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	return &c
}

// urlSchemes are those of the :url capability.
const urlSchemes = "file,https"

// place is where a <url> leads. What goes wrong is an *rpcerr.Error that names the
// URL without its password and its query.
type place interface {
	// read returns the content; the caller closes it.
	read(ctx context.Context) (io.ReadCloser, error)
	// write replaces the content by what content writes, or leaves it as it is.
	write(ctx context.Context, content func(io.Writer) error) error
	remove(ctx context.Context) error
	is(other place) bool
	String() string
}

// placeOf is the place that the parameter url of in names, nil when it is absent.
func (s *Server) placeOf(in *tree.Node) (place, error) {
	p := param(in, "url")
	if p == nil {
		return nil, nil
	}
	if s.o.URLs == nil {
		return nil, rpcerr.NewProtocol(rpcerr.OperationNotSupported, "this server has no place for a url")
	}
	u, err := url.Parse(strings.TrimSpace(p.Value().String()))
	switch {
	case err != nil:
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "this is no url")
	case u.Fragment != "":
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "a url of a configuration has no fragment")
	case u.Scheme == "file":
		return s.o.URLs.file(u)
	case u.Scheme == "https":
		return s.o.URLs.https(u)
	}
	return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "the scheme of a url is one of %s, not %.20q", urlSchemes, u.Scheme)
}

// readPlace returns the configuration at p: <config> in the NETCONF namespace.
func (r *request) readPlace(ctx context.Context, p place) (*tree.Tree, error) {
	e, err := r.editFrom(ctx, p, edit.Create)
	if err != nil {
		return nil, err
	}
	t, err := edit.Apply(tree.New(r.schema.Root), e, edit.Options{})
	return t, r.standsTwice(err)
}

// editFrom reads the edit at p: <config> in the NETCONF namespace.
func (r *request) editFrom(ctx context.Context, p place, op edit.Op) (*edit.Edit, error) {
	in, err := p.read(ctx)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	limited := &io.LimitedReader{R: in, N: r.o.URLs.MaxSize + 1}
	e, err := r.editOf(limited, op)
	var known *rpcerr.Error
	switch {
	case limited.N <= 0:
		return nil, rpcerr.NewProtocol(rpcerr.TooBig, "%s has more than %d bytes", p, r.o.URLs.MaxSize)
	case err != nil && !errors.As(err, &known):
		return nil, unreachable(p, err)
	case isMalformed(err):
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "%s is no XML: %s", p, known.Message)
	}
	return e, err
}

// editOf reads a document.
func (r *request) editOf(in io.Reader, op edit.Op) (*edit.Edit, error) {
	document := &request{session: r.session, x: codec.NewXMLReader(bufio.NewReader(in), r.o.XML), rpc: r.rpc}
	start, err := document.x.Next()
	if err != nil {
		return nil, err
	}
	if start.Space != nsBase || start.Local != "config" {
		return nil, badElement(start.Local, "the document must be <config> in the namespace %s, not <%s>", nsBase, start.Local)
	}
	e, err := document.editContent(start, op)
	if err == nil {
		err = atEnd(document.x)
	}
	return e, err
}

// writePlace makes t the configuration at p.
func (r *request) writePlace(ctx context.Context, p place, t *tree.Tree, tagged bool) error {
	return p.write(ctx, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<config xmlns="` + nsBase + `">` + "\n")
		o := codec.EncodeOptions{Indent: "  ", Schema: r.schema, TagDefaults: tagged}
		if err := codec.EncodeXML(b, t, o); err != nil {
			return err
		}
		b.WriteString("</config>\n")
		return b.Flush()
	})
}

// unreachable is the error of a transfer from or to p that failed.
func unreachable(p place, err error) error {
	e := rpcerr.NewProtocol(rpcerr.OperationFailed, "%s cannot be reached", p)
	e.Err = err
	return e
}
