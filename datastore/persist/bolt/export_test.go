package bolt

import (
	"context"

	"github.com/altoam/altoam/datastore/persist"
)

// OpenWith is Open with another os.OpenFile.
var OpenWith = open

// CommitRefused commits t and then acts as if the disk had failed at the last moment.
func (s *Store) CommitRefused(ctx context.Context, t persist.Txn) error {
	last, modules := s.last, s.modules
	if err := s.Commit(ctx, t); err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	refused := s.last
	s.last, s.modules, s.refused = last, modules, &refused
	return s.reopen()
}

// EncodeUndo and DecodeUndo are what the history holds.
var (
	EncodeUndo = encodeUndo
	DecodeUndo = decodeUndo
)
