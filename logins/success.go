package logins

import (
	"container/list"
	"time"
)

// successes remembers who has logged in from where, a bounded number of them: only who
// can log in takes a place.
type successes struct {
	most   int
	places map[key]*list.Element // of *success
	order  *list.List            // the oldest first
}

type success struct {
	key
	transports map[string]time.Time // the last time over each
}

func newSuccesses(most int) *successes {
	return &successes{most: most, places: map[key]*list.Element{}, order: list.New()}
}

func (s *successes) has(k key) bool { return s.places[k] != nil }

// again is for how long after a success another one is no news.
const again = 10 * time.Minute

// note remembers a success, and tells whether it is no news.
func (s *successes) note(k key, transport string, now time.Time) bool {
	e := s.places[k]
	if e == nil {
		if len(s.places) >= s.most {
			delete(s.places, s.order.Remove(s.order.Front()).(*success).key)
		}
		e = s.order.PushBack(&success{k, map[string]time.Time{}})
		s.places[k] = e
	}
	s.order.MoveToBack(e)
	x := e.Value.(*success)
	last, known := x.transports[transport]
	if known && now.Sub(last) < again {
		return true
	}
	x.transports[transport] = now
	return false
}
