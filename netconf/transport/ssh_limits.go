package transport

import (
	"cmp"
	"math"
	"time"
)

// SSHLimits bounds what clients of an [SSHServer] can take from it. Zero means
// the default given with the field, a negative value no limit.
type SSHLimits struct {
	// Handshake is the time from accepting a connection until the user must be
	// authenticated, and from opening a channel until the subsystem must be
	// requested. Default 30 s.
	Handshake time.Duration

	// Idle is the time after which an authenticated connection without a
	// channel is closed. Default 1 min.
	Idle time.Duration

	// Keepalive is the interval at which the client is asked for a sign of life.
	// A connection that owes one for KeepaliveAttempts intervals is closed. Defaults
	// 30 s and 3.
	Keepalive         time.Duration
	KeepaliveAttempts int

	// Stall is the time for which one write may wait for a client that does not
	// read; then the channel is closed. Default 5 min.
	Stall time.Duration

	// Grace is the time that a client has to answer the close of a channel, and
	// a Handle to return when the server ends, before the connection is cut.
	// Default 5 s; a negative value means none.
	Grace time.Duration

	// Connections and ConnectionsPerSource count all connections. A source is
	// an IPv4 address or an IPv6 /64 prefix. Defaults 4096 and 2048.
	Connections, ConnectionsPerSource int

	// Unauthenticated and UnauthenticatedPerSource count those of them that are
	// not yet authenticated. Defaults 256 and 128.
	Unauthenticated, UnauthenticatedPerSource int

	// Channels is the number of open channels of one connection. Default 64.
	Channels int
}

const unlimited = time.Duration(math.MaxInt64)

func (l SSHLimits) withDefaults() SSHLimits {
	orDuration := func(d, byDefault time.Duration) time.Duration {
		if d < 0 {
			return unlimited
		}
		return cmp.Or(d, byDefault)
	}
	orCount := func(n, byDefault int) int {
		if n < 0 {
			return math.MaxInt
		}
		return cmp.Or(n, byDefault)
	}
	l.Handshake = orDuration(l.Handshake, 30*time.Second)
	l.Idle = orDuration(l.Idle, time.Minute)
	l.Keepalive = orDuration(l.Keepalive, 30*time.Second)
	l.KeepaliveAttempts = max(1, cmp.Or(l.KeepaliveAttempts, 3))
	l.Stall = orDuration(l.Stall, 5*time.Minute)
	l.Grace = max(0, cmp.Or(l.Grace, 5*time.Second))
	l.Connections = orCount(l.Connections, 4096)
	l.ConnectionsPerSource = orCount(l.ConnectionsPerSource, 2048)
	l.Unauthenticated = orCount(l.Unauthenticated, 256)
	l.UnauthenticatedPerSource = orCount(l.UnauthenticatedPerSource, 128)
	l.Channels = orCount(l.Channels, 64)
	return l
}
