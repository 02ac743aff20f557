// Package datastore holds the datastores of RFC 8342 and is the only way into
// them. There are few types:
//
//   - Store: running, candidate, intended and operational over one Schema, made
//     durable by a persist.Backend;
//   - Session: a user's handle on the Store, with its locks;
//   - Participant: whoever must agree to a change of running;
//   - StateProvider: produces a subtree of operational when it is asked for;
//   - Handler: carries out an RPC or action.
//
// A change of running runs through the verbs of commit.go. Readers load one
// atomic pointer and never wait for a writer; writers take turns.
package datastore
