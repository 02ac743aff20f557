package restconf

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// yangMedia is the media type of YANG text (RFC 6020 Section 14.1).
const yangMedia = "application/yang"

// schemaResource resolves {+restconf}/yang/NAME[@REVISION], the text of a module or
// submodule (RFC 8040 Section 3.7).
func schemaResource(s *Server, rest string) (resource, error) {
	name, revision, dated := strings.Cut(strings.TrimPrefix(rest, "/"), "@")
	text := s.source(name, func(r string) bool { return !dated || r == revision })
	if text == nil {
		return resource{}, rpcerr.NewProtocol(rpcerr.InvalidValue, "there is no module %s", clip(rest)).WithReason(rpcerr.NoSuchSchema)
	}
	get := func(q *request) error {
		if err := q.permits("ietf-netconf-monitoring", "get-schema"); err != nil {
			return err
		}
		return q.sendBytes(yangMedia, text)
	}
	return resource{media: yangMedia, methods: methods{http.MethodGet: {get, nil}}}, nil
}

// source is the text of a module or submodule of one of the revisions.
func (s *Server) source(name string, revision func(string) bool) []byte {
	for _, m := range s.schema.Modules {
		if m.Name == name && revision(m.Revision) {
			return m.Source
		}
		for _, sub := range m.Submodules {
			if sub.Name == name && revision(sub.Revision) {
				return sub.Source
			}
		}
	}
	return nil
}

// schemaLinks adds to the YANG library where the texts are. Only readers over
// RESTCONF are told: a URL needs the host by which they know the server.
type schemaLinks struct {
	schema *yang.Schema
	last   [2]atomic.Pointer[linked] // of yang-library and of modules-state
}

// linked is the container of, unlinked, with the URLs for a base.
type linked struct {
	base     string
	of, with *tree.Node
}

type baseKey struct{}

// withBase is the context of a read, with the server's URL as the client knows it.
func (q *request) withBase() context.Context {
	return context.WithValue(q.r.Context(), baseKey{}, q.baseURL(q.r))
}

const libraryModule = "ietf-yang-library"

// Paths implements datastore.StateProvider.
func (l *schemaLinks) Paths() []string {
	return []string{"/" + libraryModule + ":yang-library", "/" + libraryModule + ":modules-state"}
}

// State implements datastore.StateProvider. Readers who know the server by the name that
// the one before them has used share what was made for that.
func (l *schemaLinks) State(ctx context.Context, _ datastore.StateRequest, m *tree.Mut) error {
	base, ok := ctx.Value(baseKey{}).(string)
	if !ok {
		return nil
	}
	for i, name := range []string{"yang-library", "modules-state"} {
		s := l.schema.Root.Child(libraryModule, name)
		if s == nil || m.Child(s) == nil {
			continue
		}
		of := m.Child(s).Node()
		if k := l.last[i].Load(); k != nil && k.base == base && k.of == of {
			m.Put(k.with, tree.Position{})
			continue
		}
		if err := link(m.Child(s), base); err != nil {
			return err
		}
		with := m.Child(s).Node()
		m.Put(with, tree.Position{}) // so that it does not change any more
		l.last[i].Store(&linked{base, of, with})
	}
	return nil
}

// link sets the URLs of the modules and submodules below m: the leaf-list location
// (RFC 8525) or the leaf schema (YANG library 1.0).
func link(m *tree.Mut, base string) error {
	for _, s := range m.Schema().Data {
		if s.Kind != yang.List {
			continue
		}
		var url *yang.Node
		if strings.HasSuffix(s.Name, "module") {
			if url = s.Child(libraryModule, "location"); url == nil {
				url = s.Child(libraryModule, "schema")
			}
		}
		var keys []string
		for e := range m.Node().Entries(s) {
			keys = append(keys, e.Key())
		}
		for _, key := range keys {
			e := m.Entry(s, key)
			if err := setURL(e, url, base); err != nil {
				return err
			}
			if err := link(e, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// setURL sets url in the entry e of a module or submodule.
func setURL(e *tree.Mut, url *yang.Node, base string) error {
	if url == nil {
		return nil
	}
	text := base + "/yang/" + e.Node().Leaf("name").String()
	if revision := e.Node().Leaf("revision").String(); revision != "" {
		text += "@" + revision
	}
	v, err := url.Type.Parse(text, nil)
	switch {
	case err != nil:
		return err
	case url.Kind == yang.Leaf:
		e.SetLeaf(url, v)
	default:
		e.AddValue(url, v, tree.Position{})
	}
	return nil
}
