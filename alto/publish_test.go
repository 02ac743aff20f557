package alto

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// generation is a configuration whose every part tells its number: the IRD's
// meta, a PID, and the cost of that PID to itself.
func generation(t testing.TB, n int) Config {
	pid := fmt.Sprintf("gen%d", n)
	return Config{CostTypes: rfcCostTypes, Resources: []*Resource{
		{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: networkMap(t, pid, pid+" 0.0.0.0/0"), Default: true}},
		{ID: "cm", Path: "cm", Service: FullCostMap{"nm", "num-hop", costs(t, []string{pid}, float64(n))}},
		{ID: "part", Path: "part", Service: FilteredCostMap{NetworkMap: "nm", Offers: []CostOffer{{"num-hop", costs(t, []string{pid}, float64(n))}}}},
		{ID: fmt.Sprintf("only%d", n), Path: fmt.Sprintf("only%d", n), Service: FilteredNetworkMap{"nm"}},
	}}
}

// TestPublishWhileServing lets clients read while snapshots follow each other:
// each response is of one generation as a whole.
func TestPublishWhileServing(t *testing.T) {
	const generations, clients = 200, 4
	s := serving(t, generation(t, 0))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for ctx.Err() == nil {
				readGeneration(t, s, i)
			}
		})
	}
	for n := 1; n <= generations; n++ {
		next, err := NewSnapshot(s.Snapshot(), generation(t, n))
		if err != nil {
			t.Error(err)
			break
		}
		s.Publish(next)
		if stats, ok := s.ResourceStats("nm"); !ok || stats.Updates != uint64(n) {
			t.Errorf("generation %d: %d updates", n, stats.Updates)
		}
	}
	stop()
	wg.Wait()
}

func readGeneration(t *testing.T, s *Server, client int) {
	var pid string
	switch client % 4 {
	case 0:
		tagIn(decode(t, get(s, "/nm").Body.String()), "vtag")
	case 1:
		body := decode(t, get(s, "/cm").Body.String()).(map[string]any)
		pid = body["meta"].(map[string]any)["dependent-vtags"].([]any)[0].(map[string]any)["tag"].(string)
		checkGeneration(t, body, pid)
	case 2:
		body := decode(t, post(s, "/part", MediaCostMapFilter,
			`{"cost-type":{"cost-mode":"numerical","cost-metric":"hopcount"}}`).Body.String()).(map[string]any)
		pid = body["meta"].(map[string]any)["dependent-vtags"].([]any)[0].(map[string]any)["tag"].(string)
		checkGeneration(t, body, pid)
	case 3:
		ird := decode(t, get(s, "/directory").Body.String()).(map[string]any)["resources"].(map[string]any)
		if len(ird) != 4 {
			t.Errorf("IRD lists %d resources, want those of one generation", len(ird))
		}
	}
}

func tagIn(body any, member string) string {
	return body.(map[string]any)["meta"].(map[string]any)[member].(map[string]any)["tag"].(string)
}

// checkGeneration demands the cost of the generation that pid names.
func checkGeneration(t *testing.T, body map[string]any, pid string) {
	row, _ := body["cost-map"].(map[string]any)[pid].(map[string]any)
	if got := fmt.Sprintf("gen%v", row[pid]); got != pid {
		t.Errorf("network map tag %s goes with %v", pid, body["cost-map"])
	}
}
