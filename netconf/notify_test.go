package netconf

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
)

const subscribeAll = `<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"/>`

// ends returns the termination-reasons of sessions as they come, from now on.
func (f *fixture) ends() func() string {
	s, err := f.store.Events().Subscribe(notify.Request{Filter: func(e *notify.Event) bool { return e.Node().Name == "netconf-session-end" }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	return func() string {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		e, err := s.Next(ctx)
		if err != nil {
			return err.Error()
		}
		return e.Tree.Root().Leaf("termination-reason").String()
	}
}

// TestSessionEnds has a session for each way to end.
func TestSessionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes while somebody works
		f := start(t, "", Options{IdleTimeout: 30 * time.Millisecond, HelloTimeout: 30 * time.Millisecond})
		reason := f.ends()
		for _, test := range []struct {
			name string
			end  func()
			want string
		}{
			{"close-session", func() { f.session().must("<close-session/>") }, "closed"},
			{"lost connection", func() { f.session().close() }, "dropped"},
			{"idle", func() { f.session() }, "timeout"},
			{"no hello", func() { f.connect().read() }, "timeout"},
			{"lost before its hello", func() { c := f.connect(); c.read(); c.close() }, "dropped"},
			{"no NETCONF", func() { c := f.connect(); c.read(); c.write("<goodbye/>") }, "bad-hello"},
			{"no common version", func() {
				c := f.connect()
				c.read()
				c.write(strings.ReplaceAll(hello11, "netconf:base:", "netconf:face:"))
			}, "bad-hello"},
		} {
			test.end()
			if got := reason(); got != test.want {
				t.Errorf("%s: %s, want %s", test.name, got, test.want)
			}
		}
	})
}

// TestIdleSubscriber keeps a session that says nothing because it listens; one whose
// subscription is over is idle again.
func TestIdleSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes while somebody works
		f := start(t, "", Options{IdleTimeout: 40 * time.Millisecond})
		reason := f.ends()
		c := f.session()
		c.must(subscribeAll)
		time.Sleep(120 * time.Millisecond)
		c.must("<close-session/>")
		if got := reason(); got != "closed" {
			t.Errorf("a listening session: %s", got)
		}
		c = f.session()
		c.must(`<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0">` +
			`<startTime>2026-11-22T10:00:00Z</startTime><stopTime>2026-11-22T11:00:00Z</stopTime></create-subscription>`)
		for _, want := range []string{"replayComplete", "notificationComplete"} {
			if got := c.read(); !strings.Contains(got, want) {
				t.Errorf("%s, want %s", got, want)
			}
		}
		if got := reason(); got != "timeout" {
			t.Errorf("behind its subscription: %s", got)
		}
	})
}

// TestStalledSubscriber has a client that stops reading: it loses its session after the
// time-out, and nobody who works waits for it.
func TestStalledSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes while somebody works
		f := start(t, "", Options{WriteTimeout: 50 * time.Millisecond})
		reason := f.ends()
		stalled, reading := f.session(), f.session()
		stalled.must(subscribeAll)
		reading.must(subscribeAll)
		worker := f.session()
		if got := reading.read(); !strings.Contains(got, "netconf-session-start") {
			t.Error(got)
		}
		for range 20 {
			worker.must(`<report xmlns="http://example.com/event/1.0"><eventClass>fault</eventClass></report>`)
			if got := reading.read(); !strings.Contains(got, "fault") {
				t.Error(got)
			}
		}
		if got := reason(); got != "dropped" {
			t.Errorf("the stalled session: %s", got)
		}
		if got := reading.read(); !strings.Contains(got, "netconf-session-end") {
			t.Error(got)
		}
		worker.must("<close-session/>")
		if f.server.counters.outNotifications.Load() < 22 {
			t.Errorf("%d notifications counted", f.server.counters.outNotifications.Load())
		}
		reading.close()
	})
}

// TestSlowSubscriber falls behind what is kept: its session ends.
func TestSlowSubscriber(t *testing.T) {
	f := start(t, "", Options{})
	c := f.session()
	c.must(subscribeAll)
	n := f.store.Schema().Find("/event:event")
	for range 1100 { // more than memory keeps
		if err := f.store.Publish(ctx, notify.Event{Tree: tree.New(n)}); err != nil {
			t.Fatal(err)
		}
	}
	reason := f.ends()
	read := 0
	for c.read() != "" {
		read++
	}
	if got := reason(); got != "other" || read >= 1024 {
		t.Errorf("a slow session ends with %s after %d events", got, read)
	}
}
