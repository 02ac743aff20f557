package alto

import (
	"bufio"
	"bytes"
	"iter"
)

// dataLine is the length in bytes after which a data line ends at the next chance
// (RFC 8895 Section 9.5).
const dataLine = 8 << 10

// nextLine goes on with the data of an event.
const nextLine = "\ndata: "

// writeEvent writes a server-sent event. parts together are one text, each of which
// begins and ends between tokens of JSON or lines. It is broken into lines only there.
func writeEvent(w *bufio.Writer, event string, parts ...[]byte) {
	_, _ = w.WriteString("event: ") // errors stay with w
	_, _ = w.WriteString(event)
	_, _ = w.WriteString(nextLine)
	length := 0
	for _, part := range parts {
		begun := false
		for line := range linesOf(part) {
			if begun {
				_, _ = w.WriteString(nextLine)
				length = 0
			}
			begun, length = true, writeLine(w, line, length)
		}
	}
	_, _ = w.WriteString("\n\n")
}

// linesOf yields what stands between line breaks: a newline or carriage return each.
func linesOf(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for part := range bytes.SplitSeq(text, []byte{'\n'}) {
			for line := range bytes.SplitSeq(part, []byte{'\r'}) {
				if !yield(line) {
					return
				}
			}
		}
	}
}

// writeLine writes text to a line that has so many bytes already, and as many lines more
// as it takes, and returns the length of the last one.
func writeLine(w *bufio.Writer, text []byte, length int) int {
	for len(text) > 0 {
		end, ends := lineEnd(text, dataLine-length)
		_, _ = w.Write(text[:end])
		text, length = text[end:], length+end
		if ends {
			_, _ = w.WriteString(nextLine)
			length = 0
		}
	}
	return length
}

// lineEnd returns the end of the first line of text, which begins between tokens: behind
// a comma between tokens that is at this place or further on. ends is false where the
// text ends first.
func lineEnd(text []byte, place int) (end int, ends bool) {
	place = max(place, 0)
	if place >= len(text) {
		return len(text), false
	}
	s := stringState(text[:place])
	for i, c := range text[place:] {
		if s = s.after(c); c == ',' && s == outside {
			return place + i + 1, true
		}
	}
	return len(text), false
}

// inString tells where in a JSON text a byte is.
type inString uint8

const (
	outside inString = iota
	inside
	escaped // the byte before is a backslash
)

func (s inString) after(c byte) inString {
	switch {
	case s == escaped:
		return inside
	case s == inside && c == '\\':
		return escaped
	case c == '"':
		return inside - s
	}
	return s
}

// stringState returns the state behind text.
func stringState(text []byte) (s inString) {
	if bytes.IndexByte(text, '\\') < 0 {
		return inString(bytes.Count(text, []byte{'"'}) % 2)
	}
	for _, c := range text {
		s = s.after(c)
	}
	return s
}

// keepAlive is a comment (RFC 8895 Section 6.8).
const keepAlive = ":\n\n"

// controlEvent is an UpdateStreamControlEvent (RFC 8895 Section 5.3) without members
// that are empty.
type controlEvent struct {
	first            bool // has controlURI, null where that is ""
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
	switch {
	case e.controlURI != "":
		name("control-uri")
		b = appendString(b, e.controlURI)
	case e.first:
		name("control-uri")
		b = append(b, "null"...)
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
