// Package restconf is the RESTCONF server (RFC 8040): an http.Handler over a
// datastore.Store. Server is the handler; a request is resolved to a resource,
// which says what its methods do. Every request is a Session of its own, and
// every edit one commit of running. JSON (RFC 7951) and XML both ways.
//
// It does no TLS and knows no passwords: see Options.Authenticate. Event streams,
// the datastores of RFC 8527, YANG Patch and compression are not served; entity
// tags are those of the datastore for every resource (RFC 8040 Section 3.5.2).
package restconf
