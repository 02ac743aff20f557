package agent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMetrics(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.body("networkmap/net")
	l.get("nowhere")
	l.clock.advance(time.Second)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.agent)
	want := `
# HELP altoam_alto_cdni_base_objects Base advertisement objects.
# TYPE altoam_alto_cdni_base_objects gauge
altoam_alto_cdni_base_objects{resource="cdn"} 1
# HELP altoam_alto_network_map_pids PIDs in a network map.
# TYPE altoam_alto_network_map_pids gauge
altoam_alto_network_map_pids{resource="net"} 2
# HELP altoam_alto_server_discontinuity_timestamp_seconds When the counters of the ALTO server last could not go on.
# TYPE altoam_alto_server_discontinuity_timestamp_seconds gauge
altoam_alto_server_discontinuity_timestamp_seconds 1.7953488e+09
# HELP altoam_alto_server_requests_total Requests to the ALTO server, by result: received counts all.
# TYPE altoam_alto_server_requests_total counter
altoam_alto_server_requests_total{result="failed"} 1
altoam_alto_server_requests_total{result="received"} 2
altoam_alto_server_requests_total{result="succeeded"} 1
# HELP altoam_alto_server_window_seconds Length of the statistics window.
# TYPE altoam_alto_server_window_seconds gauge
altoam_alto_server_window_seconds 300
# HELP altoam_source_records Records in the data of a source.
# TYPE altoam_source_records gauge
altoam_source_records{source="campus"} 6
# HELP altoam_source_stale Whether a source's data in use is not that of the last attempt.
# TYPE altoam_source_stale gauge
altoam_source_stale{source="campus"} 0
`
	err := testutil.GatherAndCompare(registry, strings.NewReader(want), "altoam_alto_cdni_base_objects", "altoam_alto_network_map_pids",
		"altoam_alto_server_discontinuity_timestamp_seconds", "altoam_alto_server_requests_total", "altoam_alto_server_window_seconds",
		"altoam_source_records", "altoam_source_stale")
	if err != nil {
		t.Error(err)
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	series := make(map[string]int)
	for _, f := range families {
		series[f.GetName()] = len(f.GetMetric())
	}
	for name, n := range map[string]int{
		"altoam_alto_resource_requests_total": 3 * 10, "altoam_alto_resource_requests_last": 3 * 10,
		"altoam_alto_resource_updates_total": 10, "altoam_alto_resource_memory_bytes": 10, "altoam_alto_resource_encoded_bytes": 10,
		"altoam_alto_resource_discontinuity_timestamp_seconds": 10, "altoam_alto_resource_report_timestamp_seconds": 10,
		"altoam_alto_endpoint_property_entries": 1, "altoam_alto_property_map_entries": 1,
		"altoam_alto_update_streams": 1, "altoam_alto_update_messages_max_last": 1,
		"altoam_source_success_timestamp_seconds": 1, "altoam_source_skipped_records": 1, "altoam_source_conflicts": 1,
	} {
		if series[name] != n {
			t.Errorf("%s has %d series, expected %d", name, series[name], n)
		}
	}
}
