// Package transport carries NETCONF messages: framing (RFC 6242 Section 4) and
// the SSH subsystem (RFC 6242 Section 3), server and client.
//
// There are three types. A [Conn] is an authenticated byte stream, whatever
// carries it. A [Framer] cuts such a stream into messages. An [SSHServer] makes
// a Conn of each `netconf` subsystem that an authenticated client opens;
// [DialSSH] is its counterpart. Nothing here looks inside a message: XML,
// capabilities and sessions belong to package netconf.
package transport

import (
	"io"
	"net"
	"time"
)

// NetconfSSH is [Conn.Transport] of SSH, an identity of ietf-netconf-monitoring
// (RFC 6022 Section 2.1.4).
const NetconfSSH = "netconf-ssh"

// Conn is an authenticated NETCONF byte stream. One goroutine may read, one may
// write and any may close at the same time. Close wakes both, is idempotent and
// never waits for the peer for longer than the grace of its maker; Read and
// Write then return [net.ErrClosed]. Read returns [io.EOF] when the peer ended
// the stream.
type Conn struct {
	io.ReadWriteCloser

	// User is the NETCONF username: not empty, every character an XML Char
	// (RFC 6241 Section 2.2).
	User string

	// Remote is the address of the peer.
	Remote net.Addr

	// Transport names the transport identity of ietf-netconf-monitoring,
	// without a prefix.
	Transport string

	// Idle is how long the session may be silent; 0 for as long as others may,
	// negative for ever.
	Idle time.Duration
}
