package bolt

import (
	"errors"
	"fmt"
	"strings"
)

// DamageError tells that a file is not as it was written.
type DamageError struct {
	Path     string
	Problems []error
}

// Error names the file, the first problems, and what can be done.
func (e *DamageError) Error() string {
	const most = 3
	var b strings.Builder
	fmt.Fprintf(&b, "the store %s is damaged: ", e.Path)
	for i, p := range e.Problems {
		if i == most {
			fmt.Fprintf(&b, "; and %d more", len(e.Problems)-most)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.Error())
	}
	fmt.Fprintf(&b, ". `altoamd store check %s` tells which commits are whole, `altoamd store restore --commit N %[1]s` "+
		"goes back to one; or move the file away and start anew with `altoamd store import`", e.Path)
	return b.String()
}

// Unwrap returns the problems.
func (e *DamageError) Unwrap() []error { return e.Problems }

// damage makes err a *DamageError, unless it is one.
func (s *Store) damage(err error) error {
	var d *DamageError
	if errors.As(err, &d) {
		return err
	}
	return &DamageError{Path: s.path, Problems: []error{err}}
}
