// Package persist keeps a configuration durable. A data tree is stored as
// records, one for the root and one for each list entry, holding that node's
// own content without further list entries: what a commit writes is in
// proportion to its Diff, whatever the size of the datastore. A Backend makes
// the records of one commit durable together with the new head.
package persist

import (
	"context"
	"errors"
	"time"
)

// Head identifies the newest durable commit. The zero Head is an empty store.
type Head struct {
	Revision uint64    `json:"revision"`
	Time     time.Time `json:"time"`
	// User, Source and Comment say who made the commit, from where and why.
	User    string `json:"user,omitempty"`
	Source  string `json:"source,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// Record is one stored node. Key is the instance-identifier of the node ("/"
// for the root), so a parent's key sorts before its children's. A nil Value
// removes the record.
type Record struct {
	Key   string
	Value []byte
}

// Txn is one commit: the records that changed and the head that follows Base.
type Txn struct {
	Base    uint64 // revision the records were derived from
	Head    Head   // Head.Revision is Base+1
	Records []Record
}

// ErrStale is returned by Commit when the stored head is not Txn.Base: another
// writer was first.
var ErrStale = errors.New("the stored configuration has moved on")

// Backend stores the records of one datastore.
type Backend interface {
	// Load calls f for every record in the order of the keys and returns the
	// head they belong to. The record is f's to keep.
	Load(ctx context.Context, f func(Record) error) (Head, error)
	// Commit makes t durable as a whole or not at all; when it returns nil, t
	// survives a crash of program and machine. It fails with ErrStale when
	// t.Base is not the stored revision.
	Commit(ctx context.Context, t Txn) error
	// Close releases the store; no other call may follow.
	Close() error
}
