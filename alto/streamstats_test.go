package alto

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestStreamStats has the example of three streams with 4, 3 and 2 messages, one of
// which closes, and the window.
func TestStreamStats(t *testing.T) {
	clock := newFakeClock()
	s := NewServer(clock.now)
	s.SetWindow(10 * time.Second)
	s.Publish(snapshot(t, updateConfig(t, nil)))
	base := listening(t, s)
	check := func(step string, streams uint64, total, last MessageStats) {
		t.Helper()
		if diff := cmp.Diff(StreamStats{streams, total, last}, statsOf(t, s, "up").Streams); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	check("no stream", 0, MessageStats{}, MessageStats{})
	version := 1
	publish := func(clients ...*client) {
		t.Helper()
		version++
		republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, fmt.Sprint("t", version))}}))
		for _, c := range clients {
			c.expect(event{name: MediaMergePatch + ",net"})
		}
	}
	open := func() *client {
		t.Helper()
		c := subscribe(t, base, "/up", fmt.Sprintf(`{"add":{"net":{"resource-id":"nm","tag":"t%d"}}}`, version), nil).readControl()
		return c
	}

	first := open()
	check("the control event alone", 1, MessageStats{1, 1, 1, 1}, MessageStats{1, 1, 1, 1})
	publish(first)
	clock.advance(6 * time.Second)
	second := open()
	publish(first, second)
	third := open()
	publish(first, second, third)
	four := MessageStats{Total: 9, Max: 4, Min: 2, Average: 3}
	check("4, 3 and 2 messages", 3, four, four)
	clock.advance(4 * time.Second)
	check("the first two are out of the window", 3, four, MessageStats{Total: 7, Max: 3, Min: 2, Average: 2})

	if status, _ := first.send(`{"remove":[]}`, nil); status != 204 {
		t.Fatalf("status %d", status)
	}
	check("the first has closed", 2, MessageStats{Total: 5, Max: 3, Min: 2, Average: 2}, MessageStats{Total: 5, Max: 3, Min: 2, Average: 2})
	first.expect(event{MediaUpdateControl, `{"stopped":["net"]}`})
	first.expectEnd()

	clock.advance(6 * time.Second)
	check("all are out of the window", 2, MessageStats{Total: 5, Max: 3, Min: 2, Average: 2}, MessageStats{})
	publish(second, third)
	check("one more each", 2, MessageStats{Total: 7, Max: 4, Min: 3, Average: 3}, MessageStats{Total: 2, Max: 1, Min: 1, Average: 1})

	second.cancel()
	third.cancel()
	for deadline := time.Now().Add(patience); statsOf(t, s, "up").Streams.Open > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("streams of clients that are gone remain")
		}
	}
	check("the clients are gone", 0, MessageStats{}, MessageStats{})
	if got := statsOf(t, s, "up").Total; got != (Counts{Requests: 4, Succeeded: 4}) {
		t.Errorf("requests %+v, want three for streams and one for control", got)
	}
	if got := statsOf(t, s, "nm").Streams; got != (StreamStats{}) {
		t.Errorf("another resource has streams: %+v", got)
	}
}
