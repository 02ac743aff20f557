package alto

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// streamDeployment has the size of the largest published one: 250 000 prefixes in 1 700
// PIDs and 1.3 million costs. In generation i one in a hundred of both is another.
type streamDeployment struct {
	names []string
	cells []float64
}

const deploymentPIDs, deploymentPrefixes = 1_700, 250_000

func newStreamDeployment() *streamDeployment {
	d := &streamDeployment{cells: NewCosts(deploymentPIDs)}
	for i := range deploymentPIDs {
		d.names = append(d.names, fmt.Sprintf("pid%04d", i))
	}
	for i := range d.cells {
		if i%20 < 9 {
			d.cells[i] = float64(i%977) + 0.5
		}
	}
	return d
}

func (d *streamDeployment) networkMap(b *testing.B, generation int) *NetworkMap {
	pids := make([]PID, deploymentPIDs)
	for i, name := range d.names {
		pids[i].Name = name
	}
	for i := range deploymentPrefixes {
		of := i % deploymentPIDs
		if i%100 == generation%100 {
			of = (i + 1) % deploymentPIDs
		}
		pids[of].Prefixes = append(pids[of].Prefixes, netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 0}), 24))
	}
	pids[0].Prefixes = append(pids[0].Prefixes, netip.MustParsePrefix("0.0.0.0/0"))
	m, err := NewNetworkMap(pids)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func (d *streamDeployment) costs(b *testing.B, generation int) *CostMatrix {
	cells := slices.Clone(d.cells)
	for i := generation % 100; i < len(cells); i += 100 {
		cells[i] += float64(generation)
	}
	m, err := NewCostMatrix(d.names, cells)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func (d *streamDeployment) resources(b *testing.B, generation int) []*Resource {
	return []*Resource{
		{ID: "nm", Service: FullNetworkMap{Map: d.networkMap(b, generation), Default: true}},
		{ID: "cm", Service: FullCostMap{"nm", "num-routing", d.costs(b, generation)}},
	}
}

// BenchmarkRefresh publishes such a generation to 50 streams over loopback, until all of
// them have the updates of both maps.
func BenchmarkRefresh(b *testing.B) {
	const streams = 50
	d := newStreamDeployment()
	c := Config{CostTypes: rfcCostTypes, Resources: append(d.resources(b, 0),
		&Resource{ID: "up", Path: "up", Service: UpdateStreams{Covers: []string{"nm", "cm"}}})}
	server := NewServer(nil)
	first, err := NewSnapshot(nil, c)
	if err != nil {
		b.Fatal(err)
	}
	server.Publish(first)
	base := listening(b, server)
	var got sync.WaitGroup
	got.Add(2 * streams)
	for range streams {
		conn := openRaw(b, base, `{"add":{"nm":{"resource-id":"nm"},"cm":{"resource-id":"cm"}}}`)
		go countUpdates(conn, got.Done)
	}
	got.Wait()
	generation := 0
	for b.Loop() {
		b.StopTimer()
		generation++
		next, err := server.Snapshot().With(Change{Put: d.resources(b, generation)})
		if err != nil {
			b.Fatal(err)
		}
		got.Add(2 * streams)
		b.StartTimer()
		server.Publish(next)
		got.Wait()
	}
}

// openRaw opens an update stream on a connection of its own.
func openRaw(tb testing.TB, base, body string) net.Conn {
	addr := strings.TrimPrefix(base, "http://")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	r, err := http.NewRequest(http.MethodPost, base+"/up", strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", MediaUpdateParams)
	if err := r.Write(conn); err != nil {
		tb.Fatal(err)
	}
	return conn
}

// countUpdates calls got for each event that has been read whole, the first aside, until
// the stream ends.
func countUpdates(conn io.Reader, got func()) {
	r := bufio.NewReaderSize(conn, 64<<10)
	first, inEvent := true, false
	for {
		line, err := r.ReadSlice('\n')
		switch {
		case err == bufio.ErrBufferFull:
		case err != nil:
			return
		case bytes.HasPrefix(line, []byte("event: ")):
			inEvent = true
		case inEvent && len(line) == 1:
			if inEvent = false; !first {
				got()
			}
			first = false
		}
	}
}

// BenchmarkIdleStreams opens thousands of streams over HTTP/1.1, whose clients read
// nothing but what wakes them, and publishes a change of a small map to all. It tells the
// memory of a stream, with the server's side of its connection and the client's socket.
func BenchmarkIdleStreams(b *testing.B) {
	const streams = 5_000
	server := serving(b, updateConfig(b, func(u *UpdateStreams) { u.MaxStreams = streams }))
	base := listening(b, server)
	var got sync.WaitGroup
	before := memoryInUse()
	conns := make([]net.Conn, streams)
	for i := range conns {
		conns[i] = openRaw(b, base, `{"add":{"n":{"resource-id":"nm","tag":"t1"}}}`)
	}
	for server.streams.count() < streams {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	perStream := (memoryInUse() - before) / streams
	for _, conn := range conns {
		go countUpdates(conn, got.Done)
	}
	changes := [2]*Resource{}
	for i, tag := range []string{"t2", "t3"} {
		changes[i] = &Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(b, tag)}}
	}
	var publishing time.Duration
	n := 0
	for b.Loop() {
		n++
		next, err := server.Snapshot().With(Change{Put: changes[n%2:][:1]})
		if err != nil {
			b.Fatal(err)
		}
		got.Add(streams)
		start := time.Now()
		server.Publish(next)
		publishing += time.Since(start)
		got.Wait()
	}
	b.ReportMetric(float64(perStream), "B/stream")
	b.ReportMetric(float64(publishing.Microseconds())/float64(n), "µs/publish")
}

// memoryInUse is that of the heap and of the stacks.
func memoryInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
