// Package alto is an ALTO server (RFC 7285) with multi-cost requests (RFC 8189),
// property maps (RFC 9240) and CDNI advertisements (RFC 9241). It knows neither YANG nor who configures it.
//
// There are only a few types. The data: [NetworkMap], [CostMatrix], [PropertyMap]
// and [CDNIAdvertisement], immutable and each with a content hash. A [Resource] offers
// data through one [Service] under one entry of the information resource
// directory (IRD). A [Snapshot] is everything that is served, linked and checked
// by [NewSnapshot]. A [Server] is the http.Handler that answers from the
// snapshot published last and counts requests, and a [Stack] owns the sockets
// it listens on.
//
// Not here: TLS client authentication, HTTP Digest (see Config.Authenticate),
// cost calendars, path vectors.
package alto
