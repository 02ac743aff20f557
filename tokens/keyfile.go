package tokens

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
)

// What a key file may hold.
const (
	largestFile = 1 << 20 // bytes
	mostKeys    = 100
)

// keyFile is a file with a JSON Web Key Set (RFC 7517 Section 5), which is read again
// when it has changed.
type keyFile struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	seen    os.FileInfo // what was read last, nil where there was nothing to read
	gone    bool        // that there is nothing was logged
	keys    []key
	version int // counts how often keys was set
}

// current are the keys of the file, and which version of them. While it cannot be used
// they are those of before. Where it has not changed the cost is that of a look at its
// time.
func (f *keyFile) current() (keys []key, version int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		if f.seen = nil; !f.gone {
			f.log.Error("the key file of an issuer of tokens cannot be read, its keys are those of before", "error", err)
		}
		f.gone = true
	case f.seen == nil || changed(f.seen, info):
		if err := f.load(info); err != nil {
			f.log.Error("the key file of an issuer of tokens cannot be used, its keys are those of before", "error", err)
		} else {
			f.log.Info("the key file of an issuer of tokens was read", "path", f.path, "keys", len(f.keys))
		}
	}
	return f.keys, f.version
}

func changed(old, now os.FileInfo) bool {
	return !os.SameFile(old, now) || !old.ModTime().Equal(now.ModTime()) || old.Size() != now.Size()
}

// reload reads the file for the first time.
func (f *keyFile) reload() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		f.gone = true
		return err
	}
	return f.load(info)
}

// load reads the file; info was taken before, so that a change meanwhile is seen later.
// Needs mu.
func (f *keyFile) load(info os.FileInfo) error {
	f.seen, f.gone = info, false
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", f.path)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, largestFile+1))
	switch {
	case err != nil:
		return err
	case len(text) > largestFile:
		return fmt.Errorf("%s is larger than %d bytes", f.path, largestFile)
	}
	keys, err := parseSet(text)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.keys = keys
	f.version++
	return nil
}

// parseSet reads a JSON Web Key Set. Keys that are for something else are passed over;
// one that is wrong makes the whole set wrong.
func parseSet(text []byte) (keys []key, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(text, &set) != nil || set.Keys == nil {
		return nil, errors.New("no JSON Web Key Set") // what it is instead is nobody's business
	}
	if len(set.Keys) > mostKeys {
		return nil, fmt.Errorf("%d keys, more than %d", len(set.Keys), mostKeys)
	}
	for i, raw := range set.Keys {
		k, err := parseJWK(raw)
		if errors.Is(err, errOther) {
			continue
		}
		if err == nil {
			err = k.check()
		}
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}
