package notify

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// files are the segments of a folder, oldest first.
func files(t testing.TB, dir string) []string {
	t.Helper()
	l, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(l)
	return l
}

// written publishes events numbered from first and writes them.
func written(t testing.TB, b *Broker, first, n int) {
	t.Helper()
	for i := range n {
		publish(t, b, born(first+i))
	}
	b.write()
}

func replay(t testing.TB, b *Broker) string {
	return rest(subscribe(t, b, Request{Start: time.Unix(1, 0)}))
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	b := broker(t, Options{Dir: dir})
	created := b.Created()
	stop := run(t, b)
	for i := range 3 {
		publish(t, b, born(i))
	}
	stop()
	for i := range 3 {
		b = broker(t, Options{Dir: dir, Now: func() time.Time { return epoch.Add(time.Hour) }})
		stop := run(t, b)
		live := subscribe(t, b, Request{})
		publish(t, b, born(3+i))
		want(t, "live", rest(live), fmt.Sprint(3+i))
		want(t, "replay", replay(t, b), "0 1 2 3 4 5"[:7+2*i]+" replayComplete")
		if !b.Created().Equal(created.Truncate(time.Second)) {
			t.Errorf("created %v, want %v", b.Created(), created)
		}
		stop()
	}
}

func TestLimits(t *testing.T) {
	for name, l := range map[string]Limits{
		"count": {Events: 160}, "size": {Bytes: 160 * 80}, "age": {Events: 320, Age: 150 * time.Second},
	} {
		dir, now := t.TempDir(), epoch
		b := broker(t, Options{Dir: dir, Limits: l, Memory: 1, Now: func() time.Time { now = now.Add(time.Second); return now }})
		for i := range 1000 {
			written(t, b, i, 1)
		}
		got := strings.Fields(replay(t, b))
		events := len(got) - 1
		if events < 60 || events > 200 || got[events-1] != "999" || got[0] != fmt.Sprint(1000-events) {
			t.Errorf("%s: %d events from %s", name, events, got[0])
		}
		if n := len(files(t, dir)); n > 2*segments+1 {
			t.Errorf("%s: %d files", name, n)
		}
		slow := &Subscription{b: b, r: Request{Stream: NETCONF}, next: 10, replayTo: 9}
		want(t, name, rest(slow), "["+ErrBehind.Error()+"]")
	}
}

// TestDamage cuts and overwrites files: what was whole before the damage stays, and what
// is published afterwards comes behind it.
func TestDamage(t *testing.T) {
	for _, test := range []struct {
		name   string
		file   int // which
		damage func(b []byte) []byte
		want   string
	}{
		{"nothing", 0, func(b []byte) []byte { return b }, "0 1 2 3 4 5 6 7 8 9"},
		{"torn tail", 3, func(b []byte) []byte { return b[:len(b)-1] }, "0 1 2 3 4 5 6 7 8"},
		{"torn header", 3, func(b []byte) []byte { return append(b, 5, 0, 0) }, "0 1 2 3 4 5 6 7 8 9"},
		{"zeroes behind", 3, func(b []byte) []byte { return append(b, make([]byte, 5000)...) }, "0 1 2 3 4 5 6 7 8 9"},
		{"a huge length", 3, func(b []byte) []byte { return append(b, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4) }, "0 1 2 3 4 5 6 7 8 9"},
		{"a changed octet", 1, func(b []byte) []byte { b[len(b)-2] ^= 1; return b }, "0 1 2 3 4 6 7 8 9"},
		{"empty", 1, func([]byte) []byte { return nil }, "0 1 2 6 7 8 9"},
		{"the last empty", 3, func([]byte) []byte { return nil }, "0 1 2 3 4 5 6 7 8"},
		{"repeated", 2, func(b []byte) []byte { return append(b, b...) }, "0 1 2 3 4 5 6 7 8 9"},
	} {
		dir := t.TempDir()
		limits := Limits{Events: 3 * segments}
		written(t, broker(t, Options{Dir: dir, Limits: limits}), 0, 10)
		name := files(t, dir)[test.file]
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, test.damage(b), 0o600); err != nil {
			t.Fatal(err)
		}
		for i := range 2 { // what was repaired stays so
			b := broker(t, Options{Dir: dir, Limits: limits, Logger: slog.New(slog.DiscardHandler)})
			want(t, test.name, replay(t, b), test.want+strings.Repeat(" 77", i)+" replayComplete")
			written(t, b, 77, 1)
			want(t, test.name, replay(t, b), test.want+strings.Repeat(" 77", i+1)+" replayComplete")
		}
	}
}

// TestWriteFails loses events to the history and nothing else.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	b := broker(t, Options{Dir: dir, Limits: Limits{Events: segments}, Memory: 2}) // a file for each event
	written(t, b, 0, 2)
	live := subscribe(t, b, Request{})
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	written(t, b, 2, 2)
	want(t, "live", rest(live), "2 3")
	slow := subscribe(t, b, Request{})
	written(t, b, 4, 4)
	if err := os.Rename(dir+"-away", dir); err != nil {
		t.Fatal(err)
	}
	written(t, b, 8, 4)
	want(t, "slow", rest(slow), "["+ErrBehind.Error()+"]")
	want(t, "replay", replay(t, b), "0 1 8 9 10 11 replayComplete")
	want(t, "restart", replay(t, broker(t, Options{Dir: dir})), "0 1 8 9 10 11 replayComplete")
}

// TestOtherModules passes over events that the schema does not have any more.
func TestOtherModules(t *testing.T) {
	b := broker(t, Options{Dir: t.TempDir()})
	written(t, b, 1, 1)
	for i, payload := range []string{
		`{}`, `x`, `{"node":"/farm:farm","data":{}}`, `{"node":"/gone:born","data":{}}`, `{"node":"/farm:born","data":{"weight":3}}`,
		`{"node":"/farm:farm/closed","at":"/farm:barn","data":{}}`, `{"node":"/farm:born","at":"/farm:farm","data":{}}`,
	} {
		if err := b.history.append([]*record{{b.next + uint64(i), epoch, []byte(payload)}}); err != nil {
			t.Fatal(err)
		}
	}
	b.next += 7
	b.written, b.recent = b.next-1, nil
	written(t, b, 2, 1)
	want(t, "replay", replay(t, b), "1 2 replayComplete")
}
