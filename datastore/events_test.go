package datastore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
)

// bell has the modules of events implemented, and an event of its own.
const bell = `module bell { yang-version 1.1; namespace "urn:bell"; prefix b;
  import ietf-netconf-notifications { prefix n; } import house { prefix h; }
  augment "/n:netconf-session-start" { leaf bell { type empty; } }
  notification ring { leaf room { type leafref { path "/h:house/h:room/h:name"; } mandatory true; } } }`

// listening is a fixture with events, and what has happened since the last call.
func listening(t *testing.T) (f *fixture, heard func() string) {
	t.Helper()
	schema := dstest.Schema(t, house, bell)
	backend := func(name string) *bolt.Store {
		b, err := bolt.Open(filepath.Join(t.TempDir(), name))
		must(t, err)
		t.Cleanup(func() { b.Close() })
		return b
	}
	store, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend("running"), Startup: backend("startup")})
	must(t, err)
	must(t, store.Start(ctx, nil))
	f = &fixture{t: t, schema: schema, Store: store}
	s, err := store.Events().Subscribe(notify.Request{})
	must(t, err)
	t.Cleanup(s.Close)
	return f, func() string {
		t.Helper()
		var out []string
		for {
			ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			e, err := s.Next(ctx)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				return strings.Join(out, "; ")
			}
			must(t, err)
			out = append(out, told(e.Tree.Root()))
		}
	}
}

// told is an event in short.
func told(n *tree.Node) string {
	var b strings.Builder
	b.WriteString(strings.TrimPrefix(n.Schema().Name, "netconf-"))
	for c := range n.Children() {
		switch c.Schema().Name {
		case "edit":
			fmt.Fprintf(&b, " %s %s", c.Leaf("operation"), strings.ReplaceAll(c.Leaf("target").String(), "/house:house", ""))
		case "changed-by":
			if c.Leaf("server").IsZero() {
				fmt.Fprintf(&b, " by %s/%s", c.Leaf("username"), c.Leaf("session-id"))
			}
		case "datastore":
			if c.Value().String() == "startup" {
				b.WriteString(" of startup")
			}
		case "source-host":
		default:
			fmt.Fprintf(&b, " %s", c.Value())
		}
	}
	return b.String()
}

// TestEvents is in a bubble: no clock runs out while somebody works.
func TestEvents(t *testing.T) { synctest.Test(t, events) }

func events(t *testing.T) {
	f, heard := listening(t)
	x := f.session()
	rest := f.NewSession(datastore.User{Name: "r"}, datastore.Source{Protocol: "restconf", Address: "host.example"})
	t.Cleanup(rest.Close)
	check := func(what, want string) {
		t.Helper()
		if got := heard(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	must(t, x.Edit(ctx, datastore.Running, f.merge("owner", "ann"), datastore.EditOptions{}))
	check("first", "config-change by u/1 create ")
	must(t, rest.Edit(ctx, datastore.Running, f.merge("owner", "bob"), datastore.EditOptions{}))
	check("of RESTCONF", "config-change by r/0 replace /owner; config-change by r/0 of startup create ")
	must(t, x.Edit(ctx, datastore.Running, f.merge("owner", "bob"), datastore.EditOptions{}))
	check("no change", "")
	must(t, x.Edit(ctx, datastore.Candidate, f.room("den"), datastore.EditOptions{}))
	check("candidate", "")
	f.confirm(x, "carl", datastore.Confirm{Timeout: 30 * time.Millisecond})
	check("confirmed commit", "config-change by u/1 replace /owner create /room[name='den']; confirmed-commit u 1 start 0")
	f.eventually("bob")
	check("timeout", "config-change replace /owner delete /room[name='den']; confirmed-commit timeout")
	y := f.session()
	f.confirm(y, "carl", datastore.Confirm{Timeout: time.Minute})
	y.Close()
	check("lost session", "config-change by u/3 replace /owner; confirmed-commit u 3 start 60; config-change replace /owner; confirmed-commit u 3 cancel")
	must(t, x.Copy(ctx, datastore.Running, datastore.Startup, datastore.EditOptions{}))
	check("the same startup", "")
	must(t, x.DeleteStartup(ctx))
	check("no startup", "config-change by u/1 of startup delete ")
	x.AnnounceStart()
	x.AnnounceEnd("other")
	rest.AnnounceEnd("closed")
	check("sessions", "session-start u 1; session-end u 1 other; session-end r 0 closed")
}

func TestPublish(t *testing.T) {
	f, heard := listening(t)
	x := f.session()
	ring := func(room string) error {
		m := tree.New(f.schema.Find("/bell:ring")).Mutate()
		if room != "" {
			datastore.NewWriter(m).Set("room", room)
		}
		return f.Publish(ctx, notify.Event{Tree: m.Done()})
	}
	must(t, x.Edit(ctx, datastore.Running, f.room("den"), datastore.EditOptions{}))
	heard()
	if ring("attic") == nil || ring("") == nil {
		t.Error("invalid events are published")
	}
	must(t, ring("den"))
	if got := heard(); got != "ring den" {
		t.Error(got)
	}
}

// TestManyEdits has an event of a commit of many changes in bounds.
func TestManyEdits(t *testing.T) {
	f, heard := listening(t)
	x := f.session()
	rooms := func(n int, area int) *edit.Edit {
		m := tree.New(f.schema.Root).Mutate()
		w := datastore.NewWriter(m).In("house:house")
		w.Set("owner", fmt.Sprint("owner of ", area))
		for i := range n {
			w.Entry("room", fmt.Sprintf("%04d", i)).Set("area", area)
		}
		return edit.FromTree(m.Done(), edit.Merge)
	}
	must(t, x.Edit(ctx, datastore.Running, rooms(1, 1), datastore.EditOptions{}))
	heard()
	for i, test := range []struct {
		rooms, edits int
		first, last  string
	}{
		{999, 1000, "replace /owner", "create /room[name='0998']"},
		{1000, 1, "merge ", "merge "},
		{1200, 1, "merge ", "merge "},
	} {
		must(t, x.Edit(ctx, datastore.Running, rooms(test.rooms, i+2), datastore.EditOptions{}))
		got := strings.TrimPrefix(heard(), "config-change by u/1 ")
		n := strings.Count(got, "merge") + strings.Count(got, "replace") + strings.Count(got, "create")
		if n != test.edits || !strings.HasPrefix(got, test.first) || !strings.HasSuffix(got, test.last) {
			t.Errorf("%d rooms: %d edits, %.60s … %s", test.rooms, n, got, got[max(0, len(got)-30):])
		}
	}
}
