package main

import (
	"fmt"
	"testing"
	"time"
)

const getEverything = `<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get-config><source><running/></source></get-config></rpc>`

// readGrowth loads n resources into a new process and reads them all: the size of the
// reply and what the process grew by meanwhile, in MB.
func readGrowth(t testing.TB, n int) (p *process, c *netconfClient, size, grown float64) {
	t.Helper()
	p = launch(t, false)
	c = dial(t, p.started)
	c.load(n)
	c.call(`<commit/>`)
	c.send(getEverything)
	c.discard()
	time.Sleep(memoryTick)
	before := p.memory()
	p.resetPeak()
	c.send(getEverything)
	size = float64(c.discard()) / 1e6
	return p, c, size, p.memory().peak - before.anon - before.file
}

// TestReadGrowth reads 10 000 resources: the reply is made while it is sent.
func TestReadGrowth(t *testing.T) {
	growsAtMost(t, "a get-config", 0.5, 0, func() (size, grown float64) {
		_, _, size, grown = readGrowth(t, 10_000)
		return size, grown
	})
}

// BenchmarkReadGrowth reads n resources, 190 000 being 100 MB, and then has clients that
// ask for the same and do not read it. growth is at the peak of the first, stalled what
// the process keeps for each of the second.
func BenchmarkReadGrowth(b *testing.B) {
	const stalled = 20
	for _, n := range []int{20_000, 190_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				p, c, size, grown := readGrowth(b, n)
				var all []*netconfClient
				for range stalled {
					all = append(all, dial(b, p.started))
				}
				before := p.calm()
				for _, x := range all {
					x.send(getEverything)
				}
				each := (p.calm() - before) * 1000 / stalled
				c.call(getResource("directory-7"))
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(size, "reply-MB")
				b.ReportMetric(grown, "growth-MB")
				b.ReportMetric(each, "stalled-KB")
			}
		})
	}
}
