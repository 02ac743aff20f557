// Package bolt is the default persist.Backend: one bbolt file. A commit is one
// bbolt transaction, synced to the disk before it returns, that holds the records
// it changes, the state of the store and a history entry with what leads back. One
// process at a time holds the file. What is in it is described in docs/store.md.
package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// lockWait is how long Open waits for another process to release the file.
const lockWait = 2 * time.Second

// The buckets, and the keys that stand alone in theirs.
var (
	metaBucket    = []byte("meta")
	runningBucket = []byte("running") // records by key
	longBucket    = []byte("long")    // records by the hash of a key too long for running
	historyBucket = []byte("history") // what leads back, by revision
	schemaBucket  = []byte("schema")

	formatKey  = []byte("format")
	stateKey   = []byte("state")
	modulesKey = []byte("modules")

	format = []byte("altoam-records-3")
)

// Store is an open file. It is safe for concurrent use.
type Store struct {
	path    string
	openDB  func(settle bool) (*bbolt.DB, held, error)
	writing sync.Mutex // held by Commit; guards what follows up to mu
	last    state      // as of the newest transaction that was acknowledged
	modules []string
	refused *state // what a transaction that failed would have left

	mu     sync.RWMutex // held for reading while db is used
	db     *bbolt.DB    // nil after a failure, until reopen, and once closed
	held   held         // the file of db
	closed bool
}

var _ persist.Backend = (*Store)(nil)

// Open opens or creates the file at path with mode 0600, and brings a file of an
// older format to this one. It fails when another process holds the file for longer
// than two seconds, when it was written in a format this version does not know, and
// with a *DamageError when it is not as it was written.
func Open(path string) (*Store, error) { return open(path, os.OpenFile) }

// opener opens a file as os.OpenFile does.
type opener = func(name string, flag int, mode os.FileMode) (*os.File, error)

func open(path string, file opener) (*Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createFile(path); err != nil {
			return nil, fmt.Errorf("create %s: %w", path, err)
		}
	}
	s := &Store{path: path, openDB: func(settle bool) (*bbolt.DB, held, error) { return openDB(path, file, settle) }}
	db, h, err := s.openDB(false)
	if err != nil {
		return nil, err
	}
	s.db, s.held = db, h
	if err = upgrade(db); err != nil {
		err = fmt.Errorf("open %s: %w", path, err)
	} else if err = s.view(s.remember); err != nil {
		err = s.damage(err)
	}
	if err != nil {
		_ = db.Close() // nothing was written
		return nil, err
	}
	return s, nil
}

// remember reads what is stored besides the records.
func (s *Store) remember(tx *bbolt.Tx) (err error) {
	if s.last, err = readState(tx); err == nil {
		s.modules, err = readModules(tx)
	}
	return err
}

// createFile makes an empty store at path: it is there whole or not at all. A file
// that another process makes meanwhile stays.
func createFile(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	f.Close()
	db, err := bbolt.Open(f.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(create), db.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(path)
}

// syncFolder makes the name of a file durable.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// addresses is how much of the file is mapped at once, in bytes.
const addresses = 1 << 30

// openDB opens a file that is there, once its pages are found in order. With settle
// its newest head is written once more and synced: after a failed sync nobody knows
// whether it would survive, and what replaces it may take the place of the one before.
func openDB(path string, file opener, settle bool) (db *bbolt.DB, h held, err error) {
	var problems []error
	err = guarded(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			FreelistType: bbolt.FreelistMapType,
			// When the file outgrows the mapping, bbolt copies all that a transaction
			// has touched; addresses cost nothing.
			InitialMmapSize: addresses,
			OpenFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
				if f, err = file(name, flag&^os.O_CREATE, mode); err != nil {
					return nil, err
				}
				if err = lock(f, syscall.LOCK_EX); err == nil {
					if problems = inspect(f); len(problems) > 0 {
						err = errors.Join(problems...)
					} else if settle {
						err = settleHead(f)
					}
				}
				if err == nil {
					h.file = f
					h.info, err = f.Stat()
				}
				if err != nil {
					f.Close()
					return nil, err
				}
				return f, nil
			},
		})
		return err
	})
	switch {
	case len(problems) > 0:
		return nil, h, &DamageError{Path: path, Problems: problems}
	case err != nil:
		return nil, h, fmt.Errorf("open %s: %w", path, err)
	}
	return db, h, nil
}

// lock waits for other processes to release the file; how is LOCK_EX or LOCK_SH.
func lock(f *os.File, how int) error {
	for deadline := time.Now().Add(lockWait); ; time.Sleep(50 * time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return fmt.Errorf("lock: %w", err)
		case time.Now().After(deadline):
			return ErrInUse
		}
	}
}

// ErrInUse tells that another process holds the file.
var ErrInUse = errors.New("another process uses it")

// inspect returns what is wrong with the pages of a file.
func inspect(f *os.File) []error {
	info, err := f.Stat()
	if err != nil {
		return []error{err}
	}
	if info.Size() == 0 {
		return []error{errors.New("it is empty")}
	}
	return walk(f, info.Size(), nil).problems
}

func settleHead(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	m, err := readMetas(f, info.Size())
	if err != nil {
		return err
	}
	b := make([]byte, m.pageSize)
	at := int64(m.txid%2) * m.pageSize
	if _, err := f.ReadAt(b, at); err != nil {
		return err
	}
	if _, err := f.WriteAt(b, at); err != nil {
		return err
	}
	return f.Sync()
}

func create(tx *bbolt.Tx) error {
	for _, name := range [][]byte{metaBucket, runningBucket, longBucket, historyBucket, schemaBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	if err := putState(tx, state{}); err != nil {
		return err
	}
	return tx.Bucket(metaBucket).Put(formatKey, format)
}

// errClosed is what calls after Close get.
var errClosed = errors.New("the store is closed")

// Close implements persist.Backend. It waits for what is running.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	db := s.db
	s.db, s.closed = nil, true
	if db == nil {
		return nil
	}
	return db.Close()
}
