package notify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

func TestLive(t *testing.T) {
	b := broker(t, Options{Streams: []Stream{{"calves", "Calves."}}})
	publish(t, b, born(1))
	all := subscribe(t, b, Request{})
	even := subscribe(t, b, Request{Filter: func(e *Event) bool { return strings.ContainsAny(show(e), "24") }})
	calves := subscribe(t, b, Request{Stream: "calves"})
	want(t, "nothing yet", rest(all), "")
	for i := range 3 {
		e := born(i + 2)
		if i == 1 {
			e.Stream = "calves"
		}
		publish(t, b, e)
	}
	want(t, "all", rest(all), "2 3 4")
	want(t, "even", rest(even), "2 4")
	want(t, "one stream", rest(calves), "3")
	if _, err := b.Subscribe(Request{Stream: "bees"}); !errors.Is(err, ErrNoStream) {
		t.Errorf("unknown stream: %v", err)
	}
	if got := b.Streams(); len(got) != 2 || got[0].Name != NETCONF {
		t.Errorf("streams %v", got)
	}
}

func TestNextWaits(t *testing.T) {
	b := broker(t, Options{})
	s := subscribe(t, b, Request{})
	got := make(chan string)
	go func() {
		e, err := s.Next(context.Background())
		if err != nil {
			t.Error(err)
		}
		got <- show(e)
	}()
	time.Sleep(5 * time.Millisecond)
	publish(t, b, born(7))
	want(t, "woken", <-got, "7")
}

// TestReplay gives times to events: the clock says 1 s, 2 s and so on since the epoch,
// the first of them when the Broker is opened.
func TestReplay(t *testing.T) {
	at := func(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }
	for name, dir := range map[string]string{"memory": "", "files": t.TempDir()} {
		b := broker(t, Options{Dir: dir, Now: func() time.Time { return at(100) }})
		for i := range 5 {
			e := born(i)
			e.Time = at(i)
			publish(t, b, e)
			if b.history != nil && i == 2 {
				b.write()
				b.recent, b.size = nil, 0
			}
		}
		for _, test := range []struct {
			start, stop int
			want, later string
		}{
			{0, 0, "0 1 2 3 4 replayComplete", "9"},
			{2, 0, "2 3 4 replayComplete", "9"},
			{4, 0, "4 replayComplete", "9"},
			{5, 0, "replayComplete", "9"},
			{1, 3, "1 2 3 replayComplete notificationComplete [EOF]", "[EOF]"},
			{1, 100, "1 2 3 4 replayComplete notificationComplete [EOF]", "[EOF]"},
			{50, 60, "replayComplete notificationComplete [EOF]", "[EOF]"},
			{3, 200, "3 4 replayComplete", "9"},
		} {
			r := Request{Start: at(test.start)}
			if test.start == 0 {
				r.Start = at(-50)
			}
			if test.stop != 0 {
				r.Stop = at(test.stop)
			}
			s := subscribe(t, b, r)
			want(t, name, rest(s), test.want)
			e := born(9)
			e.Time = at(101)
			publish(t, b, e)
			want(t, name+" later", rest(s), test.later)
			b.mu.Lock() // as if it had not been
			b.recent, b.next = b.recent[:len(b.recent)-1], b.next-1
			b.mu.Unlock()
		}
	}
}

func TestStopTimePasses(t *testing.T) {
	b := broker(t, Options{Now: time.Now})
	s := subscribe(t, b, Request{Start: time.Now(), Stop: time.Now().Add(20 * time.Millisecond)})
	publish(t, b, born(1))
	var got []string
	for {
		e, err := s.Next(context.Background())
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
		got = append(got, show(e))
	}
	if text := strings.Join(got, " "); text != "replayComplete 1 notificationComplete" && text != "1 replayComplete notificationComplete" {
		t.Error(text)
	}
}

// TestBehind loses a subscriber that is too slow for what memory holds, and no other.
func TestBehind(t *testing.T) {
	b := broker(t, Options{Memory: 4})
	slow, fast := subscribe(t, b, Request{}), subscribe(t, b, Request{})
	replay := subscribe(t, b, Request{Start: epoch})
	for i := range 10 {
		publish(t, b, born(i))
		if _, err := fast.Next(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "slow", rest(slow), "["+ErrBehind.Error()+"]")
	want(t, "replay", rest(replay), "replayComplete ["+ErrBehind.Error()+"]")
	want(t, "replay of what is left", rest(subscribe(t, b, Request{Start: epoch})), "6 7 8 9 replayComplete")
	want(t, "from a number", rest(subscribe(t, b, Request{After: 8})), "8 9")
	want(t, "from a number that is gone", rest(subscribe(t, b, Request{After: 2})), "6 7 8 9")
	want(t, "from a number to come", rest(subscribe(t, b, Request{After: 1000})), "")
	want(t, "from the largest number", rest(subscribe(t, b, Request{After: math.MaxUint64})), "")
	bytesOnly := broker(t, Options{MemoryBytes: 200})
	for i := range 100 {
		publish(t, bytesOnly, born(i))
	}
	if n := len(bytesOnly.recent); n > 6 || n == 0 {
		t.Errorf("%d events in 200 octets", n)
	}
}

func TestEncoding(t *testing.T) {
	s := compiled()
	stall := s.Find("/farm:farm/stall")
	name, _ := stall.Keys[0].Type.Parse("a<b", nil)
	row, _ := stall.Keys[1].Type.Parse("3", nil)
	inside := Event{
		Path: tree.Path{{Schema: s.Find("/farm:farm")}, {Schema: stall, Keys: []yang.Value{name, row}}, {Schema: s.Find("/farm:farm/stall/door")}},
		Tree: tree.New(s.Find("/farm:farm/stall/door/opened")),
	}
	closed := Event{Path: tree.Path{{Schema: s.Find("/farm:farm")}}, Tree: tree.New(s.Find("/farm:farm/closed"))}
	for _, test := range []struct {
		e         Event
		xml, json string
	}{
		{born(5), `<born xmlns="urn:farm"><number>5</number></born>`, `"farm:born":{"number":5}`},
		{
			inside,
			`<farm xmlns="urn:farm"><stall><name xmlns="urn:farm">a&lt;b</name><row xmlns="urn:farm">3</row><door><opened xmlns="urn:farm"/></door></stall></farm>`,
			`"farm:farm":{"stall":[{"name":"a<b","row":3,"door":{"opened":{}}}]}`,
		},
		{closed, `<farm xmlns="urn:farm"><closed xmlns="urn:farm"/></farm>`, `"farm:farm":{"closed":{}}`},
	} {
		payload, err := encodePayload(&test.e, s)
		if err != nil {
			t.Fatal(err)
		}
		r := record{seq: 8, time: epoch, payload: payload}
		e, err := r.event(s)
		if err != nil || e.Seq != 8 || !e.Time.Equal(epoch) {
			t.Fatalf("%s: %v, %v", payload, e, err)
		}
		for _, e := range []*Event{&test.e, e} {
			var x, j bytes.Buffer
			if err := errors.Join(e.WriteXML(&x, s), e.WriteJSON(&j, s)); err != nil {
				t.Error(err)
			}
			want(t, "XML", x.String(), test.xml)
			want(t, "JSON", j.String(), test.json)
		}
	}
}
