package alarms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bench is a list whose clock stands still and whose events are kept.
type bench struct {
	*List
	told []string
}

func newBench() *bench {
	b := new(bench)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	b.List = New(func() time.Time { return at }, func(e Event) {
		switch {
		case e.Change != nil:
			b.told = append(b.told, fmt.Sprintf("%s %s %s", e.Alarm.Resource, e.Alarm.Type, e.Change.Severity))
		default:
			b.told = append(b.told, fmt.Sprintf("%s %s %s by %s", e.Alarm.Resource, e.Alarm.Type, e.Action.State, e.Action.Operator))
		}
	})
	return b
}

func (b *bench) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.told, want) {
		t.Errorf("told %q, want %q", b.told, want)
	}
	b.told = nil
}

func (b *bench) at(t *testing.T, k Key) Alarm {
	t.Helper()
	for _, a := range b.All() {
		if a.Key == k {
			return a
		}
	}
	t.Fatalf("no alarm %v", k)
	return Alarm{}
}

var stale = Key{"s", "stale"}

func TestRaisedOnceClearedOnce(t *testing.T) {
	b := newBench()
	b.Clear(stale)
	b.expect(t)
	b.Raise(Condition{stale, Major, "no route"})
	b.Raise(Condition{stale, Major, "no host"})
	b.expect(t, "s stale major")
	if a := b.at(t, stale); !a.Active || a.Text != "no host" || len(a.Changes) != 1 {
		t.Errorf("%+v", a)
	}
	b.Raise(Condition{stale, Critical, "no host"})
	b.expect(t, "s stale critical")
	b.Clear(stale)
	b.Clear(stale)
	b.expect(t, "s stale cleared")
	a := b.at(t, stale)
	if a.Active || a.Severity != Critical || len(a.Changes) != 3 || a.Changes[0].Severity != Cleared || !a.Changed.After(a.Raised) {
		t.Errorf("%+v", a)
	}
	b.Raise(Condition{stale, Major, "again"})
	if again := b.at(t, stale); !again.Raised.After(a.Changed) || again.Created != a.Created {
		t.Errorf("raised again: %+v", again)
	}
}

func TestReconcile(t *testing.T) {
	b := newBench()
	other := Key{"x", "elsewhere"}
	b.Raise(Condition{other, Minor, ""})
	b.Reconcile([]string{"stale", "refused"}, []Condition{{stale, Major, ""}, {Key{"r", "refused"}, Minor, ""}})
	b.expect(t, "x elsewhere minor", "s stale major", "r refused minor")
	b.Reconcile([]string{"stale", "refused"}, []Condition{{Key{"r", "refused"}, Minor, ""}})
	b.expect(t, "s stale cleared")
	if got := b.Active(); got[Count{"elsewhere", Minor}] != 1 || got[Count{"refused", Minor}] != 1 || len(got) != 2 {
		t.Errorf("active: %v", got)
	}
}

func TestOperate(t *testing.T) {
	b := newBench()
	if err := b.Operate(stale, "ann", Acknowledged, ""); !errors.Is(err, ErrNoAlarm) {
		t.Errorf("an alarm that is not there: %v", err)
	}
	b.Raise(Condition{stale, Major, ""})
	if err := b.Operate(stale, "ann", Acknowledged, "I look"); err != nil {
		t.Fatal(err)
	}
	b.Raise(Condition{stale, Major, "text"}) // the same alarm
	if a := b.at(t, stale); a.State != Acknowledged || len(a.Actions) != 1 || a.Actions[0].Text != "I look" {
		t.Errorf("%+v", a)
	}
	if err := b.Operate(stale, "ann", Closed, ""); err != nil {
		t.Fatal(err)
	}
	b.Clear(stale)
	b.expect(t, "s stale major", "s stale ack by ann", "s stale closed by ann", "s stale cleared")
	b.Raise(Condition{stale, Major, ""})
	if a := b.at(t, stale); a.State != None || len(a.Actions) != 2 {
		t.Errorf("raised anew: %+v", a)
	}
}

func TestLimits(t *testing.T) {
	b := newBench()
	b.Limit(Limits{Cleared: 2, History: 3})
	for i := range 5 {
		k := Key{fmt.Sprint(i), "stale"}
		b.Raise(Condition{k, Major, ""})
		if i != 1 {
			b.Clear(k)
		}
	}
	var left []string
	for _, a := range b.All() {
		left = append(left, a.Resource)
	}
	if got := strings.Join(left, ""); got != "134" {
		t.Errorf("left %s, want the active 1 and the newest 3, 4", got)
	}
	for range 5 {
		b.Raise(Condition{stale, Major, ""})
		b.Clear(stale)
	}
	if a := b.at(t, stale); len(a.Changes) != 3 || a.Changes[0].Severity != Cleared {
		t.Errorf("history: %+v", a.Changes)
	}
	b.Limit(Limits{Cleared: 0, History: 1})
	if all := b.All(); len(all) != 1 || len(all[0].Changes) != 1 {
		t.Errorf("after the limits were lowered: %+v", all)
	}
}

// TestProperties reports conditions at random: what is active is what was reported last,
// each change is told once, and times are unique.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench()
		b.Limit(Limits{Cleared: rapid.IntRange(0, 3).Draw(t, "cleared"), History: rapid.IntRange(1, 4).Draw(t, "history")})
		model := make(map[Key]Severity)
		changes := 0
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now := make(map[Key]Severity)
			var list []Condition
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				if s := Severity(rapid.IntRange(0, 4).Draw(t, name)); s != Cleared {
					k := Key{name, "t"}
					now[k] = s
					list = append(list, Condition{k, s, name})
				}
			}
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				if k := (Key{name, "t"}); now[k] != model[k] {
					changes++
				}
			}
			model = now
			b.Reconcile([]string{"t"}, list)
		}
		if len(b.told) != changes {
			t.Fatalf("%d events for %d changes", len(b.told), changes)
		}
		cleared, times := 0, make(map[time.Time]bool)
		for _, a := range b.All() {
			if a.Active != (model[a.Key] != 0) || a.Active && a.Severity != model[a.Key] {
				t.Fatalf("%+v, want %v", a, model[a.Key])
			}
			if !a.Active {
				cleared++
			}
			for _, c := range a.Changes {
				if times[c.Time] {
					t.Fatalf("two changes at %v", c.Time)
				}
				times[c.Time] = true
			}
		}
		if cleared != b.cleared || cleared > b.limits.Cleared {
			t.Fatalf("%d cleared, counted %d, limit %d", cleared, b.cleared, b.limits.Cleared)
		}
	})
}
