package netconf

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
)

// Capabilities are those that the server announces in its hello.
func (s *Server) Capabilities() []string { return slices.Clone(s.capabilities) }

// AnnounceCapabilities publishes how the capabilities differ from those of before: those
// of the last start, nil for none to compare with. A capability with other parameters
// counts as modified (RFC 6470 Section 2.2).
func (s *Server) AnnounceCapabilities(before []string) error {
	n := s.schema.Find("/ietf-netconf-notifications:netconf-capability-change")
	if n == nil || before == nil {
		return nil
	}
	m := tree.New(n).Mutate()
	w := datastore.NewWriter(m)
	w.In("changed-by").Set("server", "")
	changed := false
	note := func(leaf, uri string) {
		changed = true
		w.Set(leaf, uri)
	}
	for _, uri := range s.capabilities {
		switch {
		case slices.Contains(before, uri):
		case slices.ContainsFunc(before, sameBase(uri)):
			note("modified-capability", uri)
		default:
			note("added-capability", uri)
		}
	}
	for _, uri := range before {
		if !slices.ContainsFunc(s.capabilities, sameBase(uri)) {
			note("deleted-capability", uri)
		}
	}
	if err := w.Err(); err != nil || !changed {
		return err
	}
	return s.store.Events().Publish(notify.Event{Tree: m.Done()})
}

// sameBase tells whether a capability is that of uri but for its parameters.
func sameBase(uri string) func(string) bool {
	base, _, _ := strings.Cut(uri, "?")
	return func(other string) bool {
		b, _, _ := strings.Cut(other, "?")
		return b == base
	}
}
