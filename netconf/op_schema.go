package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// getSchema carries out <get-schema> (RFC 6022 Section 3.1): the text of a module
// or submodule, in YANG and no other format.
func (s *Server) getSchema(_ context.Context, c datastore.Call) (*tree.Tree, error) {
	in := c.Input.Root()
	name, format := text(in, "identifier"), param(in, "format")
	if format != nil && format.Value().String() != monitoringModule+":yang" {
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "schema %.100s is not available in the format %s, only in yang", name, format.Value())
	}
	version := param(in, "version")
	var found []source
	for _, x := range s.sources() {
		if x.name == name && (version == nil || version.Value().String() == x.revision) {
			found = append(found, x)
		}
	}
	switch {
	case len(found) == 0 && version != nil:
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "there is no schema %.100s of the version %.40q", name, version.Value().String())
	case len(found) == 0:
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "there is no schema %.100s", name)
	case len(found) > 1:
		return nil, rpcerr.NewProtocol(rpcerr.OperationFailed, "schema %s has several versions; the parameter version must name one", name).
			WithApp(rpcerr.AppNotUnique)
	}
	m := tree.New(c.Node.Output()).Mutate()
	m.SetAny(c.Node.Output().Child(monitoringModule, "data"), &tree.Any{XML: textEscaper.Replace(xmlChars(string(found[0].text)))})
	return m.Done(), nil
}

// source is the text of a module or submodule.
type source struct {
	name, revision, namespace string
	text                      []byte
}

// sources are all texts of the schema, each once.
func (s *Server) sources() []source {
	var out []source
	seen := map[[2]string]bool{}
	for _, m := range s.schema.Modules {
		out = append(out, source{m.Name, m.Revision, m.Namespace, m.Source})
		for _, sub := range m.Submodules {
			if id := [2]string{sub.Name, sub.Revision}; !seen[id] {
				seen[id] = true
				out = append(out, source{sub.Name, sub.Revision, m.Namespace, sub.Source})
			}
		}
	}
	return out
}
