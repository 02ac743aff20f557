package netconf

import (
	"bytes"
	"strings"
)

// textEscaper and attrEscaper escape what consists of XML characters, in
// character data and in a double-quoted attribute value.
var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;", `"`, "&quot;", "\n", "&#10;", "\t", "&#9;")
)

// escape appends text as character data. What is no XML character is replaced.
func escape(b *bytes.Buffer, text string) { b.WriteString(textEscaper.Replace(xmlChars(text))) }

// appendAttr appends name="value" with a space before.
func appendAttr(b *bytes.Buffer, name, value string) {
	b.WriteString(" " + name + `="` + attrEscaper.Replace(value) + `"`)
}

// xmlChars replaces what the Char production of XML 1.0 does not have.
func xmlChars(text string) string {
	const replacement = '\uFFFD'
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return replacement
		}
		return r
	}, text)
}
