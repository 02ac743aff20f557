package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"
)

// scanned is what the newest file holds up to the first thing that is wrong.
type scanned struct {
	last   place
	first  time.Time
	end    int64  // of the last record that is right
	rest   int64  // octets behind it
	torn   bool   // the rest is a line without an end
	sought string // hash of the record that was looked for
}

// resume finds where the record goes on. It is called once, by Open.
func (l *Log) resume() (err error) {
	h, headErr := readHead(l.o.Dir, l.sealer)
	all, err := fileNumbers(l.o.Dir)
	if err != nil {
		return err
	}
	zero := head{Boot: l.boot}
	if l.headFile, err = openHead(l.o.Dir, zero.encode(l.sealer)); err != nil {
		return err
	}
	if err := l.headFile.Truncate(headSize); err != nil { // it may be any file by now
		return err
	}
	fresh := len(all) == 0 && errors.Is(headErr, fs.ErrNotExist)
	if fresh && !l.o.KeyIsOld {
		return l.begin(&Record{What: Rotation})
	}
	all, foreign := plausible(l.o.Dir, all)
	if foreign != "" {
		l.log.Error("somebody has put a file among those of the audit", "file", foreign)
	}
	least := h.least()
	l.before = h.Lost
	if len(all) > 0 {
		l.number = all[len(all)-1]
	}
	s, err := l.scanNewest(all, least.Sequence)
	if err != nil {
		return err
	}
	l.tip, l.durable = s.last, h.Durable
	switch damage := damaged(s, least, headErr, fresh || len(all) == 0); {
	case damage != "":
		if l.tip.Sequence < least.Sequence || s.sought != least.Hash {
			l.tip = least
		}
		l.log.Error("the audit was tampered with, or the disk has lost a part of it", "finding", damage)
		return l.begin(&Record{What: Damage, Reason: damage})
	case s.rest > 0 && !s.torn && h.Boot == l.boot:
		return l.begin(&Record{What: Damage, Reason: "there are lines behind the last record"})
	}
	return l.reopen(s)
}

// damaged says what is wrong with the files, "" for nothing.
func damaged(s scanned, least place, headErr error, none bool) string {
	switch {
	case errors.Is(headErr, fs.ErrNotExist) && none:
		return "the key is there, but no record"
	case headErr != nil:
		return fmt.Sprintf("head: %v", headErr)
	case none:
		return fmt.Sprintf("there are no files; the newest record was %d", least.Sequence)
	case s.last.Sequence < least.Sequence:
		return fmt.Sprintf("record %d is the last that is right; the newest was %d", s.last.Sequence, least.Sequence)
	case least.Sequence > 0 && s.sought != "" && s.sought != least.Hash:
		return fmt.Sprintf("record %d is another one than was written", least.Sequence)
	}
	return ""
}

// reopen goes on in the newest file, without what is behind the last record.
func (l *Log) reopen(s scanned) (err error) {
	if l.file, err = openFile(l.o.Dir, l.number, 0); err != nil {
		return err
	}
	l.size, l.begun, l.files = s.end, s.first, l.count()
	if s.rest == 0 {
		return l.writeHead()
	}
	if err := l.file.Truncate(s.end); err != nil {
		return err
	}
	return l.write([]*Record{{What: Lost, Reason: "a line was not written whole", Count: uint64(s.rest)}})
}

// scanNewest reads the newest file, and the one before where that has no record yet.
func (l *Log) scanNewest(all []uint64, seek uint64) (s scanned, err error) {
	for i := len(all) - 1; i >= 0; i-- {
		newest := i == len(all)-1
		t, err := scan(filepath.Join(l.o.Dir, fileName(all[i])), l.sealer, seek)
		if err != nil {
			return s, err
		}
		if newest {
			s = t
		} else {
			s.last, s.sought = t.last, t.sought
		}
		if t.last.Sequence > 0 {
			break
		}
	}
	if s.last.Commit == 0 { // then the newest is in an older file
		h, _ := readHead(l.o.Dir, l.sealer)
		s.last.Commit = h.Durable.Commit
	}
	return s, nil
}

// scan reads a file up to the first line that does not follow from the one before.
func scan(path string, key *sealer, seek uint64) (s scanned, err error) {
	f, err := openToRead(path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	for {
		line, err := readLine(in)
		e, wrong := parseLine(bytes.TrimSuffix(line, []byte("\n")))
		whole := err == nil || errors.Is(err, errTooLong)
		follows := s.last.Sequence == 0 || e.Sequence == s.last.Sequence+1 && e.Prev == s.last.Hash
		if !whole || wrong != nil || !e.by(key) || !follows {
			info, err := f.Stat()
			s.rest, s.torn = info.Size()-s.end, !whole
			return s, err
		}
		if s.last.Sequence == 0 {
			s.first = e.Time
		}
		s.last = s.last.after(&e.Record, e.hash)
		s.end += int64(len(line))
		if e.Sequence == seek {
			s.sought = e.hash
		}
	}
}

var errTooLong = errors.New("a line that is longer than any record")

// readLine returns the next line with its end. The error is io.EOF at the end of the file, where
// line may hold one that has no end, and errTooLong where it is longer than any record: what is
// behind maxLine octets is not read then.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		case len(line) > maxLine:
			return line, errTooLong
		}
	}
}

// skipLine passes over the rest of a line.
func skipLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// firstIn is the first record of a file.
func firstIn(path string) (e entry, err error) {
	f, err := openToRead(path)
	if err != nil {
		return e, err
	}
	defer f.Close()
	line, err := readLine(bufio.NewReader(f))
	if err != nil && err != io.EOF {
		return e, err
	}
	return parseLine(bytes.TrimSuffix(line, []byte("\n")))
}
