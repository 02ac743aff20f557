package southbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// handover hands steps over to processes. It belongs to one goroutine.
type handover struct {
	*Side
	mirror *mirror
	ended  <-chan struct{} // of the process that was started last; nil before the first
	wait   time.Duration   // before what failed last is tried again: longer each time, up to Retry
}

const (
	firstWait = 10 * time.Millisecond
	// goodTime is how long a connection must last to count as a success.
	goodTime = time.Second
	// startTime is how long a process may take until it can be managed.
	startTime = 15 * time.Second
)

// manage has p serve what is published, until ctx ends or p is not to serve any more.
func (h *handover) manage(ctx context.Context, p *Process) {
	for ctx.Err() == nil {
		l, err := h.connect(ctx, p)
		if err == nil {
			begin := time.Now()
			h.takeOver(p, l)
			err = h.serve(ctx, p, l)
			h.link.Store(nil)
			l.close()
			if time.Since(begin) >= goodTime {
				h.wait = 0
			}
		}
		if ctx.Err() != nil || err == nil {
			return
		}
		h.failed(err)
		if _, _, _, still := h.take(p); !still {
			h.released()
			return
		}
		h.wait = min(max(firstWait, 2*h.wait), h.o.Retry)
		pause(ctx, h.wait)
	}
}

// takeOver ends what this process serves, where it does until p can.
func (h *handover) takeOver(p *Process, l *link) {
	if p.Start != nil && l.hello.Build != h.o.Build || !h.Status().Own {
		return
	}
	leave := func() { h.leave(p) }
	if h.o.Yield == nil {
		leave()
		return
	}
	h.o.Yield(leave)
}

// released tells that another process listens no longer.
func (h *handover) released() {
	if h.o.Released != nil {
		h.o.Released()
	}
}

// failed notes that nobody knows what is served, and why.
func (h *handover) failed(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.status.Remote {
		return
	}
	if h.status.Error != err.Error() {
		h.log.Error("the ALTO server's process is not managed until it can be", "error", err)
	}
	h.status.Error, h.status.Process, h.addrs = err.Error(), 0, nil
	if h.status.Own {
		return
	}
	if h.status.Applied != nil {
		h.lost = h.now()
	}
	h.status.Applied = nil
}

// connect connects to p, and starts it where it is not there.
func (h *handover) connect(ctx context.Context, p *Process) (*link, error) {
	l, err := dial(ctx, p.Socket, h.o.Pushed)
	if err == nil || p.Start == nil {
		return l, err
	}
	if h.ended != nil {
		select {
		case <-h.ended:
		default:
			return nil, err // it is there, and does not answer
		}
	}
	if h.ended, err = p.Start(p.Socket); err != nil {
		return nil, fmt.Errorf("the ALTO server's process cannot be started: %w", err)
	}
	h.mu.Lock()
	h.status.Starts++
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if l, err = dial(ctx, p.Socket, h.o.Pushed); err == nil {
			return l, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-h.ended:
			return nil, errors.New("the ALTO server's process has ended at once; its log says why")
		case <-time.After(firstWait):
		}
	}
}

// serve hands over every version that is published, first what differs from what the
// server has. It returns nil when p is not to serve any more and has stopped.
func (h *handover) serve(ctx context.Context, p *Process, l *link) error {
	if p.Start != nil && l.hello.Build != h.o.Build {
		return h.replace(l)
	}
	k, prev := knownOf(l.hello), (*Version)(nil)
	var retryIn time.Duration
	var wanted []byte
	h.connected(l)
	for {
		var err error
		if wanted, err = h.want(l, wanted); err != nil {
			return err
		}
		v, reconfigured, server, still := h.take(p)
		if !still {
			if l.ask(&ask{Release: true, Quit: p.Start != nil}) == nil {
				h.log.Warn("the ALTO server's process was not told to stop")
			}
			h.released()
			return nil
		}
		again, err := h.hand(l, k, prev, v, reconfigured, server)
		var refused *refusedError
		switch {
		case errors.As(err, &refused):
			h.refused(refused)
			prev, again = nil, true
		case err != nil:
			return err
		default:
			prev = v
		}
		var retry <-chan time.Time
		if again {
			retryIn = min(max(firstWait, 2*retryIn), h.o.Retry)
			retry = time.After(retryIn)
		} else {
			retryIn = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.gone:
			return l.err
		case <-h.wake:
		case <-retry:
		}
	}
}

