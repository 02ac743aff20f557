package southbound

import (
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/persistent"
)

// Step is all that is to be served. It is immutable.
type Step struct {
	Snapshot *alto.Snapshot
	// Window is the length of the window of the statistics.
	Window time.Duration
	// MaxClients is how many clients are counted each by itself.
	MaxClients int
	// Access tells how clients reach the server and who they are. A step with the same
	// pointer has the same.
	Access *Access
	// Revision is the number of the commit that the step came of, or that was the newest
	// when other data did.
	Revision uint64
	// Of is what the publisher made the step of.
	Of any
	// Reconfigured are the accounts with another configuration than in the step before;
	// see alto.Server.Publish.
	Reconfigured []string
	// ServerReconfigured tells that the configuration of the server is another.
	ServerReconfigured bool
}

// Access is made into what a Realise takes when it is needed.
type Access struct {
	Form func() ([]byte, error)
}

// Mark tells what a resource is or was applied as.
type Mark struct {
	Revision uint64    // of the Step that changed it last
	Since    time.Time // when that was published
}

// Version is a Step and when each of its resources has changed. It is immutable.
type Version struct {
	Step
	Mark                                // of the server as a whole
	first Mark                          // of resources without one of their own
	marks persistent.Map[string, *Mark] // of resources that have changed since
}

// follow returns the version that x makes of v, which may be nil. Cost is that of what
// changes.
func (v *Version) follow(x Step, now time.Time) *Version {
	mark := Mark{x.Revision, now}
	if v == nil {
		return &Version{Step: x, Mark: mark, first: mark}
	}
	next := &Version{Step: x, Mark: mark, first: v.first}
	if v.Snapshot.NumResources() == 0 {
		next.first = mark
		return next
	}
	marks := v.marks.Edit()
	alto.EachDifference(v.Snapshot, x.Snapshot, func(id string, _, now *alto.Resource) {
		if marks.Delete(id); now != nil {
			marks.Set(id, &mark)
		}
	})
	next.marks = marks.Done()
	return next
}

// MarkOf is that of a resource of the Snapshot.
func (v *Version) MarkOf(id string) Mark {
	if m := v.marks.At(id); m != nil {
		return *m
	}
	return v.first
}

// Status is how far a Side has come.
type Status struct {
	Want    *Version  // published last
	Applied *Version  // that clients see; nil where that is not known
	Error   string    // why they differ; "" where they do not, or for no other reason than time
	Remote  bool      // another process serves, or is to
	Own     bool      // this process serves, if Remote until the other one can
	Process int       // its ID, 0 where there is none
	Starts  uint64    // processes that were started
	Unbound []Unbound // what the process cannot listen on
}

// Agreed tells whether clients see what was published last, from where they should.
func (s Status) Agreed() bool { return s.Applied == s.Want && !(s.Remote && s.Own) }
