package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// streams produces the state of nc-notifications (RFC 5277 Section 3.4).
type streams struct{ *Server }

// Paths implements datastore.StateProvider.
func (s *streams) Paths() []string { return []string{"/" + streamsModule + ":netconf"} }

// State implements datastore.StateProvider.
func (s *streams) State(_ context.Context, _ datastore.StateRequest, root *tree.Mut) error {
	w := datastore.NewWriter(root)
	list := w.In(streamsModule + ":netconf").In("streams")
	events := s.store.Events()
	for _, st := range events.Streams() {
		list.Entry("stream", st.Name).Set("description", st.Description).
			Set("replaySupport", true).Set("replayLogCreationTime", dateAndTime(events.Created()))
	}
	return w.Err()
}
