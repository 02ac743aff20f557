package discovery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/miekg/dns"
)

// records are resource records by their presentation.
type records map[string]dns.RR

func recordsOf(list []dns.RR) records {
	r := make(records, len(list))
	for _, rr := range list {
		r[rr.String()] = rr
	}
	return r
}

// without returns those of r that are not in o.
func (r records) without(o records) (list []dns.RR) {
	for text, rr := range r {
		if _, in := o[text]; !in {
			list = append(list, rr)
		}
	}
	return list
}

// and returns those that are in either.
func (r records) and(o records) records {
	all := maps.Clone(r)
	maps.Copy(all, o)
	return all
}

func (r records) equal(o records) bool { return len(r) == len(o) && len(r.without(o)) == 0 }

func (r records) list() []dns.RR { return slices.Collect(maps.Values(r)) }

// ledger remembers which records of a zone may be at its server because they were sent
// from here. It is written before they are sent, so that none is ever forgotten; with
// an empty file name it lasts as long as the process. It belongs to one goroutine.
type ledger struct {
	file string
	ours records
}

// openLedger reads the ledger of a zone in a folder, which may not exist; "" for none.
// After an error the ledger is empty and can be used.
func openLedger(dir, zone string) (*ledger, error) {
	l := &ledger{ours: records{}}
	if dir == "" {
		return l, nil
	}
	l.file = filepath.Join(dir, strings.ReplaceAll(strings.TrimSuffix(zone, "."), "/", "_")+".zone")
	text, err := os.ReadFile(l.file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return l, err
	}
	ours, err := parse(bytes.NewReader(text), l.file)
	if err != nil {
		return l, fmt.Errorf("%s: %w", l.file, err)
	}
	l.ours = ours
	return l, nil
}

// parse reads what Text writes.
func parse(r io.Reader, file string) (records, error) {
	all := records{}
	p := dns.NewZoneParser(r, ".", file)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		all[rr.String()] = rr
	}
	return all, p.Err()
}

// set makes the ledger hold these records.
func (l *ledger) set(ours records) error {
	if l.file != "" && !l.ours.equal(ours) {
		if err := os.MkdirAll(filepath.Dir(l.file), 0o700); err != nil {
			return err
		}
		if err := renameio.WriteFile(l.file, Text(ours.list()), 0o600); err != nil {
			return err
		}
	}
	l.ours = ours
	return nil
}
