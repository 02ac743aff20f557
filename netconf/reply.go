package netconf

import (
	"errors"
	"fmt"
	"io"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/netconf/transport"
)

// reply is the content of an <rpc-reply>: a tree.
type reply struct {
	tree *tree.Tree
	// data puts <data> around the tree; it is in the NETCONF namespace or in that
	// of module.
	data    bool
	module  string
	options codec.EncodeOptions
}

// send answers r with out, <ok/> when it is nil or empty.
func (ss *session) send(r *request, out *reply) error {
	err := ss.write(r, func(w io.Writer) error { return ss.content(w, r.envelope.prefix, out) })
	if errors.Is(err, transport.ErrDelimiter) {
		return ss.refuse(r, rpcerr.New(rpcerr.OperationFailed, "",
			"the reply holds \"]]>]]>\", which a session of :base:1.0 cannot carry"))
	}
	return err
}

// refuse answers r with errors.
func (ss *session) refuse(r *request, err error) error {
	if isMalformed(err) && !ss.chunked {
		return fmt.Errorf("%w: %w", errEnded, err) // clients of 1.0 do not know the tag (RFC 6241 Section 3, Appendix A)
	}
	ss.counters.outErrors.Add(1)
	ss.data.Counters.OutErrors.Add(1)
	return ss.write(r, func(w io.Writer) error {
		e := errorWriter{w: w, schema: ss.schema, prefix: r.envelope.prefix, log: ss.log}
		return e.write(err)
	})
}

// write sends one <rpc-reply>. A content that fails before anything was sent
// leaves the session usable.
func (ss *session) write(r *request, content func(io.Writer) error) error {
	m := ss.framer.NewMessage()
	name, attrs := r.envelope.prefix+"rpc-reply", r.envelope.attrs
	if attrs == "" {
		attrs = fmt.Sprintf(" xmlns=%q", nsBase)
	}
	m.WriteString("<" + name + attrs + ">")
	if err := content(m); err != nil {
		m.Discard()
		return err
	}
	m.WriteString("</" + name + ">")
	return m.Close()
}

func (ss *session) content(w io.Writer, prefix string, out *reply) error {
	if out == nil || !out.data && out.tree.Empty() {
		_, err := fmt.Fprintf(w, "<%sok/>", prefix)
		return err
	}
	o := out.options
	o.Schema = ss.schema
	if !out.data {
		return codec.EncodeXML(w, out.tree, o)
	}
	open, closing := "<"+prefix+"data", "</"+prefix+"data>"
	if out.module != "" {
		open, closing = fmt.Sprintf("<data xmlns=%q", ss.schema.Module(out.module).Namespace), "</data>"
	}
	if out.tree.Empty() {
		_, err := io.WriteString(w, open+"/>")
		return err
	}
	if _, err := io.WriteString(w, open+">"); err != nil {
		return err
	}
	if err := codec.EncodeXML(w, out.tree, o); err != nil {
		return err
	}
	_, err := io.WriteString(w, closing)
	return err
}
