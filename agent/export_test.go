package agent

import (
	"fmt"
	"maps"
	"net"
	"runtime"
	"slices"

	"github.com/altoam/altoam/alto"
)

// Facts is what a's world holds, for tests to compare two of them.
func (a *Agent) Facts() map[string]any {
	w := a.world.Load()
	f := map[string]any{"cost types": w.costTypes, "window": w.window, "unfit": w.unfit, "variants": maps.Collect(w.index.variants.All())}
	for n, users := range w.index.users.All() {
		slices.Sort(users)
		f[fmt.Sprint("users of ", n)] = users
	}
	for id, r := range w.resources.All() {
		f["resource "+id] = fmt.Sprint(r.kind == nil, r.dependencies, r.plan.all(), len(r.served), r.fault)
		if (r.fault != nil) != w.index.faulty.Has(id) {
			f["fault of "+id] = "not in the index"
		}
	}
	f["faults"], f["sources"], f["data"] = w.index.faulty.Len(), w.sources.Len(), w.data.Len()
	return f
}

// Differences compares what two agents serve.
func Differences(a, b *Agent) (list []alto.Difference) {
	for _, d := range alto.Differences(a.world.Load().snapshot, b.world.Load().snapshot) {
		if d.Before != d.After || d.Answers || d.Entry || d.Roles {
			list = append(list, d)
		}
	}
	return list
}

// WhenForgotten closes the channel that it returns when nothing holds the world of this
// moment any more.
func (a *Agent) WhenForgotten() <-chan struct{} {
	gone := make(chan struct{})
	runtime.AddCleanup(a.world.Load(), func(c chan struct{}) { close(c) }, gone)
	return gone
}

// Published tells whether the server has the snapshot of the world.
func (a *Agent) Published() bool {
	applied := a.side.Status().Applied
	return applied != nil && applied.Snapshot == a.world.Load().snapshot
}

// Agreed tells whether clients see what was published last.
func (a *Agent) Agreed() bool { return a.side.Status().Agreed() }

// SouthboundProcess is the ID of the process that serves, 0 where none is known.
func (a *Agent) SouthboundProcess() int { return a.side.Status().Process }

// KeepAlives are those of each stack that sockets are bound with, the one of listen first.
func (a *Agent) KeepAlives() (list []net.KeepAliveConfig) {
	l := a.world.Load().listening
	list = append(list, l.sockets.KeepAlive)
	for _, s := range l.sockets.More {
		list = append(list, s.KeepAlive)
	}
	return list
}

// AnswersState is answersState, for times that a test cannot have answers take.
var AnswersState = answersState

// Served is what clients are answered from.
func (a *Agent) Served() *alto.Snapshot { return a.world.Load().snapshot }

// AnnouncedLost counts the sources that a look for lost data has the refresh loop see to.
func (a *Agent) AnnouncedLost() int {
	a.mu.Lock() // the loop waits
	defer a.mu.Unlock()
	a.lookForLost()
	a.news.mu.Lock()
	defer a.news.mu.Unlock()
	return len(a.news.sources)
}
