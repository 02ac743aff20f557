package restconf

import (
	"errors"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// nesting follows how deep the objects of a JSON text are nested as it comes in.
type nesting struct {
	depth   int
	text    bool // within a string
	escaped bool
}

// scan tells whether p, which follows on what was scanned before, goes no deeper than
// most. Cost is linear. What is no JSON it leaves to the decoder.
func (n *nesting) scan(p []byte, most int) bool {
	for _, c := range p {
		switch {
		case n.escaped:
			n.escaped = false
		case n.text:
			n.text, n.escaped = c != '"', c == '\\'
		case c == '"':
			n.text = true
		case c == '}':
			n.depth--
		case c == '{':
			if n.depth++; n.depth > most {
				return false
			}
		}
	}
	return true
}

// countContent counts an error about what is within a message-body: that it is nested
// too deep, or has a name, text or number of attributes beyond all need.
func (s *Server) countContent(err error) {
	var e *rpcerr.Error
	var counted *statusError
	if !errors.As(err, &counted) && errors.As(err, &e) && e.Tag == rpcerr.TooBig {
		s.metrics.limited.WithLabelValues("body-content").Inc()
	}
}
