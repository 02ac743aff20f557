package netconf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/netconf/transport"
)

// session is one NETCONF session. Requests are carried out in the order they
// came, by the goroutine of Handle.
type session struct {
	*Server
	conn    *transport.Conn
	framer  *transport.Framer
	data    *datastore.Session
	log     *slog.Logger
	chunked bool // :base:1.1 is in use

	leaving atomic.Bool // by close-session
	killed  atomic.Bool
	idle    *silence // ends the session

	timedOut atomic.Bool // for being idle, or late with its hello
	pace     pace
	delivery
}

// serve runs the session from hello to its end.
func (ss *session) serve(ctx context.Context) {
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(ss.o.Grace, cancel) })()
	defer ss.watch(cancel)()
	if err := ss.hello(); err != nil {
		ss.log.Info("NETCONF session refused", "error", err)
		ss.data.AnnounceEnd(ss.helloReason(ctx, err))
		return
	}
	ss.data.AnnounceStart()
	ss.log.Info("NETCONF session started", "transport", ss.conn.Transport, "remote", ss.data.Source().Address)
	err := ss.loop(requests)
	ss.undeliver()
	ss.data.AnnounceEnd(ss.endReason(ctx, err))
	switch {
	case ss.leaving.Load():
		ss.log.Info("NETCONF session closed")
	case ss.killed.Load():
		ss.log.Info("NETCONF session killed")
	default:
		ss.counters.dropped.Add(1)
		ss.log.Info("NETCONF session dropped", "error", err)
	}
}

// errEnded ends the loop after a message that leaves the session without a way to go on.
var errEnded = errors.New("the peer sent what cannot be answered")

func (ss *session) loop(ctx context.Context) error {
	ss.idle = newSilence(ss.patience, func() {
		ss.limited("idle-timeout")
		ss.timedOut.Store(true)
		ss.conn.Close()
	})
	defer ss.idle.request(true)
	defer ss.population.listen(ss.idle)()
	defer ss.data.ReleaseBody()
	defer ss.data.ReleaseAnswer()
	ss.idle.request(false)
	for {
		message, err := ss.framer.Next()
		if err == nil {
			err = ss.message(ctx, &bounded{Reader: message, session: ss})
		}
		if errors.Is(err, transport.ErrTooBig) {
			ss.limited("message-size")
		}
		if err != nil || ss.leaving.Load() {
			return err
		}
	}
}

// patience is for how long the client may be silent, 0 for ever.
func (ss *session) patience() time.Duration { return cmp.Or(ss.conn.Idle, ss.limits.Load().idle) }

// message answers one message. The error ends the session.
func (ss *session) message(ctx context.Context, in io.Reader) error {
	start := time.Now()
	defer ss.data.ReleaseAnswer()
	r := &request{session: ss, x: codec.NewXMLReader(in, ss.xmlLimits())}
	act, err := r.read()
	r.x.Release()
	if transportFailed(err) {
		return err
	}
	// A client that only writes now must not wait for us to read.
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	if ss.over() {
		return errKilled
	}
	ss.idle.request(true)
	defer ss.idle.request(false)
	ss.count(r.valid)
	var out *reply
	switch {
	case isTag(err, rpcerr.TooBig):
		ss.limited("request-content")
	case err == nil:
		err = ss.paced()
	}
	if err == nil {
		out, err = ss.carryOut(ctx, act)
	}
	ss.data.ReleaseBody()
	ss.metrics.observe(r.name(), err, time.Since(start))
	ss.log.Debug("NETCONF request", "operation", r.name(), "error", err, "duration", time.Since(start))
	if err != nil {
		if ss.over() {
			return errKilled
		}
		return ss.refuse(r, err)
	}
	if err := ss.send(r, out); err != nil {
		return err
	}
	ss.deliver()
	return nil
}

// errKilled ends the loop of a session that another one has killed: it answers nothing
// more, whoever hears of it first.
var errKilled = errors.New("another session has killed this one")

// over tells whether another session has killed this one, and notes it.
func (ss *session) over() bool {
	select {
	case <-ss.data.Done():
		if ss.leaving.Load() {
			return false
		}
		ss.killed.Store(true)
		return true
	default:
		return false
	}
}

// carryOut runs an action. A panic is a fault of this program that ends the
// request and nothing else.
func (ss *session) carryOut(ctx context.Context, act action) (out *reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			ss.log.Error("panic in a NETCONF request", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return act(ctx)
}

// transportFailed tells an error of the connection or its framing from one of
// the content of a message: after it there is no next message.
func transportFailed(err error) bool {
	var e *rpcerr.Error
	return err != nil && !errors.As(err, &e)
}

// count counts a message as a correct <rpc> or not (RFC 6022 Section 2.1.4).
func (ss *session) count(valid bool) {
	if valid {
		ss.counters.inRPCs.Add(1)
		ss.data.Counters.InRPCs.Add(1)
		return
	}
	ss.counters.inBadRPCs.Add(1)
	ss.data.Counters.InBadRPCs.Add(1)
}
