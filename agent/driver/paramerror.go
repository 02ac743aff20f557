package driver

import (
	"fmt"
	"strings"
)

// ParamError tells which part of a configuration a driver refuses, and why.
type ParamError struct {
	// Leaf is the data node, relative to the list entry of the source or resource, in
	// the form of RFC 7951 Section 6.11: "source-params/altoam-source-file:file/path".
	// "" stands for the entry itself.
	Leaf    string
	Message string // one sentence: what is wrong and what was expected
	Err     error  // the cause, may be nil
}

// Error renders leaf and message in one line.
func (e *ParamError) Error() string {
	if e.Leaf == "" {
		return e.Message
	}
	return e.Leaf + ": " + e.Message
}

// Unwrap returns the cause.
func (e *ParamError) Unwrap() error { return e.Err }

// Errorf makes a ParamError; an error among the arguments after %w is its cause.
func Errorf(leaf, format string, args ...any) *ParamError {
	err := fmt.Errorf(format, args...)
	e := &ParamError{Leaf: leaf, Message: err.Error()}
	if w, ok := err.(interface{ Unwrap() error }); ok {
		e.Err = w.Unwrap()
	}
	return e
}

// Entry names an entry of a list, or of a leaf-list with "." as its key, for the
// Leaf of a ParamError. keysAndValues are pairs.
func Entry(list string, keysAndValues ...string) string {
	var b strings.Builder
	b.WriteString(list)
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		b.WriteString("[" + keysAndValues[i] + "=" + quoted(keysAndValues[i+1]) + "]")
	}
	return b.String()
}

// quoted writes an XPath literal, which knows no escapes.
func quoted(s string) string {
	switch {
	case !strings.Contains(s, "'"):
		return "'" + s + "'"
	case !strings.Contains(s, `"`):
		return `"` + s + `"`
	}
	return "concat('" + strings.ReplaceAll(s, "'", `', "'", '`) + "')"
}
