package notify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const farm = `
module farm {
  yang-version 1.1; namespace "urn:farm"; prefix f;
  notification born { leaf number { type uint32; } leaf name { type string; } list leg { leaf length { type uint8; } } }
  container farm {
    list stall { key "name row"; leaf name { type string; } leaf row { type uint8; }
      container door { notification opened { leaf wide { type boolean; } } } }
    notification closed;
  }
}`

// tool has nc-notifications implemented.
const tool = `module tool { yang-version 1.1; namespace "urn:tool"; prefix t; import nc-notifications { prefix n; }
  deviation "/n:netconf/n:streams/n:stream/n:description" { deviate add { must "1"; } } }`

var compiled = sync.OnceValue(func() *yang.Schema {
	var t testing.T
	return dstest.Schema(&t, farm, tool)
})

// clock is a time that goes on by a second whenever it is asked for.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

var epoch = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now.IsZero() {
		c.now = epoch
	}
	c.now = c.now.Add(time.Second)
	return c.now
}

// broker opens a Broker without running it.
func broker(t testing.TB, o Options) *Broker {
	t.Helper()
	o.Schema = compiled()
	if o.Now == nil {
		o.Now = new(clock).Now
	}
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// run runs a Broker until what it returns is called.
func run(t testing.TB, b *Broker) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// born is the event with that number in it.
func born(number int) Event {
	n := compiled().Find("/farm:born")
	m := tree.New(n).Mutate()
	leaf := n.Child("farm", "number")
	v, err := leaf.Type.Parse(strconv.Itoa(number), nil)
	if err != nil {
		panic(err)
	}
	m.SetLeaf(leaf, v)
	return Event{Tree: m.Done()}
}

func publish(t testing.TB, b *Broker, events ...Event) {
	t.Helper()
	for _, e := range events {
		if err := b.Publish(e); err != nil {
			t.Fatal(err)
		}
	}
}

func subscribe(t testing.TB, b *Broker, r Request) *Subscription {
	t.Helper()
	s, err := b.Subscribe(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// show is an event in few letters: the number in it, or the name of its notification.
func show(e *Event) string {
	if n := e.Node(); n.Name == "born" {
		return e.Tree.Root().Leaf("number").String()
	}
	return e.Node().Name
}

// rest are the events that s has now, with the error that ends it.
func rest(s *Subscription) string {
	var out []string
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		e, err := s.Next(ctx)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return strings.Join(out, " ")
		case err != nil:
			return strings.Join(append(out, fmt.Sprintf("[%v]", err)), " ")
		}
		out = append(out, show(e))
	}
}

func want(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
