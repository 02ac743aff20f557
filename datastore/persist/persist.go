// Package persist keeps a configuration durable. A data tree is stored as
// records, one for the root and one for each list entry, holding that node's
// own content without further list entries: what a commit writes is in
// proportion to its Diff, whatever the size of the datastore. A Backend makes
// the records of consecutive commits durable together with their metadata, and
// keeps what leads from each commit back to the one before it.
package persist

import (
	"context"
	"errors"
	"time"
)

// Head is one commit's metadata. The zero Head is an empty store.
type Head struct {
	Revision uint64    `json:"revision"`
	Time     time.Time `json:"time"`
	// User, Protocol, Address and Session say who made the commit and from where;
	// Session is 0 for a commit of the agent's own.
	User     string `json:"user,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	Address  string `json:"address,omitempty"`
	Session  uint32 `json:"session,omitempty"`
	// Comment and Label say why.
	Comment string `json:"comment,omitempty"`
	Label   string `json:"label,omitempty"`
	// Kind is "edit", "rollback", "confirmed", "revert", "recover", "seed" or
	// "import"; "" is an edit.
	Kind string `json:"kind,omitempty"`
	// Records is the number of records that the commit changed; 0 where it was not
	// counted.
	Records int `json:"records,omitempty"`
	// Size is the octets of their keys and new values, likewise: about what the history
	// keeps of the values once other commits have replaced them.
	Size int64 `json:"size,omitempty"`
}

// Record is one stored node. Key is the instance-identifier of the node ("/"
// for the root), so a parent's key sorts before its children's. A nil Value
// removes the record.
type Record struct {
	Key   string
	Value []byte
}

// Commit is one commit to be stored.
type Commit struct {
	Head Head
	// Records are what the commit changes, each key once.
	Records []Record
	// Undo has the same keys with the values before, nil where there was none. A
	// backend may take them from what it holds instead.
	Undo []Record
}

// Pending is a confirmed commit that waits for its confirmation (RFC 6241 Section 8.4).
type Pending struct {
	Base      uint64    `json:"base"` // the commit to go back to
	Deadline  time.Time `json:"deadline"`
	PersistID string    `json:"persist-id,omitempty"`
	Session   uint32    `json:"session,omitempty"`
	User      string    `json:"user,omitempty"` // who made the first; "" where it is of before this was kept
}

// Txn is what becomes durable at once.
type Txn struct {
	Base    uint64   // stored revision the commits were derived from
	Commits []Commit // of the revisions Base+1 and following; may be empty
	Pending *Pending // the state after the transaction; nil for none
	// Forget lets the history of commits numbered up to this go, some in each
	// transaction. The newest commit is kept.
	Forget uint64
	// Modules, when not nil, are the "name@revision" of the schema that the data
	// is written with from now on.
	Modules []string
	// Scrub says that what the transactions up to the next Backend.Scrub replace and forget
	// is to leave no trace.
	Scrub bool
}

// State is what a store holds besides the records.
type State struct {
	Head    Head
	Pending *Pending
	Modules []string
	Scrub   bool // a transaction has asked for it since the last Backend.Scrub
}

// ErrStale is returned by Commit when the stored head is not Txn.Base: another
// writer was first.
var ErrStale = errors.New("the stored configuration has moved on")

// ErrForgotten is returned by Undo for a commit whose history is not kept.
var ErrForgotten = errors.New("the history of this commit is not kept")

// Backend stores the records of one datastore and their history.
type Backend interface {
	// Load calls f for every record, a node's before those of the nodes below it,
	// and returns the state they belong to. The record is f's to keep.
	Load(ctx context.Context, f func(Record) error) (State, error)
	// Commit makes t durable as a whole or not at all; when it returns nil, t
	// survives a crash of program and machine. When it fails, nothing of t is
	// found later, and the next Commit may succeed. It fails with ErrStale when
	// t.Base is not the stored revision.
	Commit(ctx context.Context, t Txn) error
	// Commits calls f with the metadata of each kept commit that is not newer than
	// from, newest first, until f returns false; from 0 is the newest. Cost is that
	// of the commits f gets.
	Commits(ctx context.Context, from uint64, f func(Head) bool) error
	// Undo returns the records that lead from commit n back to n-1: see Apply. It
	// fails with ErrForgotten when they are not kept.
	Undo(ctx context.Context, n uint64) ([]Record, error)
	// Scrub removes all traces of what was replaced and forgotten, if a transaction has
	// asked for it since the last time. When it fails, all is as it was. Cost is that of
	// all that is stored.
	Scrub(ctx context.Context) error
	// Close releases the store; no other call may follow.
	Close() error
}
