package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

const capabilitiesModule = "ietf-system-capabilities"

// systemCapabilities produces the state of ietf-system-capabilities (RFC 9196
// Section 4): the datastores, as what other modules tell about them goes there.
// Those of ietf-notification-capabilities are about YANG-Push, which the server
// does not have.
type systemCapabilities struct{ *Server }

// Paths implements datastore.StateProvider.
func (c *systemCapabilities) Paths() []string {
	return []string{"/" + capabilitiesModule + ":system-capabilities"}
}

// State implements datastore.StateProvider.
func (c *systemCapabilities) State(_ context.Context, _ datastore.StateRequest, root *tree.Mut) error {
	w := datastore.NewWriter(root)
	list := w.In(capabilitiesModule + ":system-capabilities")
	for _, ds := range []datastore.Datastore{
		datastore.Running, datastore.Candidate, datastore.Startup, datastore.Intended, datastore.Operational,
	} {
		if ds != datastore.Startup || c.store.HasStartup() {
			list.Entry("datastore-capabilities", "ietf-datastores:"+ds.String())
		}
	}
	return w.Err()
}
