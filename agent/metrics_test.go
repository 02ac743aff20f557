package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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
# HELP altoam_alto_resources Configured resources.
# TYPE altoam_alto_resources gauge
altoam_alto_resources 10
# HELP altoam_alto_resources_down Resources out of service.
# TYPE altoam_alto_resources_down gauge
altoam_alto_resources_down 0
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
	err := testutil.GatherAndCompare(registry, strings.NewReader(want), "altoam_alto_cdni_base_objects", "altoam_alto_network_map_pids", "altoam_alto_resources", "altoam_alto_resources_down",
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

// TestMetricsOfManyResources demands series of the first resources by ID alone, which a
// change brings up to date, and counts of all.
func TestMetricsOfManyResources(t *testing.T) {
	for _, c := range []struct {
		option int
		want   []string
	}{
		{0, []string{"net", "r0", "r1", "r2", "r3"}},
		{5, []string{"net", "r0", "r1", "r2", "r3"}},
		{3, []string{"net", "r0", "r1"}},
		{-1, nil},
	} {
		a := of(t, tenants(5), c.option)
		if got := labelled(t, a, "altoam_alto_resource_up"); !slices.Equal(got, c.want) {
			t.Errorf("%d: metrics of %v, expected %v", c.option, got, c.want)
		}
		if got := labelled(t, a, "altoam_alto_resources"); len(got) != 1 {
			t.Errorf("%d: number of resources %v", c.option, got)
		}
	}
	a := of(t, tenants(5), 3)
	labelled(t, a, "altoam_alto_resource_up")
	serve(t, a, tenants(5), tenants(2))
	if got := labelled(t, a, "altoam_alto_resource_up"); !slices.Equal(got, []string{"net", "r0"}) {
		t.Errorf("metrics of %v after three resources are gone", got)
	}
}

// of is an agent that serves a configuration, where it listens left out.
func of(t testing.TB, text string, metricResources int) *agent.Agent {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	store, err := datastore.Open(datastore.Options{Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	a := agent.New(agent.Options{Store: store, MetricResources: metricResources})
	serve(t, a, "{}", text)
	return a
}

// serve changes one configuration of an agent to another.
func serve(t testing.TB, a *agent.Agent, before, after string) {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) *tree.Tree { return instance.JSON(t, s, strings.Replace(text, listenAnywhere, "", 1)) }
	old, now := read(before), read(after)
	p, err := a.Prepare(ctx, datastore.Change{Old: old, New: now, Diff: tree.Compare(old, now)})
	if err != nil {
		t.Fatal(err)
	}
	p.Apply()
}

// labelled returns the first label of each series of a metric, in order.
func labelled(t testing.TB, a *agent.Agent, metric string) (values []string) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(a)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != metric {
			continue
		}
		for _, m := range f.GetMetric() {
			value := ""
			if len(m.GetLabel()) > 0 {
				value = m.GetLabel()[0].GetValue()
			}
			values = append(values, value)
		}
	}
	return values
}

// BenchmarkScrape has Prometheus fetch the metrics of n resources, each of which has series
// of its own and has been asked for.
func BenchmarkScrape(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		for kind, text := range map[string]string{
			"Directories": tenants(n),
			"Maps":        strings.Replace(mapTenants(n), `"alto-server":{`, `"alto-server":{`+listenAnywhere, 1),
		} {
			_, a := loaded(b, text)
			base := strings.TrimSuffix(a.IRDs()[0], "directory")
			for i := range n / 2 {
				for _, path := range []string{"networkmap/n", "costmap/c"} {
					resp, err := http.Get(fmt.Sprint(base, path, i))
					if err != nil {
						b.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			}
			registry := prometheus.NewRegistry()
			registry.MustRegister(a)
			server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					resp, err := http.Get(server.URL)
					if err != nil {
						b.Fatal(err)
					}
					size, _ := io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					b.SetBytes(size)
				}
			})
			server.Close()
		}
	}
}
