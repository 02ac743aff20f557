// Package audit keeps the record of who did what: an append-only [Log] of one JSON object a
// line, in files that follow one another. Each [Record] has a number, the hash of the record
// before and its own, and a code made with a key, so that [Verify] finds a line that was
// altered, inserted, removed or moved; the file "head" tells how far the record goes, so that
// it finds a truncated end too.
//
// The package knows neither YANG nor datastores: package audit/trail writes what sessions do.
// It does not keep the files from whoever can write to them and read the key, and it does not
// notice that a whole folder was put back to what it was once: see docs/audit.md.
package audit
