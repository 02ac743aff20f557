package xpath

// Visits is how many of the visits that Limits count the last evaluation made. With
// it the caller can share one budget among many evaluations.
func (e *Env) Visits() int { return e.Limits.Or(ModuleLimits).Visits - e.later - e.left }
