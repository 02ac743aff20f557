package restconf

import (
	"maps"
	"net/http"
	"slices"
	"strings"

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

// The methods of the resources (RFC 8040 Sections 3.3 to 3.7 and 4). Nobody changes them.
var (
	readMethods      = methods{http.MethodGet: {(*request).get, readParams}}
	datastoreMethods = methods{
		http.MethodGet:   readMethods[http.MethodGet],
		http.MethodPost:  {(*request).post, insertParams},
		http.MethodPut:   {(*request).put, insertParams},
		http.MethodPatch: {(*request).patch, editParams},
	}
	nodeMethods      = datastoreMethods.with(http.MethodDelete, method{(*request).delete, editParams}) // of a container or list entry
	leafMethods      = nodeMethods.without(http.MethodPost)
	operationMethods = methods{http.MethodPost: {(*request).invoke, nil}}
)

// with is a copy of m with one method more, without one with a method less.
func (m methods) with(name string, x method) methods {
	m = maps.Clone(m)
	m[name] = x
	return m
}

func (m methods) without(name string) methods {
	m = maps.Clone(m)
	delete(m, name)
	return m
}

// dataMethods are the methods of the data resource at path. All entries of a list
// or leaf-list together are no resource that could be edited.
func dataMethods(path tree.Path) methods {
	switch s := path.Schema(); {
	case !s.Config || s.IsKey || several(path):
		return readMethods
	case s.Kind == yang.Container || s.Kind == yang.List:
		return nodeMethods
	}
	return leafMethods
}

// allow is the value of the Allow header.
func (m methods) allow() string {
	names := append(slices.Collect(maps.Keys(m)), http.MethodOptions)
	if _, ok := m[http.MethodGet]; ok {
		names = append(names, http.MethodHead)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// routes answers the URIs of the server.
func (s *Server) routes() http.Handler { return http.HandlerFunc(s.serve) }

// resolver finds the resource; rest is the URI's path behind what led here, still
// percent-encoded.
type resolver func(s *Server, rest string) (resource, error)

// route finds the resolver of a URI's path and what is for it of the path; open tells
// that anybody may ask. Paths are matched and passed on as the client encoded them:
// "a%2Fb" is one segment. Cost does not grow with the number of routes.
func (s *Server) route(path string) (find resolver, rest string, open bool) {
	switch path {
	case hostMetaPath:
		return hostMeta, "", true
	case hostMetaPath + ".json":
		return hostMetaJSON, "", true
	}
	below, ok := strings.CutPrefix(path, s.o.Root)
	if !ok || below != "" && below[0] != '/' {
		return nowhere, "", true
	}
	switch below {
	case "":
		return apiResource, "", false
	case "/data":
		return dataResource, "", false
	case "/operations":
		return operations, "", false
	case "/yang-library-version":
		return libraryVersion, "", false
	case "/openapi.json":
		return openAPIResource, "", false
	}
	kind := below
	if i := strings.IndexByte(below[1:], '/'); i >= 0 {
		kind, rest = below[:i+1], below[i+1:]
	}
	if find = resolvers[kind]; find == nil || rest == "" {
		return nowhere, "", false
	}
	return find, rest, false
}

// resolvers are those of what is below a path in {+restconf}.
var resolvers = map[string]resolver{
	"/data": dataResource, "/ds": oneDatastore, "/streams": streamResource, "/operations": operationResource, "/yang": schemaResource,
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
		return resource{path: path, operation: action, methods: operationMethods}, nil
	case len(path) == 0:
		return resource{methods: datastoreMethods}, nil
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
