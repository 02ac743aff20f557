package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
)

// A line is the body of a record, an object of JSON that is still open, and the seal: the hash
// of the body, and a code of the hash that only the holder of the key can make. The hash of
// the record before is a part of the body.
const (
	hashName  = `,"hash":"`
	macName   = `","mac":"`
	sealEnd   = `"}`
	hashSize  = 2 * sha256.Size
	macSize   = 32
	sealSize  = len(hashName) + hashSize + len(macName) + macSize + len(sealEnd)
	keySize   = 32
	macDomain = "altoam audit record "
)

// noHash is what the first record has for the hash of the one before.
var noHash = hex.EncodeToString(make([]byte, sha256.Size))

// sealer makes codes with a key. It is for one goroutine at a time.
type sealer struct{ mac hash.Hash }

func newSealer(key []byte) *sealer { return &sealer{hmac.New(sha256.New, key)} }

// seal appends body, from begin on in dst, the seal and the end of the line, and returns the
// hash too.
func (s *sealer) seal(dst []byte, begin int) (line []byte, own string) {
	sum := sha256.Sum256(dst[begin:])
	own = hex.EncodeToString(sum[:])
	dst = append(append(dst, hashName...), own...)
	dst = append(append(append(dst, macName...), s.code(macDomain, own)[:macSize]...), sealEnd...)
	return append(dst, '\n'), own
}

// code authenticates text.
func (s *sealer) code(domain, text string) string {
	s.mac.Reset()
	_, _ = io.WriteString(s.mac, domain)
	_, _ = io.WriteString(s.mac, text)
	var sum [sha256.Size]byte
	return hex.EncodeToString(s.mac.Sum(sum[:0]))
}

// entry is a line that was read.
type entry struct {
	Record
	mac string
}

var errForm = errors.New("it does not have the form of a record")

// parseLine reads a line without its end. The seal must be that of the body; the key is not
// looked at.
func parseLine(line []byte) (entry, error) {
	var e entry
	if len(line) < sealSize || len(line) > maxLine {
		return e, errForm
	}
	body, rest := line[:len(line)-sealSize], line[len(line)-sealSize:]
	code, ok := bytes.CutPrefix(rest, []byte(hashName))
	if !ok || string(code[hashSize:hashSize+len(macName)]) != macName || !bytes.HasSuffix(code, []byte(sealEnd)) {
		return e, errForm
	}
	sum := sha256.Sum256(body)
	own, mac := string(code[:hashSize]), string(code[hashSize+len(macName):hashSize+len(macName)+macSize])
	if own != hex.EncodeToString(sum[:]) {
		return e, errors.New("its hash is not that of its content")
	}
	if err := json.Unmarshal(append(bytes.Clone(body), '}'), &e.Record); err != nil {
		return e, errForm
	}
	e.hash, e.mac = own, mac
	return e, nil
}

// by tells whether the code of the entry was made with the key of s.
func (e *entry) by(s *sealer) bool {
	return hmac.Equal([]byte(e.mac), []byte(s.code(macDomain, e.hash)[:macSize]))
}
