package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// headFile is the name of the file with the head.
const headFile = "head"

// headSize is its size: one sector, which is written as a whole or not at all.
const headSize = 512

// place is a record in the chain; the zero place comes before the first.
type place struct {
	Sequence uint64 `json:"seq"`
	Hash     string `json:"hash,omitempty"`
	Commit   uint64 `json:"commit,omitempty"` // the newest on record so far
}

// next is the hash that the record after p names.
func (p place) next() string {
	if p.Sequence == 0 {
		return noHash
	}
	return p.Hash
}

// after is the place of r, which comes next and has that hash.
func (p place) after(r *Record, hash string) place {
	switch {
	case r.Commit == 0:
	case r.Recovered:
		p.Commit = max(p.Commit, r.Commit)
	default: // less than before, where the store was put back
		p.Commit = r.Commit
	}
	p.Sequence, p.Hash = r.Sequence, hash
	return p
}

// head says how far the record goes: to Durable at least whatever happened to the machine, and
// to Tip where it has not been started since.
type head struct {
	Durable place  `json:"durable"`
	Tip     place  `json:"tip"`
	Boot    string `json:"boot"`
	// Lost is how many records could not be written and are not on record as lost yet. The head
	// has its room on the disk, so that a full one does not keep this from it.
	Lost uint64 `json:"lost,omitempty"`
}

// least is the record up to which none may be missing.
func (h *head) least() place {
	if h.Boot != "" && h.Boot == boot() {
		return h.Tip
	}
	return h.Durable
}

const headDomain = "altoam audit head "

// encode is the content of the file.
func (h *head) encode(s *sealer) []byte {
	text, err := json.Marshal(h)
	if err != nil {
		panic(err) // it has no part that could not be encoded
	}
	text = fmt.Appendf(nil, `{"head":%s,"mac":"%s"}`, text, s.code(headDomain, string(text)))
	return append(append(text, bytes.Repeat([]byte{' '}, headSize-1-len(text))...), '\n')
}

// Errors of readHead besides those of the file.
var (
	errNoHead   = errors.New("it does not have the form of a head")
	errHeadCode = errors.New("it was not written with this key")
)

// readHead reads the head in a folder. A nil sealer leaves the code alone.
func readHead(dir string, s *sealer) (h head, err error) {
	f, err := openToRead(filepath.Join(dir, headFile))
	if err != nil {
		return h, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, headSize+1))
	if err != nil {
		return h, err
	}
	var file struct {
		Head json.RawMessage `json:"head"`
		MAC  string          `json:"mac"`
	}
	if len(text) != headSize || json.Unmarshal(text, &file) != nil || json.Unmarshal(file.Head, &h) != nil {
		return head{}, errNoHead
	}
	switch {
	case s != nil && file.MAC != s.code(headDomain, string(file.Head)):
		return head{}, errHeadCode
	case s != nil && !bytes.Equal(text, h.encode(s)):
		return head{}, errNoHead
	}
	return h, nil
}

// openHead opens the file to be written over. Where there is none it is made as a whole: first.
func openHead(dir string, first []byte) (*os.File, error) {
	path := filepath.Join(dir, headFile)
	const flags = os.O_RDWR | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	f, err := os.OpenFile(path, flags, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if f, err = os.OpenFile(path+".new", flags|os.O_CREATE|os.O_TRUNC, fileMode); err != nil {
		return nil, err
	}
	_, err = f.Write(first)
	if err = errors.Join(err, f.Sync(), f.Close(), os.Rename(path+".new", path)); err != nil {
		return nil, err
	}
	return os.OpenFile(path, flags, 0) // under its name
}

// boot names the time since the machine was started.
func boot() string {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text[:min(len(text), 40)]))
}
