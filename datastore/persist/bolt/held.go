package bolt

import (
	"fmt"
	"math"
	"os"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// held is an open file as Open found it. While it is open other programs can do to it
// what they want: bbolt would not notice, or end in a panic with its locks held.
type held struct {
	file *os.File
	info os.FileInfo
}

// errForeign tells that the file no longer holds what this process wrote.
var errForeign = fmt.Errorf("another program has changed it since it was opened: nothing was written to it; " +
	"put back what was there, or start the agent anew to use what is there now")

// readable fails when a transaction could not even begin: the file was cut short, or
// both its heads are lost. It may be called while a commit makes the file longer: the
// heads are read first, as the file is never shorter than one of them says.
func (h held) readable() error {
	m, err := readMetas(h.file, math.MaxInt64)
	if m.pageSize == 0 {
		return err
	}
	info, err := h.file.Stat()
	if err != nil {
		return err
	}
	if end := m.pageSize * int64(m.highest); m.highest > 1<<40 || end > info.Size() {
		return fmt.Errorf("it was cut short: %d bytes of %d are left", info.Size(), end)
	}
	return nil
}

// named fails when path is no longer the file: what is written to a file that has no
// name is lost with the process.
func (h held) named(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("the file was removed or moved while it was open: nothing was written; put it back, or export running and start the agent anew: %w", err)
	case !os.SameFile(info, h.info):
		return fmt.Errorf("write %s: %w", path, errForeign)
	}
	return nil
}

// abandon closes db; where a panic has left it locked, it gives up the file at least.
func (h held) abandon(db *bbolt.DB) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = guarded(db.Close) // it has failed already
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
		_ = syscall.Flock(int(h.file.Fd()), syscall.LOCK_UN)
	}
}
