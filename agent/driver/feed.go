package driver

import (
	"sync"
	"sync/atomic"
	"time"
)

// Feed keeps the newest good data of a source that is read again and again, and
// its status. The zero Feed has no data; Succeed must be called before Snapshot.
// Safe for concurrent use.
type Feed struct {
	mu  sync.Mutex // held by writers
	now atomic.Pointer[fed]
}

type fed struct {
	data   *Data
	status Status
}

// Snapshot is that of Source.
func (f *Feed) Snapshot() (*Data, Status) {
	s := f.now.Load()
	return s.data, s.status
}

// Succeed notes a successful attempt and its data; nil data stands for data that
// has not changed.
func (f *Feed) Succeed(at time.Time, d *Data) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d == nil {
		d = f.now.Load().data
	}
	f.now.Store(&fed{d, Status{LastSuccess: at, LastAttempt: at, Records: d.Records(), Transfer: f.transfer()}})
}

// Exchanged notes the last exchange with a server; others stay until then.
func (f *Feed) Exchanged(t Transfer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := *f.now.Load()
	s.status.Transfer = &t
	f.now.Store(&s)
}

// transfer is that of the status so far. Needs mu.
func (f *Feed) transfer() *Transfer {
	if s := f.now.Load(); s != nil {
		return s.status.Transfer
	}
	return nil
}

// Fail notes a failed attempt: the data stays as it is.
func (f *Feed) Fail(at time.Time, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := *f.now.Load()
	s.status.LastAttempt, s.status.LastError = at, err.Error()
	f.now.Store(&s)
}
