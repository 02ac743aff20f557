package restconf

import (
	"net/http"
	"slices"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// apiResource resolves {+restconf} (RFC 8040 Section 3.3).
func apiResource(*Server, string) (resource, error) {
	return resource{methods: methods{http.MethodGet: {(*request).getAPI, apiParams}}}, nil
}

// libraryVersion resolves {+restconf}/yang-library-version (RFC 8040 Section 3.3.3).
func libraryVersion(*Server, string) (resource, error) {
	return resource{methods: methods{http.MethodGet: {(*request).getLibraryVersion, nil}}}, nil
}

// getAPI shows the API resource. Its children are other kinds of resources, shown
// without their content.
func (q *request) getAPI() error {
	rd, err := q.params.reading()
	if err != nil {
		return err
	}
	api, path := q.api()
	switch {
	case rd.fields != nil:
		if api, err = rd.fields.Apply(api, path); err != nil {
			return err
		}
	default:
		api = query.Depth(api, path, rd.depth)
	}
	return q.sendNodes(instances(api, path), codec.EncodeOptions{})
}

func (q *request) getLibraryVersion() error {
	api, path := q.api()
	leaf := path.Schema().Child(restconfModule, "yang-library-version")
	return q.sendNodes(instances(api, path.Join(tree.Step{Schema: leaf})), codec.EncodeOptions{})
}

// api is the content of the yang-api template, and the path of its container.
func (q *request) api() (*tree.Tree, tree.Path) {
	i := slices.IndexFunc(q.own.Structures, func(n *yang.Node) bool { return n.Name == "yang-api" })
	top := q.own.Structures[i]
	root := top.Child(restconfModule, "restconf")
	m := tree.New(top).Mutate()
	c := m.Ensure(root)
	c.Ensure(root.Child(restconfModule, "data"))
	c.Ensure(root.Child(restconfModule, "operations"))
	if library := q.schema.Module("ietf-yang-library"); library != nil {
		leaf := root.Child(restconfModule, "yang-library-version")
		if v, err := leaf.Type.Parse(library.Revision, nil); err == nil {
			c.SetLeaf(leaf, v)
		}
	}
	return m.Done(), tree.Path{{Schema: root}}
}
