package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Kind is what is wrong.
type Kind string

// The kinds of findings.
const (
	Altered    Kind = "altered"      // a line is not as it was written
	Missing    Kind = "missing"      // records are not there
	OutOfOrder Kind = "out-of-order" // a record stands where it does not belong
	Foreign    Kind = "foreign-key"  // a record, or the head, was made with another key
	Truncated  Kind = "truncated"    // the newest records are not there
	BadHead    Kind = "head"         // the head is gone or does not fit
	Damaged    Kind = "damage"       // the agent has found this itself
)

// Finding is one thing that is wrong with a record.
type Finding struct {
	Kind     Kind   `json:"kind"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Sequence uint64 `json:"seq,omitempty"`
	Message  string `json:"message"`
}

func (f Finding) String() string {
	at := ""
	if f.File != "" {
		at = f.File
		if f.Line > 0 {
			at += fmt.Sprintf(":%d", f.Line)
		}
		at += ": "
	}
	if f.Sequence > 0 {
		at += fmt.Sprintf("record %d: ", f.Sequence)
	}
	return fmt.Sprintf("%s%s: %s", at, f.Kind, f.Message)
}

// Report is what Verify has seen.
type Report struct {
	Files    int       `json:"files"`
	Records  uint64    `json:"records"`
	First    uint64    `json:"first"`
	Last     uint64    `json:"last"`
	Hash     string    `json:"hash"`  // of the last
	Keyed    bool      `json:"keyed"` // the key was at hand
	Findings []Finding `json:"findings"`
	// More is how many findings beyond mostFindings there are.
	More int `json:"more,omitempty"`
}

const mostFindings = 1000

// Verify judges all records in a folder, which may grow meanwhile. Without a key it does not
// notice that somebody has written all of it anew. each, where set, sees each record that has
// the hash it should have, in the order of the files. The error is that of reading.
func Verify(ctx context.Context, dir string, key []byte, each func(*Record)) (*Report, error) {
	v := verifier{each: each, report: Report{Keyed: key != nil, Findings: []Finding{}}}
	if key != nil {
		v.key = newSealer(key)
	}
	h, headErr := readHead(dir, v.key) // first: the record may grow
	all, err := fileNumbers(dir)
	if err != nil {
		return nil, err
	}
	v.least = h.least()
	for _, n := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := v.readFile(dir, fileName(n)); err != nil {
			return nil, err
		}
	}
	v.begins()
	v.ends(headErr)
	v.report.Files, v.report.Last, v.report.Hash = len(all), v.at.Sequence, v.at.next()
	return &v.report, nil
}

type verifier struct {
	key    *sealer // nil without
	each   func(*Record)
	report Report
	least  place  // that must be there
	found  string // hash of the record of that number
	at     place  // the record before
	first  struct {
		entry
		file string
	}
	removed *Removed // the newest
}

func (v *verifier) find(k Kind, file string, line int, seq uint64, format string, args ...any) {
	if len(v.report.Findings) == mostFindings {
		v.report.More++
		return
	}
	v.report.Findings = append(v.report.Findings, Finding{k, file, line, seq, fmt.Sprintf(format, args...)})
}

func (v *verifier) readFile(dir, name string) error {
	f, err := openToRead(filepath.Join(dir, name))
	if errors.Is(err, errNotRegular) {
		v.find(Altered, name, 0, 0, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	for n := 1; ; n++ {
		line, err := readLine(in)
		switch {
		case err == io.EOF:
			v.tail(name, n, line)
			return nil
		case errors.Is(err, errTooLong):
			v.find(Altered, name, n, 0, "%v", err)
			if err := skipLine(in); err != nil && err != io.EOF {
				return err
			}
			continue
		case err != nil:
			return err
		}
		v.line(name, n, bytes.TrimSuffix(line, []byte("\n")))
	}
}

// tail judges what is behind the last end of a line: a record that is just being written has
// the number behind those that must be there.
func (v *verifier) tail(name string, n int, rest []byte) {
	next := fmt.Appendf(nil, `{"seq":%d,`, v.at.Sequence+1)
	if len(rest) == 0 || v.at.Sequence >= v.least.Sequence && bytes.HasPrefix(rest, next) {
		return
	}
	v.find(Altered, name, n, 0, "the line has no end")
}

func (v *verifier) line(name string, n int, line []byte) {
	e, err := parseLine(line)
	if err != nil {
		v.find(Altered, name, n, 0, "%v", err)
		return
	}
	if v.key != nil && !e.by(v.key) {
		v.find(Foreign, name, n, e.Sequence, "its code was not made with this key")
	}
	v.follows(name, n, &e)
	if v.report.Records++; v.report.Records == 1 {
		v.first.entry, v.first.file, v.report.First = e, name, e.Sequence
	}
	if e.Sequence == v.least.Sequence {
		v.found = e.hash
	}
	switch e.What {
	case Damage:
		v.find(Damaged, name, n, e.Sequence, "%s", e.Reason)
	case Rotation:
		if e.Removed != nil {
			v.removed = e.Removed
		}
	}
	v.at = place{Sequence: e.Sequence, Hash: e.hash}
	if v.each != nil {
		v.each(&e.Record)
	}
}

// follows judges whether e is the record that comes next.
func (v *verifier) follows(name string, n int, e *entry) {
	want := v.at.Sequence + 1
	switch {
	case v.report.Records == 0:
	case e.Sequence > want:
		v.find(Missing, name, n, e.Sequence, "expected record %d here", want)
	case e.Sequence < want:
		v.find(OutOfOrder, name, n, e.Sequence, "expected record %d here", want)
	case e.Prev != v.at.next():
		v.find(Altered, name, n, e.Sequence, "it does not follow record %d as that is now", v.at.Sequence)
	}
}

// begins judges the first record: nothing may come before it but what was removed as no longer
// to be kept.
func (v *verifier) begins() {
	first := &v.first
	switch {
	case v.report.Records == 0:
	case first.Sequence == 1:
		if first.Prev != noHash {
			v.find(Altered, first.file, 1, 1, "it is the first, but names one before it")
		}
	case v.removed == nil || v.removed.Last+1 < first.Sequence:
		v.find(Missing, first.file, 1, first.Sequence, "no record tells that those before were removed")
	case v.removed.Last+1 == first.Sequence && v.removed.Hash != first.Prev:
		v.find(Altered, first.file, 1, first.Sequence, "it does not follow the last that was removed")
	}
}

// ends judges the last record by the head.
func (v *verifier) ends(headErr error) {
	switch {
	case errors.Is(headErr, errHeadCode):
		v.find(Foreign, headFile, 0, 0, "%v", headErr)
	case errors.Is(headErr, os.ErrNotExist):
		v.find(BadHead, headFile, 0, 0, "there is none, so that nobody knows whether the end is missing")
	case headErr != nil:
		v.find(BadHead, headFile, 0, 0, "%v", headErr)
	case v.at.Sequence < v.least.Sequence:
		v.find(Truncated, "", 0, 0, "record %d is the last; there were %d", v.at.Sequence, v.least.Sequence)
	case v.least.Sequence > 0 && v.found != v.least.Hash:
		v.find(BadHead, headFile, 0, v.least.Sequence, "the record has another hash than the head has")
	}
}
