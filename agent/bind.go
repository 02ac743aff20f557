package agent

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// bind prepares the sockets. An address that waits already does not keep the others
// from being bound, and at a restart none does. The error names the local-bind at
// fault. Needs mu.
func (a *Agent) bind(l *listening, resumed bool) (*alto.Binding, *rpcerr.Error) {
	sockets := l.sockets
	sockets.Optional = a.waiting
	if resumed {
		sockets.Optional = make(map[string]bool)
		for _, addr := range sockets.Addrs {
			sockets.Optional[addr] = true
		}
	}
	b, err := a.stack.Bind(sockets)
	if err != nil {
		return nil, l.bindRefusal(err)
	}
	return b, nil
}

// try tells whether the addresses that are new in next can be listened on, where another
// process is to: it finds out only after the commit. Needs mu.
func (a *Agent) try(prev, next *listening) *rpcerr.Error {
	held := prev.addresses()
	var fresh []string
	for addr := range next.addresses() {
		if !held[addr] {
			fresh = append(fresh, addr)
		}
	}
	slices.Sort(fresh)
	b, err := alto.NewStack(nil).Bind(alto.ListenConfig{Addrs: fresh})
	if err != nil {
		return next.bindRefusal(err)
	}
	b.Abort()
	return nil
}

// addresses are those of all stacks.
func (l *listening) addresses() map[string]bool {
	all := make(map[string]bool)
	for _, c := range append([]alto.ListenConfig{l.sockets}, l.sockets.More...) {
		for _, addr := range c.Addrs {
			all[addr] = true
		}
	}
	return all
}

func (l *listening) bindRefusal(err error) *rpcerr.Error {
	path := serverPath + "/listen/" + l.scheme + "/tcp-server-parameters"
	var fault *alto.BindError
	if errors.As(err, &fault) {
		if place, further := l.further[fault.Addr]; further {
			path = place
		} else if at, parseErr := netip.ParseAddrPort(fault.Addr); parseErr == nil {
			path += "/" + driver.Entry("local-bind", "local-address", at.Addr().String()) + "/local-port"
		}
	}
	return &rpcerr.Error{Tag: rpcerr.OperationFailed, Path: path, Message: err.Error(), Err: err}
}

// settle puts a binding into service and notes what it left out. Needs mu.
func (a *Agent) settle(l *listening, b *alto.Binding) {
	b.Apply()
	before := a.waiting
	a.waiting = make(map[string]bool)
	for _, err := range b.Failed() {
		a.waiting[err.Addr] = true
		if !before[err.Addr] {
			a.log.Error("the ALTO server does not listen here until it can", "at", l.bindRefusal(err).Path, "error", err)
		}
	}
	for addr := range before {
		if !a.waiting[addr] {
			a.log.Info("the ALTO server waits for this address no longer", "address", addr)
		}
	}
}

// bindLoop binds what waits to be bound, until ctx ends.
func (a *Agent) bindLoop(ctx context.Context) {
	every(ctx, a.retry, func(time.Time) { a.rebind() })
}

func (a *Agent) rebind() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) == 0 {
		return
	}
	l := a.own(a.world.Load())
	b, refused := a.bind(l, false)
	switch {
	case refused != nil: // nothing that waits can be refused, and the rest is bound
		a.log.Error("cannot bind again", "at", refused.Path, "error", refused)
	case b.Fresh():
		a.settle(l, b)
	default:
		b.Abort()
	}
}
