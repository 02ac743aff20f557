package netconf

import (
	"strconv"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// remark reads the parameters that altoam-commit adds to edits of ds: what the history
// keeps with a commit, and the commit that the writer has seen. Only an edit of running
// is a commit: elsewhere they are refused rather than forgotten.
func remark(in *tree.Node, ds datastore.Datastore) (datastore.EditOptions, error) {
	o := datastore.EditOptions{Comment: text(in, "comment"), Label: text(in, "label")}
	o.Base, _ = strconv.ParseUint(text(in, "base"), 10, 64) // of that type, or absent
	if ds == datastore.Running {
		return o, nil
	}
	for _, name := range []string{"comment", "label", "base"} {
		if param(in, name) != nil {
			return o, rpcerr.NewProtocol(rpcerr.InvalidValue,
				"%s is for edits of running; comment and label of a commit of the candidate go with <commit>", name)
		}
	}
	return o, nil
}
