package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Most of the heap is trees that stay as they are, and a large request makes more
// of them with little garbage: half of what is alive as room for garbage costs a
// few more collections and saves a quarter of the memory.
// The start is nothing but growth: collecting in between finds little and takes a
// third of its time.
const (
	gcPercent      = 50
	gcPercentStart = 200
)

// A burst is what a large commit allocates, and calm what a server does between.
const (
	memoryTick = 2 * time.Second
	burst      = 64 << 20 // bytes allocated since memory was given back
	calm       = 4 << 20  // bytes allocated within a tick
)

// setGarbage sets how much garbage the runtime may leave, in percent of what is
// alive, unless the user does by GOGC.
func setGarbage(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// giveBack gives memory back to the system in the first quiet tick after a burst of
// allocations: the runtime alone keeps what the largest commit took for minutes.
func giveBack(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var released, last uint64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := allocated()
		if now-released > burst && now-last < calm {
			runtime.GC() // a sync.Pool lets go of what it holds with the second
			debug.FreeOSMemory()
			released = now
		}
		last = now
	}
}

// allocated is the number of bytes allocated on the heap so far.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
