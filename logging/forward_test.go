package logging

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestForwardedRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []*Record
		var text []byte
		for range rapid.IntRange(1, 4).Draw(t, "records") {
			r := &Record{
				Time: time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "seconds"), 0).UTC(),
				Kind: Kind(rapid.IntRange(0, kinds-1).Draw(t, "kind")), Severity: Severity(rapid.IntRange(0, int(Debug)).Draw(t, "severity")),
				Message: rapid.String().Draw(t, "message"), Params: []Param{{"path", rapid.String().Draw(t, "value")}},
			}
			want, text = append(want, r), new(forward).append(text, nil, r)
		}
		got, err := ParseForwarded(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %v, expected %v (%v)", text, got, want, err)
		}
	})
	broken := new(forward).append(nil, nil, &Record{Message: "a\xffb\nc"})
	if got, err := ParseForwarded(broken); err != nil || len(got) != 1 || got[0].Message != "a\uFFFDb\nc" {
		t.Errorf("no UTF-8: %v (%v)", got, err)
	}
	for _, bad := range []string{"x", "{}{}\n", `{"Kind":4}`, `{"Severity":8}`, `{"Other":1}`, `{"Kind":-1}`} {
		if got, err := ParseForwarded([]byte(bad)); err == nil {
			t.Errorf("%q became %v", bad, got)
		}
	}
}

func FuzzParseForwarded(f *testing.F) {
	f.Add(new(forward).append(nil, nil, &Record{Message: "GET / 200", Params: []Param{{"a", "b"}}}))
	f.Add([]byte("{}\n\n{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ParseForwarded(text)
		if err != nil {
			return
		}
		NewRouter().Receive(list)
	})
}

// TestForward: what the share wants is handed over, in order, also when nobody takes it at
// first, and truncated again where it arrives.
func TestForward(t *testing.T) {
	from, at := NewRouter(), NewRouter()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { from.Run(ctx) })
	taken, open := make(chan []*Record, 10), make(chan struct{})
	f := NewForwarding(from, func(ctx context.Context, text []byte) error {
		select {
		case <-open:
		case <-ctx.Done():
			return ctx.Err()
		}
		list, err := ParseForwarded(text)
		taken <- list
		return errors.Join(err)
	})
	changed := 0
	at.OnUse(func() { changed++ })
	choose := func(least Severity, keep Truncation) {
		at.Use([]*Target{NewTarget(Settings{Selection: Select(least, Access), Queue: 10}, nil)}, keep)
		f.Use(at.Share())
	}
	choose(Warning, Truncation{32, 128})
	if from.Wants(Access, Informational) || !from.Wants(Access, Warning) || from.Wants(Event, Warning) || from.Truncation().IPv4 != 32 || changed != 1 {
		t.Errorf("the share is not in force: %+v, %d changes", from.setup.Load(), changed)
	}
	choose(Informational, Truncation{32, 128})
	addr := from.Truncation().Address(netip.MustParseAddr("192.0.2.77")).String()
	from.Log(&Record{Kind: Access, Severity: Informational, Message: "1", Params: []Param{{addressParam, addr}}})
	from.Log(&Record{Kind: Access, Severity: Warning, Message: "2"})
	choose(Informational, Truncation{24, 48})
	close(open)
	var got []*Record
	for end := time.After(5 * time.Second); len(got) < 2; {
		select {
		case list := <-taken:
			got = append(got, list...)
		case <-end:
			t.Fatalf("only %v came", got)
		}
	}
	at.Receive(got)
	if got[0].Message != "1" || got[1].Message != "2" || got[0].Params[0].Value != "192.0.2.0" {
		t.Errorf("came: %+v, %+v", got[0], got[1])
	}
	if n := len(at.Targets()[0].records); n != 2 {
		t.Errorf("%d records are logged, expected 2", n)
	}
	f.Use(Share{})
	if from.Wants(Access, Warning) {
		t.Error("nothing is wanted any more, and logged")
	}
}
