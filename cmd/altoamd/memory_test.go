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
	go giveBack(t.Context(), 20*time.Millisecond)
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
