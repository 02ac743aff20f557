// Package trail writes what is done with a datastore.Store to an audit.Log: who came and went,
// what was changed, called, refused. A [Trail] is the datastore.Observer of its Store; it follows
// the configuration of module altoam-audit, and passes records on to the targets of the log.
//
// Values of leafs that are secret never get into a record.
package trail
