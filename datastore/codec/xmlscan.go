package codec

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What a byte means in text: plain bytes are copied, the others looked at.
const (
	plainByte = iota
	markByte  // < & ] and carriage return
	highByte  // starts a multi-byte character
	badByte   // not an XML Char
)

var textClass = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c == '<' || c == '&' || c == ']' || c == '\r':
			t[c] = markByte
		case c >= utf8.RuneSelf:
			t[c] = highByte
		case c < ' ' && c != '\t' && c != '\n':
			t[c] = badByte
		}
	}
	return t
}()

// ahead makes n unread bytes available in the window, or reports false.
func (x *XMLReader) ahead(n int) bool {
	for x.end-x.pos < n {
		if !x.fill() {
			return false
		}
	}
	return true
}

// fill reads more into the window, which keeps what is unread (and from keep
// on); false at the end of the input or on an error of the source.
func (x *XMLReader) fill() bool {
	if x.srcErr != nil {
		return false
	}
	from := x.pos
	if x.keep >= 0 {
		from = x.keep
	}
	if from > 0 && (x.end == len(x.buf) || from > len(x.buf)/2) {
		x.lines += bytes.Count(x.buf[:from], []byte{'\n'})
		x.base += int64(from)
		copy(x.buf, x.buf[from:x.end])
		x.end -= from
		x.pos -= from
		x.tokenAt -= from
		if x.keep >= 0 {
			x.keep = 0
		}
	}
	if x.end == len(x.buf) {
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	for range 100 {
		n, err := x.src.Read(x.buf[x.end:])
		x.end += n
		x.srcErr = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	x.srcErr = io.ErrNoProgress
	return false
}

// line is the line the reader stands on. Cost: the window's length.
func (x *XMLReader) line() int {
	return 1 + x.lines + bytes.Count(x.buf[:x.pos], []byte{'\n'})
}

// skipSpace skips white space and tells whether there was some.
func (x *XMLReader) skipSpace() bool {
	skipped := false
	for x.ahead(1) {
		switch x.buf[x.pos] {
		case ' ', '\t', '\n', '\r':
			x.pos++
			skipped = true
		default:
			return skipped
		}
	}
	return skipped
}

// text reads character data up to the next tag: a slice of the window when it
// is plain, else of scratch.
func (x *XMLReader) text() ([]byte, error) {
	x.scratch = x.scratch[:0]
	merged, i := false, 0
	for {
		b := x.buf[x.pos:x.end]
		for i < len(b) && textClass[b[i]] == plainByte {
			i++
		}
		if i+len(x.scratch) > x.limits.Text {
			return nil, x.tooBig("a text is longer than %d bytes", x.limits.Text)
		}
		if i == len(b) {
			if !x.fill() {
				x.pos += i
				return nil, x.unexpectedEnd()
			}
			continue
		}
		if textClass[b[i]] == highByte {
			n, err := x.multibyte(i)
			if err != nil {
				return nil, err
			}
			i += n
			continue
		}
		switch b[i] {
		case ']':
			if x.ahead(i+3) && string(x.buf[x.pos+i:x.pos+i+3]) == "]]>" {
				x.pos += i
				return nil, x.malformed("\"]]>\" must be escaped in text")
			}
			i++
			continue
		case '<':
			if !x.ahead(i + 2) {
				x.pos += i
				return nil, x.unexpectedEnd()
			}
			if c := x.buf[x.pos+i+1]; c != '!' && c != '?' {
				out := x.buf[x.pos : x.pos+i]
				if merged {
					x.scratch = append(x.scratch, out...)
					out = x.scratch
				}
				x.pos += i
				return out, nil
			}
		case '&', '\r':
		default:
			x.pos += i
			return nil, x.badChar(rune(b[i]))
		}
		merged = true
		x.scratch = append(x.scratch, x.buf[x.pos:x.pos+i]...)
		x.pos += i
		i = 0
		if err := x.special(); err != nil {
			return nil, err
		}
	}
}

// special reads what cannot be copied as it is into scratch: a reference, a
// carriage return, CDATA; comments and processing instructions are skipped.
func (x *XMLReader) special() error {
	switch x.buf[x.pos] {
	case '&':
		return x.reference()
	case '\r':
		x.pos++
		if !x.ahead(1) || x.buf[x.pos] != '\n' {
			x.scratch = append(x.scratch, '\n')
		}
		return nil
	}
	cdata, err := x.misc()
	if err != nil || !cdata {
		return err
	}
	body, err := x.until("]]>", "a CDATA section")
	if err != nil {
		return err
	}
	x.scratch = appendLineEnds(x.scratch, body)
	return nil
}

// appendLineEnds appends text with its line ends normalized (XML 1.0 Section 2.11).
func appendLineEnds(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(append(dst, text[:i]...), '\n')
		text = text[i+1:]
		if len(text) > 0 && text[0] == '\n' {
			text = text[1:]
		}
	}
}

// multibyte checks the character at pos+i and returns its length.
func (x *XMLReader) multibyte(i int) (int, error) {
	for !utf8.FullRune(x.buf[x.pos+i : x.end]) {
		if !x.fill() {
			break
		}
	}
	r, n := utf8.DecodeRune(x.buf[x.pos+i : x.end])
	if r == utf8.RuneError && n == 1 {
		x.pos += i
		return 0, x.malformed("the input is not valid UTF-8")
	}
	if !isXMLChar(r) {
		x.pos += i
		return 0, x.badChar(r)
	}
	return n, nil
}

// isXMLChar is the Char production of XML 1.0 Section 2.2.
func isXMLChar(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	case r >= 0xD800 && r <= 0xDFFF, r == 0xFFFE, r == 0xFFFF:
		return false
	}
	return r <= 0x10FFFF
}

func (x *XMLReader) badChar(r rune) error {
	return x.malformed("character U+%04X is not allowed in XML", r)
}

// reference reads "&…;" at pos into scratch.
func (x *XMLReader) reference() error {
	const longest = 12 // &#x0010FFFF;
	n := -1
	for i := 1; i < longest && x.ahead(i+1); i++ {
		if x.buf[x.pos+i] == ';' {
			n = i
			break
		}
	}
	if n < 0 {
		return x.malformed("\"&\" must start a character reference or one of &lt; &gt; &amp; &apos; &quot;")
	}
	name := x.buf[x.pos+1 : x.pos+n]
	if n > 1 && name[0] == '#' {
		r, ok := characterReference(string(name[1:]))
		if !ok {
			return x.malformed("&%s; is not a character of XML", name)
		}
		x.scratch = utf8.AppendRune(x.scratch, r)
	} else {
		c, ok := predefined[string(name)]
		if !ok {
			return x.malformed("entity &%s; is not known; only lt, gt, amp, apos and quot are", name)
		}
		x.scratch = append(x.scratch, c)
	}
	x.pos += n + 1
	return nil
}

var predefined = map[string]byte{"lt": '<', "gt": '>', "amp": '&', "apos": '\'', "quot": '"'}

func characterReference(digits string) (rune, bool) {
	base := 10
	if rest, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = rest, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !isXMLChar(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
