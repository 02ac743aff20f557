package yang

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Error is a fault in a module's text: where it stands and what was expected there.
type Error struct {
	File    string
	Line    int // from 1; 0 where the fault has no line, as with a module that was not found
	Message string
}

// Error is "FILE:LINE: MESSAGE".
func (e *Error) Error() string {
	switch {
	case e.File == "":
		return e.Message
	case e.Line == 0:
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// maxErrors bounds what Compile reports.
const maxErrors = 200

// faults collects the errors of one compilation.
type faults struct {
	list []*Error
	seen map[Error]bool
}

// add records the error unless the same one is recorded already.
func (f *faults) add(e *Error) {
	if f.seen[*e] || len(f.list) >= maxErrors {
		return
	}
	if f.seen == nil {
		f.seen = map[Error]bool{}
	}
	f.seen[*e] = true
	f.list = append(f.list, e)
}

// at records an error at a statement, unless its form is wrong already.
func (f *faults) at(s *stmt, format string, args ...any) {
	if !s.file.bad[s] {
		f.add(s.fault(format, args...))
	}
}

// sorted is what was recorded in order of file, line and message.
func (f *faults) sorted() []*Error {
	slices.SortStableFunc(f.list, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return f.list
}

// err joins what was recorded; nil when there is nothing.
func (f *faults) err() error { return joinErrors(f.sorted()) }

// joinErrors joins the list; nil for an empty one.
func joinErrors(list []*Error) error {
	errs := make([]error, len(list))
	for i, e := range list {
		errs[i] = e
	}
	return errors.Join(errs...)
}
