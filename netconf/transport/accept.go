package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"
)

// acceptor accepts the connections of one Serve.
type acceptor struct {
	name      string // of the protocol, for records and errors
	admission *admission
	logger    *slog.Logger

	told   time.Time // when a refused connection was last recorded
	untold int       // of those refused since
}

// refuse records, once in a second, that a connection is refused: who floods must not fill
// the log too. Only accept calls it.
func (a *acceptor) refuse(remote net.Addr, err error) {
	now := time.Now()
	if now.Sub(a.told) < time.Second {
		a.untold++
		return
	}
	a.logger.Warn(a.name+" connection refused", "remote", remote.String(), "error", err, "before", a.untold)
	a.told, a.untold = now, 0
}

// accept gives each connection of l that the limits admit to serve, in a goroutine
// of its own, until ctx ends, and then returns nil; or until l fails for good, and
// then returns why. It closes l, ends the ctx of serve and returns after all of
// them have returned.
func (a *acceptor) accept(ctx context.Context, l net.Listener, serve func(context.Context, net.Conn, *ticket)) error {
	ctx, cancel := context.WithCancel(ctx)
	var connections sync.WaitGroup
	defer connections.Wait()
	defer cancel()
	defer l.Close()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for wait := time.Duration(0); ; {
		nc, err := l.Accept()
		switch {
		case err == nil:
			wait = 0
		case ctx.Err() != nil:
			return nil
		case isPassing(err):
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			a.logger.Warn(a.name+" accept", "error", err, "wait", wait)
			sleep(ctx, wait)
			continue
		default:
			return fmt.Errorf("accept %s connection: %w", a.name, err)
		}
		t, err := a.admission.admit(nc.RemoteAddr(), func() { nc.Close() })
		if err != nil {
			a.refuse(nc.RemoteAddr(), err)
			nc.Close()
			continue
		}
		connections.Go(func() {
			defer t.Leave()
			serve(ctx, nc, t)
		})
	}
}

// isPassing reports whether a later Accept may succeed: the client was faster to
// go, or the machine is short of something.
func isPassing(err error) bool {
	for _, e := range []error{
		syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
