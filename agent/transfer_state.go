package agent

import (
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/datastore"
)

// transferState writes the container transfer of a source's state.
func transferState(w *datastore.Writer, s *driver.Status, now time.Time) {
	t := s.Transfer
	setText(w, "uri", t.URI)
	if t.Status != 0 {
		w.Set("http-status", t.Status)
	}
	setText(w, "entity-tag", t.ETag)
	w.Set("received-bytes", t.Received).Set("streaming", t.Streaming)
	setInstant(w, "last-change", t.Changed)
	if !s.LastSuccess.IsZero() {
		w.Set("lag", uint64(max(0, now.Sub(s.LastSuccess)/time.Second)))
	}
	setInstant(w, "next-attempt", t.Next)
	for _, id := range t.Path {
		w.Set("path", id)
	}
}
