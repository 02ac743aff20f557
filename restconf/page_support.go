package restconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// pageSupport tells that pages of all lists of state can begin at a cursor
// (draft-ietf-netconf-list-pagination-10 Section 3.1.6). Nothing is constrained.
type pageSupport struct{}

const systemCapabilities = "ietf-system-capabilities:system-capabilities"

// Paths implements datastore.StateProvider.
func (pageSupport) Paths() []string {
	return []string{"/" + systemCapabilities + "/datastore-capabilities/per-node-capabilities/ietf-list-pagination:cursor-supported"}
}

// State implements datastore.StateProvider.
func (pageSupport) State(_ context.Context, _ datastore.StateRequest, m *tree.Mut) error {
	w := datastore.NewWriter(m)
	w.In(systemCapabilities).Entry("datastore-capabilities", "ietf-datastores:operational").
		Entry("per-node-capabilities").Set("node-selector", "/").Set("ietf-list-pagination:cursor-supported", true)
	return w.Err()
}
