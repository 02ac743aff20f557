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

// streamFigures are those of update streams.
func streamFigures() []figure {
	var list []figure
	add := func(leaf, metric, help string, value func(alto.ResourceStats) uint64) {
		list = append(list, figure{"upd-stream-stats", leaf, "alto_update_" + metric, help, value})
	}
	add("num-upd-stream", "streams", "Active update streams.", func(s alto.ResourceStats) uint64 { return s.Streams.Open })
	for _, w := range []struct {
		leaf, metric, help string
		of                 func(alto.StreamStats) alto.MessageStats
	}{
		{"", "", ".", func(s alto.StreamStats) alto.MessageStats { return s.Total }},
		{"-last", "_last", " within the window.", func(s alto.StreamStats) alto.MessageStats { return s.Last }},
	} {
		add("num-upd-msg-total"+w.leaf, "messages"+w.metric, "Messages sent over the active streams"+w.help,
			func(s alto.ResourceStats) uint64 { return w.of(s.Streams).Total })
		add("num-upd-msg-max"+w.leaf, "messages_max"+w.metric, "Most messages sent over an active stream"+w.help,
			func(s alto.ResourceStats) uint64 { return w.of(s.Streams).Max })
		add("num-upd-msg-min"+w.leaf, "messages_min"+w.metric, "Fewest messages sent over an active stream"+w.help,
			func(s alto.ResourceStats) uint64 { return w.of(s.Streams).Min })
		add("num-upd-msg-avg"+w.leaf, "messages_avg"+w.metric, "Average of the messages sent over the active streams"+w.help,
			func(s alto.ResourceStats) uint64 { return w.of(s.Streams).Average })
	}
	return list
}
