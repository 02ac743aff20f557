package driver

import (
	"context"
	"io/fs"
	"log/slog"
	"time"
)

// Source is a configured data source.
type Source interface {
	// Snapshot returns the newest good data and how the source does. It never
	// blocks and never returns nil data.
	Snapshot() (*Data, Status)
	// Run watches or refreshes the data until ctx ends and calls changed, from one
	// goroutine at a time, whenever Snapshot has data that differs. It returns when
	// all it started has ended, with nil if ctx ended it. Called at most once.
	Run(ctx context.Context, changed func()) error
}

// SourceType is a kind of data source.
type SourceType struct {
	// Identity is the value of source-type as "module:name".
	Identity string
	// YANG holds the module that derives Identity and augments source-params.
	YANG fs.FS
	// Configured tells that the data is part of the configuration: there is nothing to read
	// that could fail or change by itself.
	Configured bool
	// Files returns the files that a source reads, where it reads any; may be nil. One
	// that cannot be opened is tried again when they change.
	Files func(*SourceParams) []string
	// Remote tells that the source reads from other hosts, so that SourceConfig.Network
	// is given. Its container in source-params, which has the name of the identity, may
	// then have a container "tls" as the grouping access of altoam-source-remote has it.
	Remote bool
	// New opens a source and loads its data once. It fails where there is no good
	// data, so that a commit can be refused; the error is a *ParamError whose leaf is
	// below the data-source entry. ctx bounds the loading and nothing after it.
	New func(ctx context.Context, c SourceConfig) (Source, error)
}

// SourceConfig is the configuration of a source.
type SourceConfig struct {
	ID     string
	Params *SourceParams // never nil, validated
	Logger *slog.Logger  // nil: no log
	// Network is not nil where the type is Remote.
	Network *Network
}

// Log returns the logger, one that drops everything where there is none.
func (c SourceConfig) Log() *slog.Logger {
	if c.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Logger.With("source", c.ID)
}

// Status tells how a source does.
type Status struct {
	LastSuccess time.Time // zero: never, which only a source not yet loaded can say
	LastAttempt time.Time
	LastError   string // of the last attempt, "" after a success
	Records     int    // in the data of Snapshot

	Transfer *Transfer // nil: it reads from no server
}

// Stale tells that the data is older than the last attempt, which failed.
func (s Status) Stale() bool { return s.LastError != "" }
