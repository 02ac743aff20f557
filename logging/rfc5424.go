package logging

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a message, in octets.
const (
	maxMessage = 4096
	maxValue   = 2048
	maxParams  = 32
)

// DocumentationEnterprise is the private enterprise number of RFC 5612, which stands
// for no enterprise.
const DocumentationEnterprise = 32473

// Header is what the messages of a target have in common.
type Header struct {
	// Facility is that of all messages; nil: that of the kind of the record.
	Facility *Facility
	Hostname string
	AppName  string
	// ProcID is the number of the process.
	ProcID int
	// Enterprise is the private enterprise number of structured data.
	Enterprise uint32
}

func (h *Header) facility(k Kind) Facility {
	if h.Facility != nil {
		return *h.Facility
	}
	return k.facility()
}

func (h *Header) pri(dst []byte, r *Record) []byte {
	dst = append(dst, '<')
	dst = strconv.AppendUint(dst, uint64(h.facility(r.Kind))<<3|uint64(r.Severity), 10)
	return append(dst, '>')
}

// AppendRFC5424 appends r as a SYSLOG-MSG of RFC 5424 Section 6. It holds no control
// characters: they are written as a number sign and three octal digits. What is longer than
// the bounds is cut off.
func AppendRFC5424(dst []byte, h *Header, r *Record) []byte {
	dst = h.pri(dst, r)
	dst = append(dst, "1 "...)
	dst = r.Time.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z07:00")
	dst = appendName(append(dst, ' '), h.Hostname, 255)
	dst = appendName(append(dst, ' '), h.AppName, 48)
	dst = strconv.AppendInt(append(dst, ' '), int64(h.ProcID), 10)
	dst = appendName(append(dst, ' '), r.Kind.String(), 32)
	dst = appendData(append(dst, ' '), h, r)
	if r.Message == "" {
		return dst
	}
	dst = append(dst, ' ')
	if !ascii(r.Message) {
		dst = append(dst, "\xef\xbb\xbf"...)
	}
	return appendText(dst, r.Message, maxMessage, "")
}

// appendData appends STRUCTURED-DATA (RFC 5424 Section 6.3).
func appendData(dst []byte, h *Header, r *Record) []byte {
	if len(r.Params) == 0 {
		return append(dst, '-')
	}
	dst = append(append(dst, '['), r.Kind.String()...)
	dst = strconv.AppendUint(append(dst, '@'), uint64(h.Enterprise), 10)
	for _, p := range r.Params[:min(len(r.Params), maxParams)] {
		dst = appendParamName(append(dst, ' '), p.Name)
		dst = appendText(append(dst, `="`...), p.Value, maxValue, `"\]`)
		dst = append(dst, '"')
	}
	return append(dst, ']')
}

// appendName appends at most limit of the printable ASCII characters of s, or the nil value.
func appendName(dst []byte, s string, limit int) []byte {
	begin := len(dst)
	for i := 0; i < len(s) && len(dst)-begin < limit; i++ {
		if s[i] > ' ' && s[i] < 0x7f {
			dst = append(dst, s[i])
		}
	}
	if len(dst) == begin {
		dst = append(dst, '-')
	}
	return dst
}

func appendParamName(dst []byte, s string) []byte {
	return appendName(dst, strings.Map(func(r rune) rune {
		if strings.ContainsRune(`= ]"`, r) {
			return '_'
		}
		return r
	}, s), 32)
}

// appendText appends at most limit octets of s as UTF-8 without control characters, and the
// characters in escaped with a backslash before them.
func appendText(dst []byte, s string, limit int, escaped string) []byte {
	for i, c := range s {
		size := utf8.RuneLen(c)
		if i+size > limit {
			return append(dst, "..."...)
		}
		switch {
		case c < ' ' || c == 0x7f:
			dst = append(dst, '#', '0'+byte(c>>6), '0'+byte(c>>3&7), '0'+byte(c&7))
		case strings.ContainsRune(escaped, c):
			dst = append(dst, '\\', byte(c))
		default:
			dst = utf8.AppendRune(dst, c)
		}
	}
	return dst
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendLocal appends r in the form that the syslog of a host takes on its socket: PRI,
// time stamp, tag and text (RFC 3164 Section 4.1 without the host). The parameters stand in
// the text.
func appendLocal(dst []byte, h *Header, r *Record) []byte {
	dst = h.pri(dst, r)
	dst = r.Time.Local().AppendFormat(dst, time.Stamp)
	dst = appendName(append(dst, ' '), h.AppName, 48)
	dst = strconv.AppendInt(append(dst, '['), int64(h.ProcID), 10)
	return appendPlain(append(dst, "]: "...), r)
}

// appendPlain appends the message and the parameters as text.
func appendPlain(dst []byte, r *Record) []byte {
	dst = appendText(dst, r.Message, maxMessage, "")
	for _, p := range r.Params[:min(len(r.Params), maxParams)] {
		dst = appendParamName(append(dst, ' '), p.Name)
		dst = append(dst, '=')
		if p.Value != "" && !strings.ContainsAny(p.Value, "\" \t\n\r=") {
			dst = appendText(dst, p.Value, maxValue, "")
			continue
		}
		dst = appendText(append(dst, '"'), p.Value, maxValue, `"\`)
		dst = append(dst, '"')
	}
	return dst
}
