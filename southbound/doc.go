// Package southbound is what lies between the agent and the ALTO server that clients talk
// to: the data plane. It knows no YANG. There are only a few types. A [Step] is all that
// is to be served from some moment on. A [Side] takes steps and has figures: it serves
// them in this process, or hands them over to another one. A [Server] is that other
// process: it is managed over a Unix socket and goes on serving when whoever manages it is
// gone. What the two say to each other is in message.go: frames of JSON and of data.
//
// A manager that connects is told what the server has, by digest, and sends what differs
// and no more, so that neither a restart of one nor of the other has to be told apart.
// Steps are never queued: a manager that was away sends the newest.
package southbound
