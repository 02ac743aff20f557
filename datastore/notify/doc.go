// Package notify carries events from those who notice them to those who subscribed
// (RFC 5277, RFC 8040 Section 6). There are few types:
//
//   - Event: an instance of a YANG notification with its time and number;
//   - Broker: takes events, numbers them and keeps the newest in memory and all that
//     the Limits allow in files;
//   - Subscription: a place in the row of events that moves on as its owner asks for
//     the next one.
//
// Whoever publishes never waits for a reader: a Subscription is no queue but a number,
// and reads what it wants from what the Broker keeps, so that a replay passes into the
// present without a seam and a thousand subscribers cost a publisher nothing. One that
// is so slow that its next event is not kept any more has lost its subscription.
//
// Protocols, access control and what is worth an event belong to other packages.
package notify
