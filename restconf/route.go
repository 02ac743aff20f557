package restconf

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// resource is what a URI addresses.
type resource struct {
	view      view
	path      tree.Path  // of a data node, or of the node that has the action; empty for the datastore
	operation *yang.Node // the RPC or action
	methods   methods
	media     string // of the representation, where it is no YANG data
}

// methods are the methods of a resource; HEAD and OPTIONS go without saying.
type methods map[string]method

// method answers a request. It has written nothing when it returns an error.
type method struct {
	do     func(*request) error
	params []string // query parameters allowed
}

// The methods of the resources (RFC 8040 Sections 3.3 to 3.7 and 4).
func datastoreMethods() methods {
	return methods{
		http.MethodGet:   {(*request).get, readParams},
		http.MethodPost:  {(*request).post, insertParams},
		http.MethodPut:   {(*request).put, insertParams},
		http.MethodPatch: {(*request).patch, editParams},
	}
}

// dataMethods are the methods of the data resource at path. All entries of a list
// or leaf-list together are no resource that could be edited.
func dataMethods(path tree.Path) methods {
	s, m := path.Schema(), datastoreMethods()
	m[http.MethodDelete] = method{(*request).delete, editParams}
	if s.Kind != yang.Container && s.Kind != yang.List {
		delete(m, http.MethodPost)
	}
	if !s.Config || s.IsKey || several(path) {
		return methods{http.MethodGet: m[http.MethodGet]}
	}
	return m
}

func operationMethods() methods { return methods{http.MethodPost: {(*request).invoke, nil}} }

// allow is the value of the Allow header.
func (m methods) allow() string {
	names := append(slices.Collect(maps.Keys(m)), http.MethodOptions)
	if _, ok := m[http.MethodGet]; ok {
		names = append(names, http.MethodHead)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// resolver finds the resource; rest is the URI's path behind its route, still
// percent-encoded.
type resolver func(s *Server, rest string) (resource, error)

// routes are the URIs of the server. Paths are matched and passed on as the
// client encoded them: "a%2Fb" is one segment.
func (s *Server) routes() http.Handler {
	m := mux.NewRouter().UseEncodedPath().SkipClean(true)
	m.NotFoundHandler = s.open("", nowhere)
	m.Handle(hostMetaPath, s.open("", hostMeta))
	m.Handle(hostMetaPath+".json", s.open("", hostMetaJSON))
	root := s.o.Root
	m.Handle(root, s.authenticated("", apiResource))
	m.Handle(root+"/yang-library-version", s.authenticated("", libraryVersion))
	m.Handle(root+"/operations", s.authenticated("", operations))
	for _, r := range []struct {
		prefix  string
		resolve resolver
	}{{"/data", dataResource}, {"/ds", oneDatastore}, {"/streams", streamResource}, {"/operations", operationResource}, {"/yang", schemaResource}} {
		m.PathPrefix(root + r.prefix + "/").Handler(s.authenticated(root+r.prefix, r.resolve))
	}
	m.Handle(root+"/data", s.authenticated(root+"/data", dataResource))
	m.PathPrefix(root + "/").Handler(s.authenticated("", nowhere))
	return m
}

// nowhere is the resolver of all other URIs.
func nowhere(*Server, string) (resource, error) {
	return resource{}, rpcerr.NewProtocol(rpcerr.InvalidValue, "there is no such resource").WithReason(rpcerr.NoSuchSchema)
}

// dataResource resolves the datastore, data nodes and actions.
func dataResource(s *Server, rest string) (resource, error) {
	path, action, err := parsePath(s.schema, rest)
	switch {
	case err != nil:
		return resource{}, err
	case action != nil:
		return resource{path: path, operation: action, methods: operationMethods()}, nil
	case len(path) == 0:
		return resource{methods: datastoreMethods()}, nil
	}
	return resource{path: path, methods: dataMethods(path)}, nil
}

// several tells whether path leads to a list or leaf-list as a whole.
func several(path tree.Path) bool {
	if len(path) == 0 {
		return false
	}
	last := path[len(path)-1]
	return (last.Schema.Kind == yang.List || last.Schema.Kind == yang.LeafList) && len(last.Keys) == 0
}
