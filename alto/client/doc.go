// Package client asks an ALTO server what ALTO clients ask (RFC 7285). There are few
// types. A [Client] fetches a [Directory] and asks its resources: a [Request] names an
// [Entry] and has parameters, a [Response] is read as what the entry's media type says,
// such as a [NetworkMap] or [Costs]. A refusal is a [StatusError]. A [Client.Walk] fetches all
// resources once and tells for each whether the answer is one of its kind and whether the
// version tags of what depends on each other fit together; it keeps no data. A [Stream] has
// the events of an update stream (RFC 8895), a [View] those of TIPS (RFC 9569); [Patched]
// applies their patches.
//
// It speaks multi-cost (RFC 8189), calendars (RFC 8896), property maps (RFC 9240), CDNI
// advertisements (RFC 9241) and path vectors (RFC 9275), and proves who it is by HTTP
// Basic, Digest (RFC 7616), bearer token or certificate. Redirects are up to Client.HTTP.
package client
