package restconf

import (
	"context"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// newVectorFixture starts a Server that has what the messages of the RFCs are about.
func newVectorFixture(t *testing.T) *fixture {
	f := newFixture(t, func(o *Options) {
		nothing := func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil }
		o.Store.HandleRPC("module-A", "reset", nothing)
		o.Store.HandleAction("/module-A:interfaces/reset-all", nothing)
		o.Store.HandleRPC("example-ops", "reboot", nothing)
		o.Store.HandleAction("/example-actions:interfaces/interface/reset", nothing)
		o.Store.HandleRPC("example-ops", "get-reboot-info", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
			m := tree.New(c.Node.Output()).Mutate()
			datastore.NewWriter(m).Set("reboot-time", 30).Set("message", "Going down for system maintenance").Set("language", "en-US")
			return m.Done(), nil
		})
		o.Store.HandleAction("/example-actions:interfaces/interface/get-last-reset-time", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
			m := tree.New(c.Node.Output()).Mutate()
			datastore.NewWriter(m).Set("last-reset", "2015-10-10T02:14:11Z")
			return m.Done(), nil
		})
		o.Store.AddStateProvider(vectorState{})
	}, "example-system", "example-events", "example", "example-ops", "example-actions", "module-A", "foo", "foo-dev", "bar", "baz")
	f.server.EndStreams() // their headers are all that is compared
	return f
}

// vectorState is the state in the messages.
type vectorState struct{}

func (vectorState) Paths() []string {
	return []string{
		"/example-jukebox:jukebox/library/album-count", "/example-jukebox:jukebox/library/song-count",
		"/example-events:events/event/event-count", "/example:interfaces/interface/status",
	}
}

func (vectorState) State(_ context.Context, r datastore.StateRequest, m *tree.Mut) error {
	w := datastore.NewWriter(m)
	for n := range r.Running.Root().Children() {
		switch n.Schema().QName() {
		case "example-jukebox:jukebox":
			w.In("example-jukebox:jukebox").In("library").Set("album-count", 59).Set("song-count", 374)
		case "example-events:events":
			for e := range n.Children() {
				count := map[string]int{"interface-up": 42, "interface-down": 4}[e.Leaf("name").String()]
				w.In("example-events:events").Existing("event", e.KeyValues()...).Set("event-count", count)
			}
		case "example:interfaces":
			for e := range n.Children() {
				w.In("example:interfaces").Existing("interface", e.KeyValues()...).Set("status", "up")
			}
		}
	}
	return w.Err()
}
