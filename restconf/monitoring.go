package restconf

import (
	"context"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// capabilities are the capability URIs (RFC 8040 Sections 9.1.1 and 9.1.2, RFC 8527 Section 4).
var capabilities = append([]string{
	"urn:ietf:params:restconf:capability:defaults:1.0?basic-mode=explicit",
	"urn:ietf:params:restconf:capability:depth:1.0",
	"urn:ietf:params:restconf:capability:fields:1.0",
	"urn:ietf:params:restconf:capability:filter:1.0",
	"urn:ietf:params:restconf:capability:replay:1.0",
	"urn:ietf:params:restconf:capability:with-defaults:1.0",
	"urn:ietf:params:restconf:capability:with-operational-defaults:1.0",
	"urn:ietf:params:restconf:capability:with-origin:1.0",
}, pageCapabilities()...)

// yangPatchCapability is announced where YANG Patch is supported (RFC 8072 Section 2.8).
const yangPatchCapability = "urn:ietf:params:restconf:capability:yang-patch:1.0"

// monitoring is the state of ietf-restconf-monitoring (RFC 8040 Section 9).
type monitoring struct{ *Server }

const monitoringPath = "ietf-restconf-monitoring:restconf-state"

// Paths implements datastore.StateProvider.
func (monitoring) Paths() []string { return []string{"/" + monitoringPath} }

// State implements datastore.StateProvider.
func (s monitoring) State(ctx context.Context, _ datastore.StateRequest, m *tree.Mut) error {
	w := datastore.NewWriter(m)
	c := w.In(monitoringPath).In("capabilities")
	for _, uri := range capabilities {
		c.Set("capability", uri)
	}
	if s.patches != nil {
		c.Set("capability", yangPatchCapability)
	}
	if s.o.Report != nil {
		c.Set("capability", dryRunCapability)
	}
	s.streams(ctx, w.In(monitoringPath).In("streams"))
	return w.Err()
}

// streams lists the event streams (RFC 8040 Section 9.3). Readers over other protocols
// do not know the host by which this server is reached: they get no streams, whose
// locations must be whole URIs.
func (s monitoring) streams(ctx context.Context, w *datastore.Writer) {
	base, reached := ctx.Value(baseKey{}).(string)
	if !reached {
		return
	}
	events := s.store.Events()
	for _, stream := range events.Streams() {
		e := w.Entry("stream", stream.Name).Set("description", stream.Description).
			Set("replay-support", true).Set("replay-log-creation-time", events.Created().UTC().Format(time.RFC3339Nano))
		for enc, name := range access {
			e.Entry("access", name).Set("location", base+streamPath(stream.Name, encoding(enc)))
		}
	}
}
