package restconf

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// The header fields of edits that stand for the parameters that altoam-commit adds to
// edit-config; a query may hold none but those that capabilities announce (RFC 8040
// Section 4.8). headerCommit is a response's: the newest commit once the edit is made.
const (
	headerComment = "Altoam-Comment"
	headerLabel   = "Altoam-Label"
	headerBase    = "Altoam-Base"
	headerCommit  = "Altoam-Commit"
)

// remark reads what the history keeps with an edit, and the commit that the client has
// seen. Each may stand once, as a value of the type that the module gives it.
func (q *request) remark() (o datastore.EditOptions, err error) {
	var base string
	for _, f := range []struct {
		header, rpc, leaf string
		to                *string
	}{
		{headerComment, "rollback", "comment", &o.Comment},
		{headerLabel, "rollback", "label", &o.Label},
		{headerBase, "dry-run", "base", &base},
	} {
		if values := q.r.Header.Values(f.header); len(values) > 0 {
			if *f.to, err = q.historyField(f.header, values, q.schema.RPC(historyModule, f.rpc), f.leaf); err != nil {
				return o, err
			}
		}
	}
	o.Base, _ = strconv.ParseUint(base, 10, 64) // of that type, or absent
	return o, nil
}

const historyModule = "altoam-commit"

// historyField reads the values of a header field as a leaf of the input of rpc.
func (q *request) historyField(header string, values []string, rpc *yang.Node, leaf string) (string, error) {
	switch {
	case rpc == nil:
		return "", badHeader("%s: the server does not implement the module %s", header, historyModule)
	case len(values) > 1:
		return "", badHeader("%s is given twice", header)
	case !utf8.ValidString(values[0]):
		return "", badHeader("%s is no UTF-8", header)
	}
	v, err := rpc.Input().Child(historyModule, leaf).Type.Parse(values[0], nil)
	if err != nil {
		return "", badHeader("%s: %v", header, err)
	}
	return v.String(), nil
}

func badHeader(format string, args ...any) error {
	e := rpcerr.NewProtocol(rpcerr.InvalidValue, format, args...)
	e.Message = "header: " + e.Message
	return e
}

// numbered tells the client the newest commit.
func numbered(h http.Header, s *datastore.Snapshot) {
	h.Set(headerCommit, strconv.FormatUint(s.Head.Revision, 10))
}
