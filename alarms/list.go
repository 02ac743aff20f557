package alarms

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits bound what is kept. Alarms that are not cleared are always kept.
type Limits struct {
	Cleared int // cleared alarms; beyond it the one that was cleared first goes
	History int // changes, and operators' actions, of one alarm; the newest ones
}

// DefaultLimits are those of a new List.
var DefaultLimits = Limits{Cleared: 1000, History: 32}

// ErrNoAlarm tells that there is no such alarm.
var ErrNoAlarm = errors.New("there is no such alarm")

// List is the list of alarms. It is safe for concurrent use.
type List struct {
	now  func() time.Time
	tell func(Event)

	mu      sync.Mutex
	limits  Limits
	alarms  map[Key]Alarm
	cleared int       // of alarms
	last    time.Time // of all changes; zero: none yet
	saved   time.Time // last as of what was read or written last
}

// New returns an empty list. now is its clock; tell is called for each change, in order,
// and must not call the list.
func New(now func() time.Time, tell func(Event)) *List {
	return &List{now: now, tell: tell, limits: DefaultLimits, alarms: make(map[Key]Alarm)}
}

// Limit sets the limits from now on.
func (l *List) Limit(to Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limits = to
	for key, a := range l.alarms {
		a.Changes, a.Actions = newest(a.Changes, to.History), newest(a.Actions, to.History)
		l.alarms[key] = a
	}
	l.forget()
}

// Raise reports a condition. One that was reported before with the same severity
// changes the alarm's text, and nobody is told.
func (l *List) Raise(c Condition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.raise(c)
}

// Clear reports that a condition is over. Nothing happens where there is none.
func (l *List) Clear(k Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear(k)
	l.forget()
}

// Reconcile reports all conditions of some types: those that are not among them are
// over. Conditions of other types must not be among them. Cost is that of the
// conditions and of the list.
func (l *List) Reconcile(types []string, now []Condition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	there := make(map[Key]bool, len(now))
	for _, c := range now {
		there[c.Key] = true
		l.raise(c)
	}
	var over []Key
	for k, a := range l.alarms {
		if a.Active && !there[k] && slices.Contains(types, k.Type) {
			over = append(over, k)
		}
	}
	slices.SortFunc(over, compare)
	for _, k := range over {
		l.clear(k)
	}
	l.forget()
}

// Operate notes what an operator has made of an alarm. A closed alarm stays closed until
// it is raised anew or its severity changes. The error is ErrNoAlarm.
func (l *List) Operate(k Key, operator string, to State, text string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.alarms[k]
	if !ok {
		return ErrNoAlarm
	}
	done := Action{Time: l.tick(), Operator: operator, State: to, Text: text}
	a.State = to
	a.Actions = newest(prepend(done, a.Actions), l.limits.History)
	l.alarms[k] = a
	l.tell(Event{Alarm: a, Action: &done})
	return nil
}

// All returns the alarms by the time they were created, then by key.
func (l *List) All() []Alarm {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Alarm, 0, len(l.alarms))
	for _, a := range l.alarms {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b Alarm) int { return cmp.Or(a.Created.Compare(b.Created), compare(a.Key, b.Key)) })
	return list
}

// Changed tells when the list last changed; the zero time: never.
func (l *List) Changed() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Count is the number of active alarms of a type and severity.
type Count struct {
	Type     string
	Severity Severity
}

// Active counts the active alarms.
func (l *List) Active() map[Count]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[Count]int)
	for _, a := range l.alarms {
		if a.Active {
			counts[Count{a.Type, a.Severity}]++
		}
	}
	return counts
}

// tick is the present, later than any change so far. Needs mu.
func (l *List) tick() time.Time {
	now := l.now()
	if !now.After(l.last) {
		now = l.last.Add(1)
	}
	l.last = now
	return now
}

// raise needs mu.
func (l *List) raise(c Condition) {
	a, known := l.alarms[c.Key]
	if known && a.Active && a.Severity == c.Severity {
		a.Text = c.Text
		l.alarms[c.Key] = a
		return
	}
	if known && !a.Active {
		l.cleared--
	}
	done := Change{Time: l.tick(), Severity: c.Severity, Text: c.Text}
	if !known {
		a = Alarm{Key: c.Key, Created: done.Time}
	}
	if !a.Active {
		a.Raised, a.Active = done.Time, true
	}
	a.Severity, a.State = c.Severity, None
	l.note(a, done)
}

// clear needs mu.
func (l *List) clear(k Key) {
	a := l.alarms[k]
	if !a.Active {
		return
	}
	a.Active = false
	l.cleared++
	l.note(a, Change{Time: l.tick(), Severity: Cleared, Text: a.Text})
}

// note completes an alarm after a change. Needs mu.
func (l *List) note(a Alarm, done Change) {
	a.Changed, a.Text = done.Time, done.Text
	a.Changes = newest(prepend(done, a.Changes), l.limits.History)
	l.alarms[a.Key] = a
	l.tell(Event{Alarm: a, Change: &done})
}

// forget drops the cleared alarms beyond the limit, the oldest ones. Needs mu.
func (l *List) forget() {
	if l.cleared <= l.limits.Cleared {
		return
	}
	var list []Alarm
	for _, a := range l.alarms {
		if !a.Active {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b Alarm) int { return a.Changed.Compare(b.Changed) })
	for _, a := range list[:len(list)-l.limits.Cleared] {
		delete(l.alarms, a.Key)
	}
	l.cleared = l.limits.Cleared
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func compare(a, b Key) int {
	return cmp.Or(strings.Compare(a.Resource, b.Resource), strings.Compare(a.Type, b.Type))
}

// prepend returns a new slice.
func prepend[T any](x T, list []T) []T { return append([]T{x}, list...) }

func newest[T any](list []T, limit int) []T { return list[:min(len(list), limit)] }
