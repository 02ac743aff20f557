// Package restconf is the RESTCONF server (RFC 8040): an http.Handler over a
// datastore.Store. Server is the handler; a request is resolved to a resource,
// which says what its methods do. Every request is a Session of its own, and
// every edit, a YANG Patch (RFC 8072) too, one commit of running or one change of
// the datastore that the URI names (RFC 8527). JSON (RFC 7951) and XML both ways.
//
// It does no TLS and knows no passwords: see Options.Authenticate.
package restconf
