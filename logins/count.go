package logins

import (
	"container/list"
	"time"
)

// limit says how many failures lock, and for how long.
type limit struct {
	failures       int // 0: none lock
	first, longest time.Duration
}

// count is the failures of a key.
type count struct {
	key
	failures int
	last     time.Time // the newest of them
	until    time.Time // locked until then
}

// locked tells whether c, which may be nil, is locked.
func (c *count) locked(now time.Time) bool { return c != nil && now.Before(c.until) }

// over tells whether there was neither a failure nor a lock for a window.
func (c *count) over(now time.Time, window time.Duration) bool {
	end := c.last
	if c.until.After(end) {
		end = c.until
	}
	return now.Sub(end) >= window
}

// fail counts one more, and tells whether it locks.
func (c *count) fail(now time.Time, l limit, window time.Duration) bool {
	if c.over(now, window) {
		c.failures = 0
	}
	c.failures++
	c.last = now
	if l.failures == 0 || c.failures < l.failures {
		return false
	}
	lock := l.first
	for i := l.failures; i < c.failures && lock < l.longest; i++ {
		lock *= 2
	}
	c.until = now.Add(min(lock, l.longest))
	return true
}

// table is a bounded number of counts. Those that are locked are not given up for others:
// where only such are left, keys without a place are counted together.
type table struct {
	most   int
	places map[key]*list.Element // of *count
	order  *list.List            // of *count, the oldest failure first
	rest   count                 // of the keys without a place
}

func newTable(most int) *table {
	return &table{most: most, places: map[key]*list.Element{}, order: list.New()}
}

// own is the count of a key alone, nil for none.
func (t *table) own(k key) *count {
	if e := t.places[k]; e != nil {
		return e.Value.(*count)
	}
	return nil
}

// of is the count that holds for a key, nil for none.
func (t *table) of(k key) *count {
	if c := t.own(k); c != nil {
		return c
	}
	if t.rest.failures > 0 {
		return &t.rest
	}
	return nil
}

// place is the count for a failure of a key, which gets one of its own if it can be, and
// in any case where it must. Cost does not grow with the table.
func (t *table) place(k key, now time.Time, must bool) *count {
	if e := t.places[k]; e != nil {
		t.order.MoveToBack(e)
		return e.Value.(*count)
	}
	if len(t.places) >= t.most && !t.evict(now, must) {
		return &t.rest
	}
	c := &count{key: k}
	t.places[k] = t.order.PushBack(c)
	return c
}

// evict makes room for one count: that of the oldest failure that is not locked, of the
// first few, or if it must be any.
func (t *table) evict(now time.Time, must bool) bool {
	const few = 32
	e := t.order.Front()
	for range few {
		if e == nil {
			break
		}
		if c := e.Value.(*count); !c.locked(now) {
			t.drop(c.key)
			return true
		}
		e = e.Next()
	}
	if must {
		t.drop(t.order.Front().Value.(*count).key)
	}
	return must
}

// drop forgets a key.
func (t *table) drop(k key) {
	if e := t.places[k]; e != nil {
		t.order.Remove(e)
		delete(t.places, k)
	}
}

// all calls f with each count, the newest failure first, and that of the rest. f may drop
// the one that it is called with.
func (t *table) all(f func(*count)) {
	for e := t.order.Back(); e != nil; {
		c := e.Value.(*count)
		e = e.Prev()
		f(c)
	}
	if t.rest.failures > 0 {
		f(&t.rest)
	}
}
