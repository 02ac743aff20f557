package main

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// exchange sends a request with such a body, nil for none, whose answer must have that
// status, and returns how many bytes were sent and received. Neither is kept.
func (p *process) exchange(method, path string, body func(io.Writer), want int) (sent, received float64) {
	p.t.Helper()
	var size counter
	var content io.Reader
	if body != nil {
		r, w := io.Pipe()
		go func() {
			body(io.MultiWriter(w, &size))
			w.Close()
		}()
		content = r
	}
	q, err := http.NewRequest(method, "https://"+p.Restconf+path, content)
	if err != nil {
		p.t.Fatal(err)
	}
	q.SetBasicAuth(adminUser, "x")
	q.Header.Set("Content-Type", "application/yang-data+json")
	q.Header.Set("Accept-Encoding", "identity")
	a, err := client.Do(q)
	if err != nil {
		p.t.Fatal(err)
	}
	defer a.Body.Close()
	if a.StatusCode != want {
		text, _ := io.ReadAll(io.LimitReader(a.Body, 1000))
		p.t.Fatalf("%s %s: %s %s", method, path, a.Status, text)
	}
	n, err := io.Copy(io.Discard, a.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return float64(size) / 1e6, float64(n) / 1e6
}

// candidate is where a large body is decoded and nothing else: there is no commit.
const candidate = "/restconf/ds/ietf-datastores:candidate/ietf-alto:alto"

// wholes are resources that hold all of the configuration, and its longest list.
var wholes = []string{"/restconf/data?content=config", "/restconf/data", "/restconf/data/ietf-alto:alto/alto-server/resource"}

// TestRestconfGrowth puts 10 000 resources into the candidate and then into running, and
// reads them: bodies are decoded as they arrive, answers made while they are sent. The
// process may grow by three times the message and what the collector leaves, as with
// NETCONF, and by half an answer.
func TestRestconfGrowth(t *testing.T) {
	resources := func(w io.Writer) { loadJSON(w, 10_000) }
	var p *process
	growsAtMost(t, "a PUT", 3, 12, func() (size, grown float64) {
		p = launch(t, false)
		p.exchange(http.MethodGet, "/restconf/data?content=config", nil, http.StatusOK)
		idle := p.memory()
		p.resetPeak()
		size, _ = p.exchange(http.MethodPut, candidate, resources, http.StatusCreated)
		return size, p.memory().peak - idle.anon - idle.file
	})
	p.exchange(http.MethodPut, "/restconf/data/ietf-alto:alto", resources, http.StatusCreated)
	p.calmReads(wholes...)
	for _, path := range wholes {
		growsAtMost(t, "a GET of "+path, 0.5, 0, func() (size, grown float64) { return p.readGrowth(path) })
	}
}

// growsAtMost fails when a process grows by more than factor times the size of a message
// and more MB. It measures up to three times: on a busy machine the collector of the
// process comes late now and then, but memory that is needed is needed each time.
func growsAtMost(t *testing.T, what string, factor, more float64, measure func() (size, grown float64)) {
	t.Helper()
	var size, grown float64
	for range 3 {
		size, grown = measure()
		t.Logf("%s of %.1f MB: %.1f MB more at the peak", what, size, grown)
		if grown <= factor*size+more {
			return
		}
	}
	t.Errorf("%s of %.1f MB took %.1f MB, want at most %.1f times its size and %.0f MB", what, size, grown, factor, more)
}

// calmReads reads the resources, so that reading them again makes nothing for the first
// time, and waits until the process has given back what it does not need.
func (p *process) calmReads(paths ...string) {
	p.t.Helper()
	for _, path := range paths {
		p.exchange(http.MethodGet, path, nil, http.StatusOK)
	}
	time.Sleep(memoryTick)
}

// readGrowth is the size of an answer and what the process grew by meanwhile, in MB.
func (p *process) readGrowth(path string) (size, grown float64) {
	p.t.Helper()
	before := p.memory()
	p.resetPeak()
	_, size = p.exchange(http.MethodGet, path, nil, http.StatusOK)
	return size, p.memory().peak - before.anon - before.file
}

// BenchmarkRestconfGrowth is the same with n resources, 270 000 being 100 MB of JSON.
func BenchmarkRestconfGrowth(b *testing.B) {
	for _, n := range []int{20_000, 270_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				p := launch(b, false)
				p.exchange(http.MethodGet, "/restconf/data?content=config", nil, http.StatusOK)
				idle := p.memory()
				p.resetPeak()
				sent, _ := p.exchange(http.MethodPut, "/restconf/data/ietf-alto:alto", func(w io.Writer) { loadJSON(w, n) }, http.StatusCreated)
				put := p.memory().peak - idle.anon - idle.file
				p.calmReads(wholes[0])
				size, grown := p.readGrowth(wholes[0])
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(sent, "body-MB")
				b.ReportMetric(put, "put-growth-MB")
				b.ReportMetric(size, "answer-MB")
				b.ReportMetric(grown, "growth-MB")
			}
		})
	}
}
