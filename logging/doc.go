// Package logging sends records to targets. A [Record] is about a request of an ALTO
// client, an event of the agent or a change of configuration; the [Router] gives it to
// every [Target] that selects it, and a target writes it to a [Destination]: a file, the
// syslog or the journal of the host, or a syslog server over UDP, TCP or TLS (RFC 5424,
// RFC 5425, RFC 5426, RFC 6587).
//
// Whoever logs never waits: each target has a queue with a bound, what does not fit is
// dropped and counted, and how many were dropped is the first thing that a target tells
// once it can be written to again.
//
// It reads no configuration but for files in the form of syslog.conf, see [ParseConf].
package logging
