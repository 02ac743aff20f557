package alto

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// churning returns a cost map of n PIDs and changes a share of one in a hundred of its
// costs each time it is asked.
func churning(t testing.TB, n int) (network *Resource, next func() *Resource) {
	pids, names := make([]PID, n), make([]string, n)
	lines := make([]string, n)
	for i := range n {
		names[i] = fmt.Sprintf("pid%d", i)
		lines[i] = fmt.Sprintf("pid%d 10.%d.%d.0/24", i, i/256, i%256)
	}
	lines[0] += " 0.0.0.0/0"
	copy(pids, pidsOf(lines...))
	m, err := NewNetworkMap(pids)
	if err != nil {
		t.Fatal(err)
	}
	cells, random := make([]float64, n*n), rand.New(rand.NewPCG(1, 2))
	for i := range cells {
		cells[i] = float64(random.IntN(1000))
	}
	return &Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: m}}, func() *Resource {
		for range max(1, len(cells)/100) {
			cells[random.IntN(len(cells))] = float64(random.IntN(1000))
		}
		return &Resource{ID: "cm", Path: "cm", Service: FullCostMap{"nm", "num-routing", costs(t, names, append([]float64(nil), cells...)...)}}
	}
}

// tipsFollower is a client of a view over HTTP, which applies what it gets.
type tipsFollower struct {
	client *http.Client
	view   string
	has    any
	at     int
}

func (f *tipsFollower) step(ctx context.Context, from, to int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/ug/%d/%d", f.view, from, to), nil)
	if err != nil {
		return err
	}
	w, err := f.client.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != http.StatusOK {
		return fmt.Errorf("edge %d to %d: status %d, %s (%v)", from, to, w.StatusCode, text, err)
	}
	var data any
	if err := json.Unmarshal(text, &data); err != nil {
		return err
	}
	if w.Header.Get("Content-Type") == MediaMergePatch {
		data = applyMerge(f.has, data)
	}
	f.has, f.at = data, to
	return nil
}

// TestTIPSFollowers has 500 clients follow a cost map of which one cost in a hundred
// changes at a time: each has what is served in the end.
func TestTIPSFollowers(t *testing.T) {
	const changes = 5
	followers := 500
	if testing.Short() { // the slow race detector
		followers = 100
	}
	network, next := churning(t, 20)
	s := serving(t, Config{CostTypes: rfcCostTypes, Resources: []*Resource{network, next(), {ID: "tips", Path: "tips", Service: TIPS{
		Covers: []string{"cm"}, Patches: map[string]PatchFormats{"cm": MergePatch},
	}}}})
	server := httptest.NewUnstartedServer(s)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	w, err := server.Client().Post(server.URL+"/tips", MediaTIPSParams, strings.NewReader(`{"resource-id":"cm"}`))
	if err != nil || w.ProtoMajor != 2 {
		t.Fatalf("HTTP/%d: %v", w.ProtoMajor, err)
	}
	var o opened
	if err := json.NewDecoder(w.Body).Decode(&o); err != nil || !strings.HasPrefix(o.URI, server.URL+"/tips/") {
		t.Fatalf("%+v (%v)", o, err)
	}
	_ = w.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	all, arrived := make([]*tipsFollower, followers), make(chan struct{}, followers*(changes+1))
	for i := range all {
		f := &tipsFollower{client: server.Client(), view: o.URI}
		all[i] = f
		wg.Go(func() {
			for from := 0; from <= changes; from++ {
				err := f.step(ctx, from, from+1)
				if arrived <- struct{}{}; err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range changes {
		for range followers {
			<-arrived
		}
		waitingFor(t, s, followers)
		s.Publish(withResource(t, s.Snapshot(), next()))
	}
	wg.Wait()
	want := decode(t, get(s, "/cm").Body.String())
	for i, f := range all {
		if diff := cmp.Diff(want, f.has); diff != "" {
			t.Fatalf("client %d (-want +got):\n%s", i, diff)
		}
	}
}

func withResource(t testing.TB, s *Snapshot, r *Resource) *Snapshot {
	t.Helper()
	next, err := s.With(Change{Put: []*Resource{r}})
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// BenchmarkTIPSFollowers is a change of one cost in a hundred of 250 000, until 500 clients
// that wait have it.
func BenchmarkTIPSFollowers(b *testing.B) {
	const followers = 500
	network, next := churning(b, 500)
	s := serving(b, Config{CostTypes: rfcCostTypes, Resources: []*Resource{network, next(), {ID: "tips", Path: "tips", Service: TIPS{Covers: []string{"cm"}}}}})
	o := openTIPSView(b, s, `{"resource-id":"cm"}`)
	end, size := 1, 0
	for b.Loop() {
		b.StopTimer()
		next := withResource(b, s.Snapshot(), next())
		var wg sync.WaitGroup
		for range followers {
			wg.Go(func() {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprintf("%s/ug/%d/%d", o.path(), end, end+1), nil))
				if w.Code != http.StatusOK {
					b.Errorf("status %d", w.Code)
				}
			})
		}
		waitingFor(b, s, followers)
		b.StartTimer()
		s.Publish(next)
		wg.Wait()
		end++
		size = len(o.item(b, s, end-1, end).Body.Bytes())
	}
	b.ReportMetric(float64(size), "bytes/update")
}
