package trail

import (
	"sync"
	"time"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// Who fails to log in again and again shall not push everything else out of the files: in each
// window so many failures are on record, of one address and in all, and the rest as a count.
const (
	failureWindow    = time.Minute
	failuresOfSource = 30
	failuresInAll    = 300
)

// failures counts failures to log in.
type failures struct {
	mu      sync.Mutex // guards what follows
	since   time.Time  // when the window began
	of      map[string]int
	all     int
	untold  uint64
	sources map[string]bool // of the untold, as far as they fit
}

// Login tells the record of somebody who has proved to be a user, or has not: what is login,
// login-failed or locked; cause is why. Of very many failures the rest is counted.
func (t *Trail) Login(what audit.What, user, protocol, address, method string, cause error) {
	if !t.settings.Load().enabled {
		return
	}
	r := &audit.Record{What: what, User: user, Protocol: protocol, Address: address, Operation: method, Result: audit.OK}
	if what != audit.Login {
		t.tellFailures(time.Now())
		if !t.failed.admit(address, time.Now()) {
			return
		}
		r.Result = string(rpcerr.AccessDenied)
	}
	if cause != nil {
		r.Reason = cause.Error()
	}
	t.record(r)
}

// admit tells whether a failure gets a record of its own.
func (f *failures) admit(address string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.since, f.of, f.sources = now, map[string]int{}, map[string]bool{}
	}
	if f.all < failuresInAll && f.of[address] < failuresOfSource {
		f.all++
		f.of[address]++
		return true
	}
	f.untold++
	if len(f.sources) < failuresInAll {
		f.sources[address] = true
	}
	return false
}

// tellFailures ends the window where its time is over, and makes a record of the failures that
// were only counted.
func (t *Trail) tellFailures(now time.Time) {
	f := &t.failed
	f.mu.Lock()
	if f.of == nil || now.Sub(f.since) < failureWindow {
		f.mu.Unlock()
		return
	}
	untold, address := f.untold, ""
	if len(f.sources) == 1 {
		for address = range f.sources {
		}
	}
	f.of, f.all, f.untold = nil, 0, 0
	f.mu.Unlock()
	if untold > 0 {
		t.record(&audit.Record{
			What: audit.LoginFailed, Address: address, Count: untold, Result: string(rpcerr.AccessDenied),
			Reason: "further failures to log in, which were only counted",
		})
	}
}
