package codec

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// misc reads what begins with "<!" or "<?" at pos: comments and processing
// instructions are skipped, "<![CDATA[" is consumed and reported, the rest refused.
func (x *XMLReader) misc() (cdata bool, err error) {
	const (
		comment = "<!--"
		section = "<![CDATA["
	)
	switch {
	case x.startsWith("<?"):
		return false, x.instruction()
	case x.startsWith(comment):
		x.pos += len(comment)
		if _, err := x.until("--", "a comment"); err != nil {
			return false, err
		}
		if !x.ahead(1) || x.buf[x.pos] != '>' {
			return false, x.malformed("\"--\" may not stand inside a comment")
		}
		x.pos++
		return false, nil
	case x.startsWith(section):
		x.pos += len(section)
		return true, nil
	case x.startsWith("<!DOCTYPE"):
		return false, x.malformed("a document type declaration is not accepted")
	}
	return false, x.malformed("\"<!\" starts neither a comment nor a CDATA section")
}

func (x *XMLReader) startsWith(s string) bool {
	return x.ahead(len(s)) && string(x.buf[x.pos:x.pos+len(s)]) == s
}

// instruction skips a processing instruction.
func (x *XMLReader) instruction() error {
	x.pos += 2
	target, err := x.qname()
	if err != nil {
		return err
	}
	if strings.EqualFold(target.raw, "xml") {
		return x.malformed("the XML declaration may only stand at the beginning")
	}
	if x.startsWith("?>") {
		x.pos += 2
		return nil
	}
	if !x.skipSpace() {
		return x.malformed("white space must follow the target of a processing instruction")
	}
	_, err = x.until("?>", "a processing instruction")
	return err
}

// until returns what stands before end, checked to be XML characters, and
// consumes both. The bytes are valid until the window moves.
func (x *XMLReader) until(end, what string) ([]byte, error) {
	for i := 0; ; {
		b := x.buf[x.pos:x.end]
		if n := bytes.Index(b[i:], []byte(end)); n >= 0 {
			body := b[:i+n]
			x.pos += len(body) + len(end)
			return body, x.checkChars(body)
		}
		i = max(0, len(b)-len(end)+1)
		if len(b) > x.limits.Text {
			return nil, x.tooBig("%s is longer than %d bytes", what, x.limits.Text)
		}
		if !x.fill() {
			return nil, x.malformed("%s does not end", what)
		}
	}
}

func (x *XMLReader) checkChars(b []byte) error {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			if textClass[b[i]] == badByte {
				return x.badChar(rune(b[i]))
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return x.malformed("the input is not valid UTF-8")
		}
		if !isXMLChar(r) {
			return x.badChar(r)
		}
		i += n
	}
	return nil
}

// declaration is XMLDecl of XML 1.0 Section 2.8, between "<?xml" and "?>".
var declaration = regexp.MustCompile(`^[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')` +
	`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][A-Za-z0-9._-]*)"|'([A-Za-z][A-Za-z0-9._-]*)'))?` +
	`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*$`)

// prolog reads a byte order mark and the XML declaration. White space before
// the declaration is tolerated: NETCONF 1.0 peers send a line end behind "]]>]]>".
func (x *XMLReader) prolog() error {
	if x.startsWith("\ufeff") {
		x.pos += len("\ufeff")
	}
	x.skipSpace()
	if !x.startsWith("<?xml") || !x.ahead(6) || !isSpace(x.buf[x.pos+5]) {
		return nil
	}
	x.pos += len("<?xml")
	body, err := x.until("?>", "the XML declaration")
	if err != nil {
		return err
	}
	m := declaration.FindSubmatch(body)
	if m == nil {
		return x.malformed("the XML declaration must read <?xml version=\"1.0\" encoding=\"UTF-8\"?>")
	}
	if enc := string(m[1]) + string(m[2]); enc != "" && !strings.EqualFold(enc, "UTF-8") && !strings.EqualFold(enc, "US-ASCII") {
		return x.malformed("encoding %s is not supported; it must be UTF-8", enc)
	}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
