// Package alto is an ALTO server (RFC 7285) with multi-cost requests (RFC 8189),
// cost calendars (RFC 8896), property maps (RFC 9240), CDNI advertisements (RFC 9241),
// path vectors (RFC 9275), update streams (RFC 8895) and TIPS (RFC 9569). It knows neither
// YANG nor who configures it.
//
// There are only a few types. The data: [NetworkMap], [CostMatrix], [PathMatrix],
// [PropertyMap] and [CDNIAdvertisement], immutable and each with a content hash. A [Resource]
// offers data through one [Service] under one entry of the information resource
// directory (IRD). A [Snapshot] is everything that is served, linked and checked
// by [NewSnapshot]. A [Server] is the http.Handler that answers from the
// snapshot published last and counts requests, and a [Stack] owns the sockets
// it listens on.
//
// An update stream is a request that lasts. Publishing leaves a message for each of
// its substreams that has changed; the request's own goroutine makes the message,
// once for all streams that want the same, and sends it: the smallest of a merge patch,
// a JSON patch and the full response. A client that reads too
// slowly loses its stream. Streams end with the socket that they came in by.
//
// A TIPS view is kept for all clients that want the same: whoever asks first after a
// change makes the step to the new version, and those who wait for it share it.
//
// Costs over time are a [CostSchedule]; a snapshot has of it what is so at its moment, and
// another one has to follow when that is over.
//
// Not here: the authentication of clients (see Config.Authenticate).
package alto
