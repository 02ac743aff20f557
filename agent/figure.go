package agent

import "github.com/altoam/altoam/alto"

// figure is a statistics leaf that only resources of some kinds have.
type figure struct {
	container, leaf string // below resource-level-stats
	help            string
	value           func(*resource, alto.ResourceStats) uint64
}

// The figures by kind.
var (
	networkMapFigures = []figure{{"network-map-stats", "num-map-pid", "PIDs in a network map.",
		func(_ *resource, s alto.ResourceStats) uint64 { return s.PIDs }}}
	endpointPropFigures = []figure{{"endpoint-prop-stats", "num-map-entry", "Entities with endpoint properties.",
		func(_ *resource, s alto.ResourceStats) uint64 { return s.Entries }}}
	propertyMapFigures = []figure{{"property-map-stats", "num-map-entry", "Entities in a property map.",
		func(_ *resource, s alto.ResourceStats) uint64 { return s.Entries }}}
	cdniFigures = []figure{{"cdni-stats", "num-base-obj", "Base advertisement objects.",
		func(r *resource, _ alto.ResourceStats) uint64 { return uint64(len(r.output.Advertisements)) }}}
	updateFigures = streamFigures()
)

// streamFigures are those of update streams. The server has no streams yet: all are
// zero.
func streamFigures() []figure {
	var list []figure
	add := func(leaf, help string) {
		list = append(list, figure{"upd-stream-stats", leaf, help, func(*resource, alto.ResourceStats) uint64 { return 0 }})
	}
	add("num-upd-stream", "Active update streams.")
	for _, window := range []struct{ suffix, help string }{{"", ""}, {"-last", ", within the window"}} {
		add("num-upd-msg-total"+window.suffix, "Messages sent over the active streams"+window.help+".")
		add("num-upd-msg-max"+window.suffix, "Most messages sent over an active stream"+window.help+".")
		add("num-upd-msg-min"+window.suffix, "Fewest messages sent over an active stream"+window.help+".")
		add("num-upd-msg-avg"+window.suffix, "Average of the messages sent over the active streams"+window.help+".")
	}
	return list
}
