package logins

import "time"

// Policy is what a Lockout goes by. One is immutable.
type Policy struct {
	// Failures of a user from a source, of a source and of a user that lock; 0 for none.
	Failures, SourceFailures, UserFailures int
	// Window is the time without a failure after which those before count no more.
	Window time.Duration
	// FirstLock is how long the first lock lasts. Each further failure doubles it, up to
	// LongestLock, or LongestUserLock for a user over all sources.
	FirstLock, LongestLock, LongestUserLock time.Duration
	// Delay is how long the answer to a failure takes, for each failure, up to
	// LongestDelay; 0 for no delay.
	Delay, LongestDelay time.Duration
	// MinimumPassword is how many bytes a new password has at least.
	MinimumPassword int
}

// Default has the defaults of altoam-logins.
func Default() Policy {
	return Policy{
		Failures: 5, SourceFailures: 20, UserFailures: 50, Window: 10 * time.Minute,
		FirstLock: 5 * time.Second, LongestLock: 5 * time.Minute, LongestUserLock: 30 * time.Second,
		Delay: 250 * time.Millisecond, LongestDelay: 2 * time.Second,
		MinimumPassword: 1,
	}
}

func (p *Policy) pair() limit   { return limit{p.Failures, p.FirstLock, p.LongestLock} }
func (p *Policy) source() limit { return limit{p.SourceFailures, p.FirstLock, p.LongestLock} }
func (p *Policy) user() limit   { return limit{p.UserFailures, p.FirstLock, p.LongestUserLock} }
