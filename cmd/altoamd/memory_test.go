package main

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

func TestMemoryIsGivenBack(t *testing.T) {
	released := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	go tendMemory(t.Context(), 20*time.Millisecond)
	held := make([][]byte, 2*burst>>20)
	for i := range held {
		held[i] = make([]byte, 1<<20)
	}
	before := released()
	runtime.KeepAlive(held)
	for range 250 {
		if released() > before+burst {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d MB of %d are back after five quiet seconds", (released()-before)>>20, 2*burst>>20)
}

func TestGarbageFor(t *testing.T) {
	const mb = 1 << 20
	for _, x := range []struct {
		name     string
		percent  int
		from, to heap
		want     int
	}{
		{"busy and small", gcPercent, heap{1000 * mb, 20 * mb}, heap{1100 * mb, 20 * mb}, gcPercentBusy},
		{"busy and middle", gcPercent, heap{1000 * mb, 128 * mb}, heap{2000 * mb, 128 * mb}, 200},
		{"busy enough", gcPercent, heap{1000 * mb, 256 * mb}, heap{1070 * mb, 256 * mb}, 100},
		{"busy and large", gcPercent, heap{1000 * mb, 2000 * mb}, heap{9000 * mb, 2000 * mb}, gcPercent},
		{"less busy now", 200, heap{1000 * mb, 128 * mb}, heap{1010 * mb, 128 * mb}, 200},
		{"not busy yet", gcPercent, heap{1000 * mb, 128 * mb}, heap{1010 * mb, 128 * mb}, gcPercent},
		{"calm", 200, heap{1000 * mb, 128 * mb}, heap{1001 * mb, 128 * mb}, gcPercent},
		{"growing", 200, heap{1000 * mb, 20 * mb}, heap{1100 * mb, 30 * mb}, gcPercent},
		{"shrinking", 200, heap{1000 * mb, 30 * mb}, heap{1100 * mb, 20 * mb}, gcPercent},
		{"no collection yet", gcPercent, heap{}, heap{100 * mb, 0}, gcPercent},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := garbageFor(x.percent, x.from, x.to); got != x.want {
				t.Errorf("%d percent, want %d", got, x.want)
			}
		})
	}
}
