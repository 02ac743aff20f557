package alto

import "bufio"

// dataLine is the length in bytes after which a data line ends at the next chance
// (RFC 8895 Section 9.5).
const dataLine = 8 << 10

// writeEvent writes a server-sent event. parts together are one JSON text; it is
// broken into lines only between tokens, where a client may read a line break.
func writeEvent(w *bufio.Writer, event string, parts ...[]byte) {
	const next = "\ndata: "
	_, _ = w.WriteString("event: ") // errors stay with w
	_, _ = w.WriteString(event)
	_, _ = w.WriteString(next)
	quoted, escaped, length := false, false, 0
	for _, part := range parts {
		start := 0
		for i, c := range part {
			length++
			switch {
			case escaped:
				escaped = false
			case quoted:
				escaped, quoted = c == '\\', c != '"'
			case c == '"':
				quoted = true
			case c == '\n' || c == '\r' || c == ',' && length >= dataLine:
				end := i
				if c == ',' {
					end++
				}
				_, _ = w.Write(part[start:end])
				_, _ = w.WriteString(next)
				start, length = i+1, 0
			}
		}
		_, _ = w.Write(part[start:])
	}
	_, _ = w.WriteString("\n\n")
}

// keepAlive is a comment (RFC 8895 Section 6.8).
const keepAlive = ":\n\n"

// controlEvent is an UpdateStreamControlEvent (RFC 8895 Section 5.3) without members
// that are empty.
type controlEvent struct {
	controlURI       string
	started, stopped []string
	description      string
}

func (e controlEvent) encoded() []byte {
	b := []byte{'{'}
	name := func(s string) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendString(b, s), ':')
	}
	if e.controlURI != "" {
		name("control-uri")
		b = appendString(b, e.controlURI)
	}
	if len(e.started) > 0 {
		name("started")
		b = appendStrings(b, e.started)
	}
	if len(e.stopped) > 0 {
		name("stopped")
		b = appendStrings(b, e.stopped)
	}
	if e.description != "" {
		name("description")
		b = appendString(b, e.description)
	}
	return append(b, '}')
}
