package agent_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/notify"
)

// heard are the events that come up to the number wanted, and a look later, sorted.
func (l *lab) heard(s *notify.Subscription, number int) string {
	l.Helper()
	var out []string
	for {
		wait := 1100 * time.Millisecond
		if len(out) < number {
			wait = 10 * time.Second
		}
		ctx, cancel := context.WithTimeout(ctx, wait)
		e, err := s.Next(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		l.must(err)
		text := e.Tree.Root().Leaf("resource-id").String()
		for n := range e.Tree.Root().Children() {
			if s := n.Schema(); s.Name != "resource-id" {
				text += " " + strings.TrimSuffix(strings.TrimPrefix(s.Name, "notify-"), "-threshold") + "=" + n.Value().String()
			}
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// TestResourceEvents crosses limits in both directions: an event comes when a figure has
// come to exceed its limit, and not again as long as it stays above.
func TestResourceEvents(t *testing.T) {
	l := newLab(t)
	s, err := l.store.Events().Subscribe(notify.Request{Filter: func(e *notify.Event) bool { return e.Node().Name == "alto-resource-event" }})
	l.must(err)
	defer s.Close()
	check := func(when, want string) {
		t.Helper()
		if got := l.heard(s, strings.Count(want, ", ")+len(want[:min(len(want), 1)])); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	limited := func(id, kind string, leafs object) object {
		return object{"resource": list{object{"resource-id": id, "resource-type": "ietf-alto:" + kind, "resource-limits": leafs}}}
	}
	l.must(l.merge(campusServer()))
	l.must(l.merge(limited("net", "network-map", object{"notify-res-mem-limit": "1"})))
	l.must(l.merge(limited("rc", "cost-map", object{"notify-res-mem-limit": "100000000"})))
	l.must(l.merge(limited("stream", "update", object{"notify-upd-stream-limit": "1"})))
	check("above from the start", "net res-mem=1")
	one := l.open("net")
	two := l.open("net")
	check("two streams", "stream upd-stream=1")
	two()
	l.eventually("one stream is left", func() bool { return l.number(resourceStats("stream")+"upd-stream-stats/num-upd-stream") == 1 })
	l.must(l.merge(limited("net", "network-map", object{"notify-res-mem-limit": "100000000"})))
	check("below", "")
	l.must(l.merge(limited("net", "network-map", object{"notify-res-mem-limit": "2"})))
	two = l.open("net")
	check("above again", "net res-mem=2, stream upd-stream=1")
	one()
	two()
}
