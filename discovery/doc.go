// Package discovery lets ALTO servers be found by the addresses they know about, and finds
// them (RFC 8686). It knows records and zones of the reverse DNS, and no YANG.
//
// There are only a few types. A [Target] is where U-NAPTR records lead, [Split] makes of a
// prefix the names that need one. A [Publisher] brings the records of each [Zone] into a
// zone file and, by dynamic updates (RFC 2136) that are signed, to a DNS server; it knows
// which records are its own and touches no others. A [Resolver] looks up the servers of a
// prefix, a [Finder] does so again and again.
//
// Non-terminal NAPTR records are not followed, and zones are not found out by SOA queries.
package discovery
