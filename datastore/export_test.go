package datastore

import "time"

// RetrySoon has confirmed commits that could not be taken back tried again soon.
func RetrySoon() { retryRevert = 20 * time.Millisecond }

// Waiting is the number of turns that wait to be led.
func (s *Store) Waiting() int {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return len(s.queue.waiting)
}
