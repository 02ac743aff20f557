package restconf

import (
	"bufio"
	"io"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// unwrap reads the beginning of a JSON object up to the value of its one member,
// which must have that name, and returns what reads the value as it streams by.
// Bytes of the object itself are read as spaces, so that positions in errors stay
// true; what else follows the value is passed on, for the decoder to refuse.
func unwrap(r *bufio.Reader, name string) (io.Reader, error) {
	u := &unwrapper{r: r}
	if err := u.expect('{'); err != nil {
		return nil, err
	}
	if err := u.expect('"'); err != nil {
		return nil, err
	}
	got, err := u.name()
	if err != nil {
		return nil, err
	}
	if got != name {
		return nil, wrongEnvelope(name, got)
	}
	return u, u.expect(':')
}

type unwrapper struct {
	r       *bufio.Reader
	skipped int // bytes of the beginning
	depth   int // of what is open in the value
	text    bool
	escaped bool
	closed  bool
}

// expect reads white space and one byte.
func (u *unwrapper) expect(want byte) error {
	for {
		c, err := u.r.ReadByte()
		u.skipped++
		switch {
		case err != nil:
			return malformedJSON("ends too early")
		case c == want:
			return nil
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return malformedJSON("must be an object with one member")
		}
	}
}

// name reads a member name behind its first quote; one with escapes is no name.
func (u *unwrapper) name() (string, error) {
	const limit = 256
	var name []byte
	for len(name) < limit {
		c, err := u.r.ReadByte()
		u.skipped++
		switch {
		case err != nil:
			return "", malformedJSON("ends too early")
		case c == '"':
			return string(name), nil
		}
		name = append(name, c)
	}
	return "", malformedJSON("must be an object with one member")
}

func malformedJSON(what string) error {
	return &rpcerr.Error{Type: rpcerr.RPC, Tag: rpcerr.MalformedMessage, Message: "JSON: the body " + what}
}

// Read implements io.Reader.
func (u *unwrapper) Read(p []byte) (int, error) {
	if u.skipped > 0 {
		n := min(u.skipped, len(p))
		for i := range n {
			p[i] = ' '
		}
		u.skipped -= n
		return n, nil
	}
	n, err := u.r.Read(p)
	for i := range n {
		u.step(&p[i])
	}
	if err == io.EOF && !u.closed {
		return n, malformedJSON("ends too early")
	}
	return n, err
}

// step follows the nesting and blanks the brace that closes the object.
func (u *unwrapper) step(c *byte) {
	switch {
	case u.escaped:
		u.escaped = false
	case u.text:
		u.text, u.escaped = *c != '"', *c == '\\'
	case *c == '"':
		u.text = true
	case *c == '{' || *c == '[':
		u.depth++
	case *c == '}' && u.depth == 0 && !u.closed:
		u.closed, *c = true, ' '
	case *c == '}' || *c == ']':
		u.depth--
	}
}