// replace ends a process of another build, so that the next one is of this.
func (h *handover) replace(l *link) error {
	if _, err := l.request(&message{Ask: &ask{Release: true, Quit: true}}, nil, askTime); err != nil {
		return err
	}
	<-l.gone
	return fmt.Errorf("the ALTO server's process was built from %q and is replaced by one from %q", l.hello.Build, h.o.Build)
}

// want tells the server what is to be pushed, where that is not what it was told last.
func (h *handover) want(l *link, before []byte) ([]byte, error) {
	if h.o.Want == nil {
		return nil, nil
	}
	want := h.o.Want()
	if bytes.Equal(want, before) {
		return before, nil
	}
	if _, err := l.request(&message{Ask: &ask{Want: want}}, nil, askTime); err != nil {
		return nil, err
	}
	return want, nil
}

// connected notes what the server says of itself.
func (h *handover) connected(l *link) {
	h.link.Store(l)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.status.Remote {
		h.status.Process, h.status.Unbound, h.addrs = l.hello.PID, l.hello.Bound.Unbound, l.hello.Bound.Addrs
	}
	h.log.Info("the ALTO server's process is managed", "pid", l.hello.PID, "resources", len(l.hello.Resources))
}

func (h *handover) refused(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.status.Error != err.Error() {
		h.log.Error("the ALTO server's process refuses what is configured", "error", err)
	}
	h.status.Error = err.Error()
}

// hand makes the step from prev, nil for what is known to be there, to v. It tells whether
// to try again, since there are addresses that cannot be listened on.
func (h *handover) hand(l *link, k *known, prev, v *Version, reconfigured []string, server bool) (again bool, err error) {
	ids, err := h.mirror.follow(v.Snapshot)
	if err != nil {
		h.mirror = newMirror()
		return false, &refusedError{fmt.Sprintf("it cannot be handed over: %v", err)}
	}
	if prev == nil {
		ids = nil
	} else if ids == nil {
		ids = []string{}
	}
	x, data, err := h.mirror.stepFor(k, ids)
	if err != nil {
		return false, err
	}
	x.Reconfigured, x.ServerReconfigured = reconfigured, server
	if prev == nil || prev.Access != v.Access || prev.Window != v.Window || prev.MaxClients != v.MaxClients || !prev.Snapshot.SameSettings(v.Snapshot) {
		s, err := settingsOf(v)
		if err != nil {
			return false, &refusedError{fmt.Sprintf("the settings cannot be handed over: %v", err)}
		}
		if s.Digest != k.settings {
			x.Settings = s
		}
	}
	h.mu.Lock()
	unbound := h.status.Unbound
	h.mu.Unlock()
	a := &applied{Bound: bound{h.Addrs(), unbound}}
	if x.Settings != nil || len(x.Put)+len(x.Remove)+len(x.Reconfigured)+len(unbound) > 0 || x.ServerReconfigured {
		if a, err = l.step(x, data); err != nil {
			return false, err
		}
		k.made(x)
	}
	h.applied(v, x, a)
	return len(a.Bound.Unbound) > 0, nil
}

// applied notes that clients see v.
func (h *handover) applied(v *Version, x *step, a *applied) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.status.Remote {
		return
	}
	if h.status.Want == v { // else they may have been configured again since
		clear(h.reconfigured)
		h.server = false
	}
	h.status.Applied, h.status.Unbound, h.addrs, h.lost, h.status.Error = v, a.Bound.Unbound, a.Bound.Addrs, time.Time{}, ""
}

// releaseLeftover ends a process that serves although nobody wants it to.
func (h *handover) releaseLeftover(ctx context.Context) {
	h.mu.Lock()
	wanted := h.process != nil
	h.mu.Unlock()
	if wanted || h.o.Leftover == "" {
		return
	}
	l, err := dial(ctx, h.o.Leftover, h.o.Pushed)
	if err != nil {
		return // as it should be
	}
	defer l.close()
	if l.ask(&ask{Release: true, Quit: true}) == nil {
		return
	}
	h.log.Warn("an ALTO server's process that was left over has been told to end", "pid", l.hello.PID)
	h.released()
}
