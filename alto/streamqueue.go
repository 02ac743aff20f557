package alto

import "time"

// The methods below are those that a stream's sender uses; they take mu.

// attach makes known how to set the deadline of writes, until leave.
func (st *stream) attach(deadline func(time.Time) error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.deadline = deadline
}

// leave ends the stream without a message where it has not ended.
func (st *stream) leave() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.deadline, st.queue, st.active, st.hold = nil, nil, nil, nil
	if !st.ended {
		st.ended = true
		st.set.remove(st)
	}
}

// take returns the message that has waited longest and the snapshot that the queue
// leads to. Where none waits ok is false and ended tells whether none will come.
func (st *stream) take() (m message, snapshot *Snapshot, ok, ended bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.queue) == 0 {
		return message{}, st.snapshot, false, st.ended
	}
	m = st.queue[0]
	st.queue[0] = message{} // may hold much
	st.queue = st.queue[1:]
	return m, st.snapshot, true, false
}

// close ends the stream with a message and drops what waits.
func (st *stream) close(description string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.end(description)
}

// drop stops a substream.
func (st *stream) drop(sub *substream, description string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.ended {
		st.stop([]string{sub.id}, description)
	}
}

// allow gives the client time for the next write, unless it has been told to hurry.
func (st *stream) allow(d time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.hurried {
		d = min(d, hurryTime)
	}
	_ = st.deadline(time.Now().Add(d)) // a writer without deadlines never blocks
}

func (st *stream) keepAlive() time.Duration {
	st.mu.Lock()
	defer st.mu.Unlock()
	return orDefault(st.limits.KeepAlive, DefaultKeepAlive)
}
