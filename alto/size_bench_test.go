package alto

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// sizeServer serves a streamDeployment whose PIDs have names that make the cost map as
// large as that of the largest published one: 47 MB.
func sizeServer(b *testing.B) (*Server, string) {
	b.Helper()
	d := newStreamDeployment()
	for i := range d.names {
		d.names[i] = fmt.Sprintf("pid%04d-of-the-backbone-network", i)
	}
	resources := append(d.resources(b, 0), &Resource{ID: "fcm", Service: FilteredCostMap{
		NetworkMap: "nm", Offers: []CostOffer{{CostType: "num-routing", Costs: d.costs(b, 0)}}, CostCapabilities: CostCapabilities{Constraints: true},
	}})
	s, err := NewSnapshot(nil, Config{CostTypes: rfcCostTypes, Resources: resources})
	if err != nil {
		b.Fatal(err)
	}
	server := NewServer(nil)
	server.Publish(s)
	return server, listening(b, server)
}

// readThrough reads a response to its end and returns its length.
func readThrough(b *testing.B, r *http.Request) int64 {
	w, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Body.Close()
	n, err := io.Copy(io.Discard, w.Body)
	if err != nil || w.StatusCode != http.StatusOK {
		b.Fatal(w.Status, err)
	}
	return n
}

// BenchmarkFullCostMap gets the cost map of 47 MB, plain and compressed, by turns with the
// same bytes from memory by net/http alone, and reports how fast it is beside that.
func BenchmarkFullCostMap(b *testing.B) {
	_, base := sizeServer(b)
	for name, encoding := range map[string]string{"Plain": "identity", "Gzip": "gzip"} {
		b.Run(name, func(b *testing.B) {
			get := func(base string) *http.Request {
				r, err := http.NewRequest(http.MethodGet, base+"/costmap/cm", nil)
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Accept-Encoding", encoding)
				return r
			}
			w, err := http.DefaultTransport.RoundTrip(get(base))
			if err != nil {
				b.Fatal(err)
			}
			text, err := io.ReadAll(w.Body)
			w.Body.Close()
			if err != nil {
				b.Fatal(err)
			}
			bare := listening(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(text)))
				_, _ = w.Write(text)
			}))
			var ours, theirs time.Duration
			for b.Loop() {
				began := time.Now()
				readThrough(b, get(base))
				ours += time.Since(began)
				began = time.Now()
				readThrough(b, get(bare))
				theirs += time.Since(began)
			}
			b.ReportMetric(float64(theirs)/float64(ours), "of-bare")
			b.ReportMetric(float64(len(text))*float64(b.N)/1e6/ours.Seconds(), "MB/s")
		})
	}
}

// BenchmarkFilteredCostMap asks for the costs of 100 × 100 PIDs, with a constraint and
// without.
func BenchmarkFilteredCostMap(b *testing.B) {
	server, base := sizeServer(b)
	pids := server.Snapshot().byID.At("nm").Service.(FullNetworkMap).Map.Names()
	list := func(from int) string { return `"` + strings.Join(pids[from:from+100], `","`) + `"` }
	for name, more := range map[string]string{"All": "", "Constrained": `,"constraints":["le 500"]`} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				i := len(took) * 37 % 1500
				body := `{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"pids":{"srcs":[` + list(i) + `],"dsts":[` + list((i+700)%1500) + `]}` + more + `}`
				r, err := http.NewRequest(http.MethodPost, base+"/costmapfilter/fcm", strings.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Content-Type", MediaCostMapFilter)
				began := time.Now()
				readThrough(b, r)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
		})
	}
}

// BenchmarkNetworkMapOfSize makes the network map of 250 000 prefixes, and encodes it.
func BenchmarkNetworkMapOfSize(b *testing.B) {
	pids := newStreamDeployment().networkMap(b, 0).PIDs()
	for b.Loop() {
		m, err := NewNetworkMap(pids)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(m.encoded()))/1e6, "MB")
	}
}

// BenchmarkCostMapOfSize makes the matrix of 1.3 million costs, and encodes it.
func BenchmarkCostMapOfSize(b *testing.B) {
	d := newStreamDeployment()
	for b.Loop() {
		b.ReportMetric(float64(len(d.costs(b, 0).encoded()))/1e6, "MB")
	}
}

// BenchmarkLongestMatch looks addresses up in 250 000 prefixes, one after the other.
func BenchmarkLongestMatch(b *testing.B) {
	m := newStreamDeployment().networkMap(b, 0)
	i := uint32(1)
	for b.Loop() {
		i = i*1664525 + 1013904223
		if _, ok := m.Lookup(netip.AddrFrom4([4]byte{byte(i >> 24 & 3), byte(i >> 16), byte(i >> 8), byte(i)})); !ok {
			b.Fatal("no PID")
		}
	}
}
