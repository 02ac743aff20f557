package agent

import "github.com/altoam/altoam/alto"

// figure is a statistics leaf that only resources of some kinds have.
type figure struct {
	container, leaf string // below resource-level-stats
	metric, help    string // of Prometheus, the name without the prefix
	value           func(alto.ResourceStats) uint64
}

// The figures by kind.
var (
	networkMapFigures = []figure{{
		"network-map-stats", "num-map-pid", "alto_network_map_pids", "PIDs in a network map.",
		func(s alto.ResourceStats) uint64 { return s.PIDs },
	}}
	endpointPropFigures = []figure{{
		"endpoint-prop-stats", "num-map-entry", "alto_endpoint_property_entries", "Entities with endpoint properties.",
		func(s alto.ResourceStats) uint64 { return s.Entries },
	}}
	propertyMapFigures = []figure{{
		"property-map-stats", "num-map-entry", "alto_property_map_entries", "Entities in a property map.",
		func(s alto.ResourceStats) uint64 { return s.Entries },
	}}
	cdniFigures = []figure{{
		"cdni-stats", "num-base-obj", "alto_cdni_base_objects", "Base advertisement objects.",
		func(s alto.ResourceStats) uint64 { return s.BaseObjects },
	}}
	updateFigures = streamFigures()
)

// streamFigures are those of update streams. The server has no streams yet: all are
// zero.
func streamFigures() []figure {
	var list []figure
	add := func(leaf, metric, help string) {
		list = append(list, figure{"upd-stream-stats", leaf, "alto_update_" + metric, help, func(alto.ResourceStats) uint64 { return 0 }})
	}
	add("num-upd-stream", "streams", "Active update streams.")
	for _, window := range []struct{ leaf, metric, help string }{{"", "", "."}, {"-last", "_last", " within the window."}} {
		add("num-upd-msg-total"+window.leaf, "messages"+window.metric, "Messages sent over the active streams"+window.help)
		add("num-upd-msg-max"+window.leaf, "messages_max"+window.metric, "Most messages sent over an active stream"+window.help)
		add("num-upd-msg-min"+window.leaf, "messages_min"+window.metric, "Fewest messages sent over an active stream"+window.help)
		add("num-upd-msg-avg"+window.leaf, "messages_avg"+window.metric, "Average of the messages sent over the active streams"+window.help)
	}
	return list
}
