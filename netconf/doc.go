// Package netconf is the NETCONF server (RFC 6241) over the datastores. There are
// few types:
//
//   - Server: what all sessions share: operations, capabilities, counters;
//   - session: one client from hello to its end, one message at a time;
//   - request: an <rpc> that is being read;
//   - operation: reads the parameters of one operation and returns the action
//     that carries it out once the whole message was read.
//
// Requests are read and replies written as streams. The operations of RFC 6241,
// and those of RFC 6022 and RFC 8526, are in op_*.go; every other RPC and every
// action of the schema is passed to the Store. Transports, access control and
// what the datastores hold belong to other packages.
package netconf
