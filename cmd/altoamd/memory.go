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

// Where much is allocated beside a heap that stays as it is, as by many small requests,
// the collector looks through that heap again and again: it gets more room meanwhile.
const (
	gcPercentBusy = 400
	busyRoom      = 256 << 20 // bytes, the most of that room
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

// heap is what the runtime says of the heap.
type heap struct {
	allocated uint64 // bytes so far
	live      uint64 // bytes that the last collection found alive
}

func readHeap() heap {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return heap{s[0].Value.Uint64(), s[1].Value.Uint64()}
}

// tendMemory gives memory back to the system in the first quiet tick after a burst of
// allocations: the runtime alone keeps what the largest commit took for minutes. And it
// gives the collector room as long as that saves work.
func tendMemory(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var released uint64
	var last heap
	percent := gcPercent
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := readHeap()
		if now.allocated-released > burst && now.allocated-last.allocated < calm {
			runtime.GC() // a sync.Pool lets go of what it holds with the second
			debug.FreeOSMemory()
			released = now.allocated
		}
		if p := garbageFor(percent, last, now); p != percent {
			percent = p
			setGarbage(p)
		}
		last = now
	}
}

// garbageFor is how much garbage the runtime may leave, in percent of what is alive,
// after a tick that led from one heap to another; it was percent up to now. A heap that
// grows or shrinks gets no more room than ever, so that a large commit takes no more
// memory than before. Who has more room keeps it until it is calm.
func garbageFor(percent int, from, to heap) int {
	allocated := to.allocated - from.allocated
	switch steady := max(from.live, to.live)-min(from.live, to.live) <= to.live/10; {
	case !steady || to.live == 0 || allocated < calm:
		return gcPercent
	case allocated < to.live/4:
		return percent
	}
	return int(max(gcPercent, min(gcPercentBusy, busyRoom*100/to.live)))
}
