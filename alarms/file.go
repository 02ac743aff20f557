package alarms

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/google/renameio/v2"
)

// file is what is kept of a list.
type file struct {
	Version int     `json:"version"`
	Alarms  []Alarm `json:"alarms"`
}

const fileVersion = 1

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severityNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no severity", text)
	}
	*s = Severity(i)
	return nil
}

// MarshalText writes the name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *State) UnmarshalText(text []byte) error {
	i := slices.Index(stateNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no state of an operator", text)
	}
	*s = State(i)
	return nil
}

// Load takes the alarms of known types that Save has written into an empty list; nobody is
// told. Where there is no file the list stays empty. What is active there is so until it is
// reported to be over.
func (l *List) Load(path string, known []string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	kept, err := parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range kept {
		if !slices.Contains(known, a.Type) {
			continue
		}
		l.alarms[a.Key] = a
		if !a.Active {
			l.cleared++
		}
		for _, c := range a.Changes {
			l.last = later(l.last, c.Time)
		}
		for _, c := range a.Actions {
			l.last = later(l.last, c.Time)
		}
	}
	l.saved = l.last
	l.forget()
	return nil
}

// parse reads what Save writes.
func parse(text []byte) ([]Alarm, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	if f.Version != fileVersion {
		return nil, fmt.Errorf("version %d of a list of alarms, expected %d", f.Version, fileVersion)
	}
	seen := make(map[Key]bool, len(f.Alarms))
	for i, a := range f.Alarms {
		if a.Resource == "" || a.Type == "" || seen[a.Key] || a.Severity == Cleared || len(a.Changes) == 0 {
			return nil, fmt.Errorf("alarm %d is not as it was written", i+1)
		}
		seen[a.Key] = true
	}
	return f.Alarms, nil
}

// Save writes the list to a file, which it replaces as a whole and durably, if the status
// of an alarm or what an operator says has changed since it was last read or written. One
// call at a time.
func (l *List) Save(path string) error {
	l.mu.Lock()
	last := l.last
	unchanged := last.Equal(l.saved)
	l.mu.Unlock()
	if unchanged {
		return nil
	}
	text, err := json.Marshal(file{fileVersion, l.All()}) // with later changes, which are written again
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(path, text, 0o600); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.saved = last
	return nil
}
