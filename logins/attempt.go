package logins

import (
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Result is how an Attempt ended.
type Result string

// The results of attempts.
const (
	Success Result = "success"
	Failure Result = "failure"
	Locked  Result = "locked" // refused without a look at what was sent
)

// What clients come over.
const (
	SSH      = "netconf-ssh"
	TLS      = "netconf-tls"
	RESTCONF = "restconf"
	ALTO     = "alto"
	Metrics  = "metrics"
)

// What clients prove who they are by.
const (
	Password    = "password"
	PublicKey   = "publickey" // an SSH certificate too
	Certificate = "certificate"
	Token       = "token"
	Digest      = "digest"
)

// Attempt is somebody's attempt to be taken for a user.
type Attempt struct {
	Time      time.Time
	User      string // as the client says, or what proves it; "" where that is not known
	Remote    string // the address of the client, with or without a port
	Transport string
	Method    string
	Result    Result
	// Again tells of a success that the user had one from the same source over the same
	// transport in the last ten minutes: HTTP has one for each request.
	Again bool
	// Cause is why it failed, for logs only; nil for a success.
	Cause error
}

// Address is the client's address without its port, the zero Addr where it has none.
func (a Attempt) Address() netip.Addr {
	if ap, err := netip.ParseAddrPort(a.Remote); err == nil {
		return ap.Addr().Unmap()
	}
	addr, _ := netip.ParseAddr(a.Remote)
	return addr.Unmap()
}

// key is what failures are counted of: a user from a source, or one of the two alone.
type key struct {
	source netip.Prefix // zero for any
	user   string       // "" for any
}

// longestUser is the length in bytes that a name may have to be counted by.
const longestUser = 255

// key is the user and the source: an IPv4 address, or a /64 of IPv6, of which one host
// commonly has all. A name that nobody can have is "".
func (a Attempt) key() key {
	addr := a.Address()
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	source, _ := addr.WithZone("").Prefix(bits) // the zero Prefix of the zero Addr
	k := key{source: source, user: a.User}
	if len(k.user) > longestUser || !utf8.ValidString(k.user) || strings.ContainsFunc(k.user, unnameable) {
		k.user = ""
	}
	return k
}

// unnameable are the characters that no string of YANG has, and those that control.
func unnameable(r rune) bool {
	return unicode.IsControl(r) || r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE
}
