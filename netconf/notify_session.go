package netconf

import (
	"context"
	"errors"
	"io"
	"net"
)

// Reasons for the end of a session (termination-reason of RFC 6470 Section 2.2).
const (
	endClosed   = "closed"
	endKilled   = "killed"
	endDropped  = "dropped"
	endTimeout  = "timeout"
	endBadHello = "bad-hello"
	endOther    = "other"
)

// endReason tells why the session has ended; err is what reading ended with,
// ctx that of Handle.
func (ss *session) endReason(ctx context.Context, err error) string {
	switch {
	case ss.leaving.Load():
		return endClosed
	case ss.killed.Load():
		return endKilled
	case ss.timedOut.Load():
		return endTimeout
	case errors.Is(err, errEnded), ss.lost.Load(), ctx.Err() != nil:
		return endOther
	}
	return endDropped
}

// helloReason is endReason for a session that did not get past its hello.
func (ss *session) helloReason(ctx context.Context, err error) string {
	reason := ss.endReason(ctx, err)
	if reason == endDropped && !transportEnded(err) {
		return endBadHello
	}
	return reason
}

// transportEnded tells an error of the connection from one of a message.
func transportEnded(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}
