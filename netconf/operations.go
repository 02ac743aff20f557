package netconf

import (
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// operations are the operations that this package carries out itself, by the
// RPC: those that the schema has.
func operations(s *yang.Schema) map[*yang.Node]operation {
	out := map[*yang.Node]operation{}
	for name, op := range map[yang.Name]operation{
		{Module: baseModule, Local: "get"}:                  getOp,
		{Module: baseModule, Local: "get-config"}:           getConfigOp,
		{Module: baseModule, Local: "edit-config"}:          editConfigOp,
		{Module: baseModule, Local: "copy-config"}:          copyConfigOp,
		{Module: baseModule, Local: "delete-config"}:        deleteConfigOp,
		{Module: baseModule, Local: "lock"}:                 lockOp,
		{Module: baseModule, Local: "unlock"}:               unlockOp,
		{Module: baseModule, Local: "validate"}:             validateOp,
		{Module: baseModule, Local: "commit"}:               commitOp,
		{Module: baseModule, Local: "discard-changes"}:      discardOp,
		{Module: baseModule, Local: "cancel-commit"}:        cancelCommitOp,
		{Module: baseModule, Local: "close-session"}:        closeSessionOp,
		{Module: baseModule, Local: "kill-session"}:         killSessionOp,
		{Module: partialModule, Local: "partial-lock"}:      partialLockOp,
		{Module: partialModule, Local: "partial-unlock"}:    partialUnlockOp,
		{Module: eventModule, Local: "create-subscription"}: createSubscriptionOp,
		{Module: nmdaModule, Local: "get-data"}:             getDataOp,
		{Module: nmdaModule, Local: "edit-data"}:            editDataOp,
		{Module: compareModule, Local: "compare"}:           compareOp,
	} {
		if rpc := s.RPC(name.Module, name.Local); rpc != nil {
			out[rpc] = op
		}
	}
	return out
}

// param returns the parameter of that name among the children of in, of
// whatever module, or nil.
func param(in *tree.Node, name string) *tree.Node {
	if in == nil {
		return nil
	}
	for _, s := range in.Schema().Data {
		if s.Name == name && in.Has(s) {
			return in.First(s)
		}
	}
	return nil
}

// text is the value of a leaf parameter, "" when it is absent.
func text(in *tree.Node, name string) string {
	if p := param(in, name); p != nil {
		return p.Value().String()
	}
	return ""
}

// target returns the datastore that a parameter names: the container source or
// target, with one of the leafs candidate and running (RFC 6241) or datastore
// (RFC 8526 Section 3.2).
func target(in *tree.Node, container string) (datastore.Datastore, error) {
	c := param(in, container)
	switch {
	case c == nil:
		return 0, missingElement(container, "the parameter %s is missing", container)
	case param(c, "running") != nil:
		return datastore.Running, nil
	case param(c, "candidate") != nil:
		return datastore.Candidate, nil
	case param(c, "startup") != nil:
		return datastore.Startup, nil
	}
	return nmdaDatastore(c, container)
}

// nmdaDatastore returns the datastore that the leaf datastore of in names;
// missing is what the error names when there is none.
func nmdaDatastore(in *tree.Node, missing string) (datastore.Datastore, error) {
	return datastoreIn(in, "datastore", missing)
}

// datastoreIn returns the datastore that the leaf of that name names.
func datastoreIn(in *tree.Node, leaf, missing string) (datastore.Datastore, error) {
	p := param(in, leaf)
	if p == nil {
		return 0, missingElement(missing, "the parameter %s names no datastore", missing)
	}
	name := p.Value().String()
	for _, ds := range []datastore.Datastore{datastore.Running, datastore.Candidate, datastore.Startup, datastore.Intended, datastore.Operational} {
		if name == "ietf-datastores:"+ds.String() {
			return ds, nil
		}
	}
	return 0, rpcerr.NewProtocol(rpcerr.InvalidValue, "the server has no datastore %s", name)
}
